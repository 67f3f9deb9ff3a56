"""The reversing entry: a loaded document's rows go out of the destination again, and the ledger says so.

The rows are removed rather than marked, so that a sum over the table is right for a reader who knows nothing of
recalls; whoever has copied a row finds it in ``recalled_rows``, with the id that it had, when, by whom and why.
"""

from __future__ import annotations

from sqlalchemy import delete
from sqlalchemy.orm import Session

from models.document_types import UNKNOWN
from models.states import State
from models.tables import HEADER_TABLES, DocumentRow, RecallRow
from pipeline.store import clock, move, record


def recall(session: Session, document: DocumentRow, actor: str, reason: str) -> bool:
    """Remove a document's destination rows and move it to REVIEW; the caller's transaction commits all or nothing.

    A row that another document has taken over since (``superseded``) is that one's and stays; a row that this
    document took over from another does not come back by itself: that one must be recalled and loaded again.

    Returns:
        Whether there was a row to remove.

    Raises:
        IllegalMove: the document is not loaded.
        Conflict: someone changed it since it was read.
    """
    table = HEADER_TABLES[document.type or UNKNOWN]
    move(session, document, State.REVIEW, actor)  # first, since it is what finds out that somebody was quicker
    # its lines go with it (ON DELETE CASCADE)
    row = session.execute(
        delete(table)
        .where(table.c.document_id == document.id)
        .returning(table.c.id, table.c.business_key, table.c.loaded_at)
    ).one_or_none()
    if row is not None:
        session.add(
            RecallRow(
                document_id=document.id,
                table_name=table.name,
                row_id=row.id,
                business_key=row.business_key,
                loaded_at=row.loaded_at,
                recalled_at=clock.now(),
                recalled_by=actor,
                reason=reason,
            )
        )
    record(session, document.id, actor, "recalled", table=table.name, row=row.id if row else None, reason=reason)
    return row is not None
