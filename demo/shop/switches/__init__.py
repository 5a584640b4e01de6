"""The switches of the demo page: each breaks one thing in the shop for real.

Whether one is on is looked up in the shop each time, so a button in the chat that repairs the
trouble turns its switch off as well.
"""
