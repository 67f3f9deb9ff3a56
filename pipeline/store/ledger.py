"""State changes and the ledger: every change of a document goes through `move` or is told to `record`."""

from __future__ import annotations

from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from models.errors import Conflict
from models.messages import say
from models.states import State, check_move
from models.tables import DocumentRow, EventRow
from pipeline.store import clock


def record(session: Session, document_id: int | None, actor: str, kind: str, **data: Any) -> None:
    """Write one event into the ledger. ``data`` holds codes, counts and names of fields, never their values."""
    session.add(EventRow(document_id=document_id, at=clock.now(), actor=actor, kind=kind, data=data))


def move(session: Session, document: DocumentRow, state: State, actor: str, **data: Any) -> None:
    """Bring ``document`` into ``state`` by compare-and-swap on its version, and tell the ledger.

    Changes of other columns made on ``document`` before are flushed first, in the same transaction.

    Raises:
        IllegalMove: the states do not allow it.
        Conflict: someone changed the document since it was read.
    """
    before = State(document.state)
    check_move(before, state)
    session.flush()
    changed = session.execute(
        update(DocumentRow)
        .where(DocumentRow.id == document.id, DocumentRow.version == document.version, DocumentRow.state == before)
        .values(state=state, version=document.version + 1, changed_at=clock.now())
        .execution_options(synchronize_session=False)
    )
    if changed.rowcount != 1:  # type: ignore[attr-defined]
        message = say(
            "Document {number} was changed by someone else in the meantime. Look at it again.", number=document.id
        )
        raise Conflict(message)
    session.refresh(document)
    record(session, document.id, actor, state.value, before=before.value, **data)
