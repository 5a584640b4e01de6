"""The stand-in for `sovani-scheduler`."""
