"""Loading: from a document's fields to the rows that integrators read, once, in the caller's transaction."""

from pipeline.load.upsert import business_key_holder, load

__all__ = ["business_key_holder", "load"]
