"""A locked PDF and a person who knows its password: an unlocked copy becomes a new document, the original stays.

The password is tried in the cage and kept nowhere: not in the database, the ledger or a log. From then on the vault
holds the unlocked copy too, as it holds everything that was read: whoever may read the vault may read it.
"""

from __future__ import annotations

import contextlib
from contextlib import closing

from models.errors import Conflict, InvalidValue, NotFound, StoreUnavailable, UnreadableDocument
from models.messages import say
from models.roles import EVERYTHING, Scope
from models.states import State
from models.tables import DocumentRow
from pipeline.accounts import is_visible, throttle
from pipeline.checkpoint import checkpoint
from pipeline.intake.quarantine import withdraw
from pipeline.rearrange.compose import PDF, unlock_caged
from pipeline.rearrange.make import Made, add
from pipeline.store import Store, move, record

PASSWORD_LENGTH = 127
"""The longest password that a PDF can have, in bytes (ISO 32000-2, 7.6.4.3.2)."""


def unlock(
    store: Store, document_id: int, version: int, actor: str, password: str, *, scope: Scope = EVERYTHING
) -> int:
    """Make an unlocked copy of a PDF that lies in quarantine for its password; returns the new document's id.

    The locked one ends as `State.REPLACED`, its copy in the quarantine folder goes, and the new one waits to be read.

    Raises:
        NotFound: there is no such document for the actor.
        Conflict: it does not wait for a password, somebody was quicker, or the copy is there already.
        TooManyTries: too many wrong passwords; this one was not tried.
        InvalidValue: it is the wrong password; ``problems`` says so under ``password``.
        UnreadableDocument: no password opens it.
        StoreUnavailable: the disk is full or broken.
    """
    if not password or len(password) > PASSWORD_LENGTH:
        message = say("A password has between 1 and {most} characters.", most=PASSWORD_LENGTH)
        raise InvalidValue(message, {"password": message})
    tries = throttle.buckets_of_file(document_id, actor)
    with store.transaction() as session:
        row = _locked(session.get(DocumentRow, document_id), version)
        if not is_visible(session, document_id, scope):
            raise NotFound(say("There is no such document."))
        sha256, name = row.sha256, row.name
        throttle.count_try(session, tries)
    made = _copy(store, (document_id, sha256, name), password, actor)
    checkpoint("vaulted")
    with store.transaction() as session:
        throttle.take_back(session, tries)
        row = _locked(session.get(DocumentRow, document_id, with_for_update=True), version)
        new = add(session, made, [row], actor, scope)
        move(session, row, State.REPLACED, actor, documents=[new])
        checkpoint("before_commit")
    checkpoint("after_commit")
    with contextlib.suppress(OSError):  # it is done; housekeeping tries the folder again
        withdraw(store, document_id)
    return new


def waits_for_password(state: str, code: str | None, media_type: str | None) -> bool:
    """Whether a document is one that a password would open."""
    return state == State.QUARANTINED and code == "password" and media_type == PDF


def _locked(row: DocumentRow | None, version: int) -> DocumentRow:
    if row is None:
        raise NotFound(say("There is no such document."))
    if not waits_for_password(row.state, row.quarantine_code, row.media_type):
        raise Conflict(say("This document does not wait for a password. Nothing was changed."))
    if row.version != version:
        raise Conflict(say("This document was changed since you opened it. Look at it again."))
    return row


def _copy(store: Store, document: tuple[int, str, str], password: str, actor: str) -> Made:
    """The unlocked copy, in the vault."""
    document_id, sha256, name = document
    try:
        pages, pieces = unlock_caged(store.vault.path(sha256), password, store.settings)
        with closing(pieces):
            for piece in pieces:
                copy, size = store.vault.put(piece.fileno())
    except OSError as error:
        raise StoreUnavailable(
            f"The disk of {store.settings.home} can't be used: {error.strerror}. Nothing was changed."
        ) from error
    except UnreadableDocument as error:
        if error.code != "password":
            raise
        with store.transaction() as session:
            record(session, document_id, actor, "unlock-failed")
        message = say("This is not its password.")
        raise InvalidValue(message, {"password": message}) from None
    return Made(copy, size, name, tuple((document_id, number, 0) for number in range(1, pages + 1)))
