"""Loading: from a document's fields to the rows that integrators read, once, in the caller's transaction."""

from pipeline.load.recall import recall
from pipeline.load.upsert import business_key_holder, holder_of_key, load

__all__ = ["business_key_holder", "holder_of_key", "load", "recall"]
