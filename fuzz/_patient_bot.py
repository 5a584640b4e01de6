"""`python -m bot`, but strangers may come as often as they like: a fuzzer is many strangers."""

from bot.__main__ import app
from bot.web import gate

if __name__ == "__main__":
    gate.STRANGERS_PER_SECOND = gate.STRANGERS_BURST = 1_000_000.0
    app()
