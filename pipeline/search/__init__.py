"""Finding a document by what stands on it, by its fields, its sender, an amount, a date or its state."""

from pipeline.search.facts import NOTHING, Facts, facts
from pipeline.search.find import Found, Wanted, find
from pipeline.search.index import index_document, index_missing, index_name
from pipeline.search.terms import unknown_fields

__all__ = [
    "NOTHING",
    "Facts",
    "Found",
    "Wanted",
    "facts",
    "find",
    "index_document",
    "index_missing",
    "index_name",
    "unknown_fields",
]
