"""The demo's only own part: putting the samples into the drop folder, each once."""

from __future__ import annotations

import hashlib
from pathlib import Path

from sqlalchemy import select

from models.tables import DocumentRow
from pipeline.store import Store


def copy_samples(store: Store, samples: Path) -> int:
    """Drop the samples whose bytes the store does not know yet, each whole from the first moment (by rename)."""
    with store.reading() as session:
        known = set(session.scalars(select(DocumentRow.sha256)))
    count = 0
    for sample in sorted(path for path in samples.iterdir() if path.is_file()):
        data = sample.read_bytes()
        if hashlib.sha256(data).hexdigest() in known:
            continue
        temporary = store.settings.inbox / f".{sample.name}.part"
        temporary.write_bytes(data)
        temporary.replace(store.settings.inbox / sample.name)
        count += 1
    return count
