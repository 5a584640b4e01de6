"""The stand-in for `sovani-web-api`."""
