"""The shop's database: what is in it and how it is made."""
