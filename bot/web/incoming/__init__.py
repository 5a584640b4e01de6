"""What other programs send: pure readers of their formats, and the endpoints that use them."""
