"""SoVAni Ops: a Telegram-first ChatOps assistant for marketplace sellers."""

__version__ = "0.1.0"
