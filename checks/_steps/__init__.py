"""The lines of the operators' runbooks, one file a check, in the order of their document.

A check of a few lines has them in its own file. Texts: `templates/<check>/runbook.html.j2`.
"""
