"""One file a schema change, oldest first by number."""
