"""SoVAni Ops: a Telegram-first ChatOps assistant for marketplace sellers."""
