"""What Alembic runs, on the connection and in the transaction that `schema_version` hands over."""

from __future__ import annotations

from alembic import context

from gateway.store.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    transactional_ddl=True,
    render_as_batch=True,
)
context.run_migrations()
