"""What goes back: a decision before it is loaded, a sending back, and, by a supervisor, a loaded row."""

from __future__ import annotations

import contextlib

from models.errors import Conflict, NotFound
from models.messages import say
from models.states import State
from models.tables import DocumentRow
from pipeline.checkpoint import checkpoint
from pipeline.intake.quarantine import withdraw
from pipeline.load import recall as reverse
from pipeline.review import four_eyes
from pipeline.review.decide import hold, reason_of
from pipeline.review.stored import decision_of
from pipeline.store import Store, move, record

_RECALLED = "Recalled: "


def take_back(store: Store, document_id: int, version: int, reviewer: str) -> None:
    """Take one's own decision back: the first of two, before a second person has confirmed it, or a sending back.

    What was corrected stays. A document that was sent back waits for review again, and its copy in the quarantine
    folder goes.

    Raises:
        NotFound: no such document.
        Conflict: there is no such decision of ``reviewer``, or someone was quicker.
    """
    with store.transaction() as session:
        document = session.get(DocumentRow, document_id, with_for_update=True)
        rejected = document is not None and document.state == State.REJECTED
        if document is not None and rejected:
            decided = decision_of(session, document_id)
            if decided is None or decided.by != reviewer or document.version != version:
                raise Conflict(say("You have not sent this document back; there is nothing to take back."))
            document.quarantine_code, document.quarantine_message = None, None
            move(session, document, State.REVIEW, reviewer)
        else:
            document = hold(session, store, document_id, version, reviewer, first_may=True)
            first = four_eyes.first_of(session, document_id)
            if first is None or first.by != reviewer:
                raise Conflict(say("You have not decided on this document; there is nothing to take back."))
            four_eyes.take_back(session, document)
        record(session, document_id, reviewer, "review-taken-back")
    if rejected:
        with contextlib.suppress(OSError):  # housekeeping tries the folder again
            withdraw(store, document_id)


def recall(store: Store, document_id: int, version: int, supervisor: str, reason: str) -> bool:
    """Take a loaded document back for review: its row goes out of the destination, with a reversing entry.

    Returns:
        Whether a row was removed; False where another document had taken it over.

    Raises:
        NotFound: no such document.
        Conflict: it is not loaded, or someone changed it since it was seen.
        InvalidValue: no reason is given.
    """
    reason = reason_of(reason, say("Say why it is recalled; the ledger keeps it."))
    with store.transaction() as session:
        document = session.get(DocumentRow, document_id, with_for_update=True)
        if document is None:
            raise NotFound(say("There is no document {number}.", number=document_id))
        if document.state != State.LOADED or document.version != version:
            raise Conflict(say("This document is not loaded as you saw it. Look at it again."))
        before = [one for one in document.reasons if not one.startswith(_RECALLED)]
        document.reasons = [say("Recalled: {reason}", reason=reason), *before]
        removed = reverse(session, document, supervisor, reason)
        checkpoint("before_commit")
    checkpoint("after_review_save")
    return removed
