"""The readers of foreign bytes, one a file."""
