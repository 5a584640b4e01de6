"""Alembic's entry: it gets the store's own connection and never opens one."""

from alembic import context

from bot.edges.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite cannot alter most things in place
)
context.run_migrations()
