"""Housekeeping: give back what lost workers held, finish what a crash left half-done, forget what is only a cache.

`verify` is command, schedule and test helper at once: it says what is not as it must be, and mends nothing.
Nothing here deletes a document, its bytes or its ledger.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from models.document_types import UNKNOWN
from models.errors import StoreUnavailable
from models.states import State
from models.tables import HEADER_TABLES, DocumentRow, EventRow, LeaseRow
from pipeline.intake import mend, take_in_abandoned
from pipeline.page_cache import prune
from pipeline.search import index_missing
from pipeline.store import Store, clock, hash_of, is_lost

RENDITION_DAYS = 30
_LEFTOVER_SECONDS = 3600.0  # no copy into the vault takes so long


def tidy(store: Store) -> dict[str, int]:
    """Do all of it; safe at any time and beside any number of workers.

    Returns:
        Counts: ``leases`` dropped, ``claims`` taken up that a dead worker left, ``reasons`` written or
        withdrawn, ``renditions``, ``cached`` pages and ``leftovers`` (half-written copies) deleted, documents
        ``indexed`` that search did not know (those from before there was a search).

    Raises:
        StoreUnavailable: the database does not answer or the disk can't be written.
    """
    try:
        return {
            "leases": _drop_lost_leases(store),
            "claims": len(take_in_abandoned(store).entries),
            "reasons": mend(store),
            "renditions": _delete_older(_files(store.settings.renditions), RENDITION_DAYS * 86_400.0),
            "cached": prune(store.settings),
            "indexed": index_missing(store),
            "leftovers": _delete_older(_leftovers(store), _LEFTOVER_SECONDS),
        }
    except OSError as error:
        raise StoreUnavailable(f"The disk of {store.settings.home} can't be used: {error.strerror}.") from error


def verify(store: Store) -> list[str]:
    """What is wrong with the store, one sentence each; empty where all is well.

    Every document has its bytes, and they have its hash; every loaded document has its row, or another document
    has taken it over; every row belongs to a loaded document; the vault holds nothing that nobody knows.
    Reads the whole vault.
    """
    problems: list[str] = []
    with store.reading() as session:
        known: set[str] = set()
        for document_id, sha256 in session.execute(select(DocumentRow.id, DocumentRow.sha256).order_by(DocumentRow.id)):
            known.add(sha256)
            problems += _bytes(store, document_id, sha256)
        problems += _rows(session)
    for path in _files(store.settings.vault):
        if not path.name.startswith("incoming-") and path.name not in known and _age(path) > _LEFTOVER_SECONDS:
            problems.append(f"The vault holds {path.name[:16]}…, which is of no document.")
    return problems


def _bytes(store: Store, document_id: int, sha256: str) -> list[str]:
    try:
        if hash_of(store.vault.path(sha256)) != sha256:
            return [f"The bytes of document {document_id} have rotted: {store.vault.path(sha256)}."]
    except FileNotFoundError:
        return [f"The bytes of document {document_id} are missing: {store.vault.path(sha256)}."]
    return []


def _rows(session: Session) -> list[str]:
    problems: list[str] = []
    superseded = _superseded(session)
    for name, table in HEADER_TABLES.items():
        is_type = DocumentRow.type == name
        if name == UNKNOWN:
            is_type |= DocumentRow.type.is_(None)
        missing = (
            select(DocumentRow.id)
            .outerjoin(table, table.c.document_id == DocumentRow.id)
            .where(is_type, DocumentRow.state == State.LOADED, table.c.id.is_(None))
            .order_by(DocumentRow.id)
        )
        problems += [
            f"Document {one} is loaded but has no row in {table.name}."
            for one in session.scalars(missing)
            if one not in superseded
        ]
        ghosts = (
            select(table.c.document_id)
            .join(DocumentRow, DocumentRow.id == table.c.document_id)
            .where((DocumentRow.state != State.LOADED) | ~is_type)
            .order_by(table.c.document_id)
        )
        problems += [
            f"{table.name} has a row of document {one}, which is not loaded as that." for one in session.scalars(ghosts)
        ]
    return problems


def _superseded(session: Session) -> set[int | None]:
    """The documents whose row another one has taken over since they were loaded the last time."""
    last: dict[str, dict[int | None, int]] = {}
    for kind in ("superseded", State.LOADED.value):
        query = select(EventRow.document_id, func.max(EventRow.id)).where(EventRow.kind == kind)
        last[kind] = {row[0]: row[1] for row in session.execute(query.group_by(EventRow.document_id))}
    loaded = last[State.LOADED.value]
    return {one for one, event in last["superseded"].items() if event > loaded.get(one, 0)}


def _drop_lost_leases(store: Store) -> int:
    with store.transaction() as session:
        now = clock.now()
        leases = session.execute(select(LeaseRow.document_id, LeaseRow.owner, LeaseRow.expires_at)).all()
        gone = [(one.document_id, one.owner) for one in leases if one.expires_at < now or is_lost(one.owner)]
        dropped = 0
        for document_id, owner in gone:
            dropped += session.execute(
                delete(LeaseRow).where(
                    LeaseRow.document_id == document_id,
                    LeaseRow.owner == owner,
                    # an expired one may have been renewed since we looked
                    (LeaseRow.expires_at < now) if not is_lost(owner) else LeaseRow.owner == owner,
                )
            ).rowcount  # type: ignore[attr-defined]
    return dropped


def _files(folder: Path) -> Iterator[Path]:
    for root, _, names in os.walk(folder):
        yield from (Path(root) / name for name in sorted(names))


def _leftovers(store: Store) -> Iterator[Path]:
    yield from store.settings.vault.glob("incoming-*")
    yield from store.settings.quarantine.glob(".incoming-*")
    yield from store.settings.cache.glob("*/*/.new-*")


def _delete_older(files: Iterator[Path], seconds: float) -> int:
    """Delete files whose age is known to be more than ``seconds``; one from the future is left alone."""
    count = 0
    for path in files:
        if _age(path) > seconds:
            with contextlib.suppress(FileNotFoundError):
                path.unlink()
                count += 1
    return count


def _age(path: Path) -> float:
    try:
        return clock.timestamp() - path.lstat().st_ctime
    except FileNotFoundError:
        return 0.0
