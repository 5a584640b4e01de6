"""Telegram, as the rest of the product needs it."""
