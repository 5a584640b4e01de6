"""A whole shop on a laptop: everything the assistant watches, and a Telegram to talk to it in."""
