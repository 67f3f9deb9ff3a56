"""The drop folder's protocol: nothing is lost, whatever happens at whatever instruction.

``lstat`` → quiet and complete (`pipeline.intake.patience`) → claim by rename, synced, locked
(`pipeline.intake.claims`) → copy into the vault while hashing, synced → unchanged meanwhile? → *one* transaction
(document unique by hash, drop unique by token, event) → COMMIT → only then unlink → whoever starts next
re-drives what a dead worker left in ``work``. Each step may be done twice. After a lost connection nobody knows
whether a COMMIT happened, so the database is asked by token before anything is repeated.

Threat: stations are other people's programs, and a folder on a network is open to all of them. So files are opened
without following links and without blocking, what is no regular file is moved and never opened, sizes are checked
before a byte is read, and nothing here parses what is inside. Accepted risk: a writer who keeps a file open and
writes on after our commit writes into a file that is gone.
"""

from __future__ import annotations

import errno
import fcntl
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import NamedTuple
from weakref import WeakKeyDictionary

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from models.errors import QUARANTINE_CODES, StoreUnavailable
from models.messages import say
from models.states import State
from models.tables import DocumentRow, DropRow
from pipeline.checkpoint import checkpoint
from pipeline.intake.claims import Claim, abandoned, claim
from pipeline.intake.completeness import is_whole
from pipeline.intake.inbox import Found, walk
from pipeline.intake.media_types import HEAD_BYTES, may_become_known, sniff_open, why_unknown
from pipeline.intake.patience import Look, Patience, Verdict, is_no_document, is_temporary
from pipeline.intake.quarantine import mend, move_node, printable, recorded_name, tell
from pipeline.search import index_name
from pipeline.store import SourceUnreadable, Store, clock, insert_into, move, record
from pipeline.tools import zips

TAKEN, DUPLICATE, REFUSED, WAITING = "taken", "duplicate", "refused", "waiting"

_BROKEN_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO)


class IntakeEntry(NamedTuple):
    """What became of one drop: its name, the outcome (taken, duplicate, refused, waiting) and, in words, why."""

    name: str
    outcome: str
    reason: str


@dataclass(frozen=True, slots=True)
class IntakeReport:
    """What one scan did. ``documents`` are the ids of those now to be processed."""

    entries: tuple[IntakeEntry, ...] = ()
    documents: tuple[int, ...] = ()

    def _count(self, outcome: str) -> int:
        return sum(entry.outcome == outcome for entry in self.entries)

    @property
    def taken(self) -> int:
        """Drops that became a new document."""
        return self._count(TAKEN)

    @property
    def duplicates(self) -> int:
        """Drops of content that was here before, linked to the one document."""
        return self._count(DUPLICATE)

    @property
    def refused(self) -> int:
        """Drops that went into quarantine."""
        return self._count(REFUSED)

    @property
    def waiting(self) -> int:
        """Drops that are not quiet, not complete or can't be moved yet."""
        return self._count(WAITING)


@dataclass(slots=True)
class _Memory:
    """What a long-lived process remembers between its scans: the first look at each file that waits."""

    looks: dict[str, Look] = field(default_factory=dict)
    mended: bool = False


_memories: WeakKeyDictionary[Store, _Memory] = WeakKeyDictionary()


class _Committed(NamedTuple):
    """What the database holds of a claim."""

    drop_id: int
    document_id: int | None
    refused: str | None
    outcome: str
    reason: str


def take_in(store: Store, *, actor: str = "intake") -> IntakeReport:
    """Scan the drop folder once: finish what dead workers left, then take in what is quiet and complete.

    Any number of processes may do this at once. A file that can't be moved or read is reported as waiting and
    keeps nobody else back.

    Raises:
        StoreUnavailable: the database does not answer, or the disk is full or broken. Nothing is lost: a file is
            in the inbox, in ``work`` (taken up at the next scan), or committed.
    """
    memory = _memories.setdefault(store, _Memory())
    with _disk(store):
        if not memory.mended:
            mend(store)
            memory.mended = True
        outcomes = list(_recover(store, actor))
        seen: dict[str, Look] = {}
        for found in walk(store.settings.inbox):
            outcome = _consider(store, found, memory.looks, seen, actor)
            if outcome is not None:
                outcomes.append((found.path.name, outcome))
        memory.looks = seen
    return _report(outcomes)


def take_in_abandoned(store: Store, *, actor: str = "intake") -> IntakeReport:
    """Only finish what dead workers left in ``work``; leave the inbox alone. Raises as `take_in`."""
    with _disk(store):
        return _report(list(_recover(store, actor)))


_Outcome = tuple[str, str, int | None]


def _recover(store: Store, actor: str) -> Iterator[tuple[str, _Outcome]]:
    for left in abandoned(store.settings.work):
        yield left.name, _drive(store, left, actor, recovered=True)


def _report(outcomes: list[tuple[str, _Outcome]]) -> IntakeReport:
    entries = tuple(IntakeEntry(printable(recorded_name(name), 255), one[0], one[1]) for name, one in outcomes)
    documents = tuple(one[2] for _, one in outcomes if one[0] == TAKEN and one[2] is not None)
    return IntakeReport(entries, documents)


@contextmanager
def _disk(store: Store) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreUnavailable(
            f"The disk of {store.settings.home} can't be used: {error.strerror}. Nothing is lost; what was being "
            f"taken in is in {store.settings.work} and goes on at the next scan. Free or mend the disk."
        ) from error


def _consider(
    store: Store, found: Found, before: dict[str, Look], seen: dict[str, Look], actor: str
) -> _Outcome | None:
    """Judge one entry of the inbox and take it where it is time; None where it is gone."""
    name, info = found.path.name, found.info
    if info is None:
        return WAITING, found.error, None
    settings = store.settings
    key = os.fspath(found.path)
    now = Look(info.st_size, info.st_mtime, info.st_ctime, clock.timestamp())
    first = before.get(key)
    seen[key] = first = first if first is not None and first.size == now.size else now
    patience = Patience(settings.settle_seconds, settings.patience_seconds)
    whole = True
    if found.is_file:
        if is_temporary(name):
            return WAITING, "Its name says that its writer is not done.", None
        if info.st_size <= settings.limits.file_bytes and not is_no_document(name):
            try:
                whole = _is_ready(found)
            except FileNotFoundError:
                return None
            except OSError as error:
                return WAITING, f"It can't be opened: {error.strerror}.", None
    too_large = found.is_file and info.st_size > settings.limits.file_bytes
    verdict = patience.judge(now, first, complete=whole, hidden=name.startswith(".") and found.is_file)
    if verdict == Verdict.WAIT and not too_large:
        return WAITING, "It was changed just now." if whole else "Its end is not there yet.", None
    try:
        mine = claim(settings.work, found.path, found.station)
    except OSError as error:
        if error.errno in _BROKEN_DISK:
            raise
        return WAITING, f"It can't be moved out of the inbox: {error.strerror}.", None
    seen.pop(key)
    return None if mine is None else _drive(store, mine, actor, given_up=verdict == Verdict.GIVE_UP)


def _is_ready(found: Found) -> bool:
    """Whether a regular file's end is there and its writer does not hold a lock on it."""
    handle = os.open(found.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        info = os.fstat(handle)
        if not stat.S_ISREG(info.st_mode):
            return False
        try:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return _type_and_end(handle, info.st_size)[1]
    finally:
        os.close(handle)


def _type_and_end(handle: int, size: int) -> tuple[str | None, bool]:
    media_type = sniff_open(handle, size)
    if media_type is None:
        head = os.pread(handle, HEAD_BYTES, 0)
        unlisted = head.startswith(zips.MAGIC) and zips.entries(handle, size) is None  # its list is written last
        return None, not (unlisted or may_become_known(head, size))
    return media_type, is_whole(handle, size, media_type)


def _drive(store: Store, mine: Claim, actor: str, *, given_up: bool = False, recovered: bool = False) -> _Outcome:
    """Bring a claim to its end, from wherever a worker before us left it."""
    try:
        if recovered and (before := _ask(store, mine.token)) is not None:
            return _finish(store, mine, before)
        limits = store.settings.limits
        info = mine.path.lstat()
        if not stat.S_ISREG(info.st_mode):
            what = "folders are nested too deep" if stat.S_ISDIR(info.st_mode) else QUARANTINE_CODES["node"]
            return _refuse(store, mine, info.st_size, ("node", f"It was not opened: {what}."), actor)
        if is_no_document(mine.name):
            message = "It was not opened: its name is that of a program or of a file manager's own file."
            return _refuse(store, mine, info.st_size, ("type", message), actor)
        if info.st_size > limits.file_bytes:
            message = f"It has {info.st_size} bytes; at most {limits.file_bytes} are allowed."
            return _refuse(store, mine, info.st_size, ("limit:file_bytes", message), actor)
        return _keep(store, mine, actor, given_up=given_up)
    finally:
        mine.leave()


def _keep(store: Store, mine: Claim, actor: str, *, given_up: bool) -> _Outcome:
    """Copy a claimed regular file into the vault, commit it and remove it."""
    try:
        handle = os.open(mine.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        if error.errno in _BROKEN_DISK:
            raise
        return WAITING, f"It can't be opened: {error.strerror}.", None
    try:
        info = os.fstat(handle)
        media_type, whole = _type_and_end(handle, info.st_size)
        if not whole and not given_up:
            age = clock.timestamp() - info.st_ctime
            if 0 <= age < store.settings.patience_seconds:
                return WAITING, "Its end is not there yet.", None
        try:
            sha256, size = store.vault.put(handle, store.settings.limits.file_bytes)
        except SourceUnreadable as error:
            return WAITING, f"It can't be read: {error.strerror}", None
        checkpoint("vaulted")
        if _changed(handle, info, size):
            return WAITING, "It changed while it was copied.", None
        code, message = None, ""
        if media_type is None:
            code, message = "type", why_unknown(handle, size)
        elif not whole:
            code, message = "incomplete", say("The end of the file is missing, and it has stopped growing.")
        committed = _commit(store, mine, (sha256, size, media_type), (code, message), actor)
        if _changed(handle, info, size):  # written on after the copy: the same file once more, as a drop of its own
            mine.rename()
            return WAITING, "It changed after it was taken in; it will be taken in once more.", None
    finally:
        os.close(handle)
    return _finish(store, mine, committed)


def _changed(handle: int, before: os.stat_result, copied: int) -> bool:
    now = os.fstat(handle)
    return (now.st_size, now.st_mtime_ns, copied) != (before.st_size, before.st_mtime_ns, before.st_size)


def _refuse(store: Store, mine: Claim, size: int, refusal: tuple[str, str], actor: str) -> _Outcome:
    """Commit that a drop was refused unopened, then move it into quarantine."""
    committed = _commit(store, mine, (None, size, None), refusal, actor)
    return _finish(store, mine, committed._replace(reason=refusal[1]))


def _finish(store: Store, mine: Claim, committed: _Committed) -> _Outcome:
    """After the commit: the file leaves ``work``, and a refused one comes back to the station with a reason."""
    if committed.refused is not None:
        if os.path.lexists(mine.path):
            move_node(store, mine.path, mine.token, committed.refused, committed.reason)
        mine.done()
    else:
        mine.done()
        if committed.document_id is not None:
            tell(store, committed.document_id, committed.drop_id)
    return committed.outcome, committed.reason, committed.document_id


def _commit(
    store: Store,
    mine: Claim,
    content: tuple[str | None, int, str | None],
    refusal: tuple[str | None, str],
    actor: str,
) -> _Committed:
    """The one transaction. ``content`` is hash (None: never opened), size, media type; ``refusal`` code and message."""
    sha256, size, media_type = content
    code, message = refusal
    try:
        with store.transaction() as session:
            document_id, is_new = None, False
            if sha256 is not None:
                document_id, is_new = _document(session, sha256, recorded_name(mine.name), size, media_type)
                _hasten(session, document_id, store.settings.station_priorities.get(mine.station), is_new=is_new)
            drop_id = session.execute(
                insert_into(session, DropRow)
                .values(
                    token=mine.token,
                    document_id=document_id,
                    name=recorded_name(mine.name),
                    station=recorded_name(mine.station),
                    size=size,
                    refused=code if sha256 is None else None,
                    received_at=clock.now(),
                )
                .on_conflict_do_nothing(index_elements=[DropRow.token])
                .returning(DropRow.id)
            ).scalar()
            if drop_id is not None:
                kind = "refused" if document_id is None else "received" if is_new else "duplicate"
                told = {"code": code, "message": message} if document_id is None else {}
                record(session, document_id, actor, kind, drop=drop_id, **told)
            if is_new and code is not None:
                document = session.get_one(DocumentRow, document_id)
                document.quarantine_code, document.quarantine_message = code, message
                move(session, document, State.QUARANTINED, actor, code=code)
                session.flush()
            known = _known(session, mine.token)
            checkpoint("before_commit")
    except StoreUnavailable:
        # the answer to COMMIT may be what was lost
        asked = _ask(store, mine.token)
        if asked is None:
            raise
        return asked
    checkpoint("after_commit")
    if known is None:
        raise AssertionError("A drop that was just written is not there.")
    return known


def _document(session: Session, sha256: str, name: str, size: int, media_type: str | None) -> tuple[int, bool]:
    """The id of the one document with these bytes, and whether we have just made it."""
    now = clock.now()
    made = session.execute(
        insert_into(session, DocumentRow)
        .values(
            sha256=sha256,
            name=name,
            media_type=media_type,
            size=size,
            state=State.RECEIVED.value,
            received_at=now,
            changed_at=now,
        )
        .on_conflict_do_nothing(index_elements=[DocumentRow.sha256])
        .returning(DocumentRow.id)
    ).scalar()
    if made is not None:
        index_name(session, made, name)
        return made, True
    return session.execute(select(DocumentRow.id).where(DocumentRow.sha256 == sha256)).scalar_one(), False


def _hasten(session: Session, document_id: int, priority: int | None, *, is_new: bool) -> None:
    """Give the document its station's priority; one that was there already can only become more urgent."""
    if priority is not None:
        mine = update(DocumentRow).where(DocumentRow.id == document_id)
        session.execute(
            (mine if is_new else mine.where(DocumentRow.priority > priority))
            .values(priority=priority)
            .execution_options(synchronize_session=False)
        )


def _ask(store: Store, token: str) -> _Committed | None:
    """What the database knows of a claim; None: nothing was committed."""
    with store.reading() as session:
        return _known(session, token)


def _known(session: Session, token: str) -> _Committed | None:
    drop = session.scalar(select(DropRow).where(DropRow.token == token))
    if drop is None:
        return None
    if drop.document_id is None:
        return _Committed(drop.id, None, drop.refused, REFUSED, f"It was refused unopened ({drop.refused}).")
    document = session.get_one(DocumentRow, drop.document_id)
    reason = ""
    if document.state == State.QUARANTINED:
        reason = f"{document.quarantine_code}: {document.quarantine_message}"
    first = session.scalar(select(DropRow.id).where(DropRow.document_id == document.id).order_by(DropRow.id))
    if first != drop.id:
        reason = f"The same content is document {document.id} already. {reason}".rstrip()
        return _Committed(drop.id, document.id, None, DUPLICATE, reason)
    return _Committed(drop.id, document.id, None, REFUSED if reason else TAKEN, reason)
