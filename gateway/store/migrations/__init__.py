"""MIGRATIONS: the steps from an empty database to the schema, in order; Alembic runs them."""
