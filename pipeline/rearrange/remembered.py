"""What was read of a page goes on with it: a page that lies in a new file as it lay before is not read again.

The words of a page depend on its content and on how it lies, and both are the same where nobody turned it, so the
cache's entry is copied under the new file's hash. Pages that a person turned are read anew.
"""

from __future__ import annotations

from collections.abc import Mapping

from models.settings import Settings
from models.tables import DocumentRow
from pipeline.page_cache import shelf
from pipeline.reading.known import renumbered
from pipeline.rearrange.compose import PDF
from pipeline.rearrange.plan import Output


def carry_over(settings: Settings, sources: Mapping[int, DocumentRow], output: Output, sha256: str) -> int:
    """Copy what the cache knows of an output's pages; returns of how many. Only a cache: nothing depends on it."""
    target = shelf(settings, sha256, PDF)
    if target is None:
        return 0
    count = 0
    shelves = {one.id: shelf(settings, one.sha256, one.media_type or "") for one in sources.values()}
    for place, one in enumerate(output, start=1):
        before = shelves[one.source]
        data = before.get(f"page-{one.number}") if before is not None and not one.turn else None
        entry = renumbered(data, place) if data is not None else None
        if entry is not None:
            target.put(f"page-{place}", entry)
            count += 1
    return count
