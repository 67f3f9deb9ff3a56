"""The history of the database's schema (Alembic); `pipeline.store.Store.migrate` runs it."""
