"""Quarantine: a refused drop comes back under its name, with a ``NAME.reason.txt`` beside it that says why.

Two kinds of things lie there. Of a *document* that could not be read or that a reviewer sent back (its bytes are in
the vault, its state in the database) there is a copy for the station, made after the commit; a crash in between is
mended by `mend`, and a release takes the copy away. A drop that was *never opened* (a link, a pipe, a device, a
program, a file over the size limit) is moved there itself, so that its only bytes are never copied or read.

The reason file is written first and under a name that nobody else has: it reserves the name for the file.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from sqlalchemy import select

from models.errors import QUARANTINE_CODES, IllegalMove, NotFound
from models.states import State
from models.tables import DocumentRow, DropRow, EventRow
from pipeline.checkpoint import checkpoint
from pipeline.intake.media_types import ARCHIVE, EMPTY
from pipeline.store import Store, clock, move, record, sync_directory

_NAME_BYTES = 255  # of a name in a Linux directory
_SUFFIX = ".reason.txt"
_REFUSED = (State.QUARANTINED.value, State.REJECTED.value)  # what a station must hear of
_ADVICE = {
    "type": (
        "Send it as PDF, TIFF, PNG, JPEG, WebP or e-invoice (CII, UBL, ISDOC, FatturaPA).",
        "Pošlete jej jako PDF, TIFF, PNG, JPEG, WebP nebo e-fakturu (CII, UBL, ISDOC, FatturaPA).",
    ),
    "incomplete": (
        "Copy or scan it again, and let the transfer finish.",
        "Zkopírujte nebo naskenujte jej znovu a nechte přenos doběhnout.",
    ),
    "damaged": (
        "Open it in a viewer; if that fails too, ask the sender for a new one.",
        "Otevřete jej v prohlížeči; nejde-li to ani tam, vyžádejte si nový.",
    ),
    "password": (
        "Save a copy without the password and drop that, or give its password in the desk.",
        "Uložte kopii bez hesla a vložte ji, nebo zadejte heslo v aplikaci.",
    ),
    "node": (
        "Drop the file itself, in the inbox or at most a few folders deep.",
        "Vložte soubor samotný, nejvýše několik složek hluboko.",
    ),
    "rejected": (
        "Mend what the reviewer names and drop a new scan or file.",
        "Opravte, co uvádí ověřovatel, a vložte nový sken nebo soubor.",
    ),
    "limit": (
        "Split it or make it smaller; an operator can raise the limit in the settings and drop it again.",
        "Rozdělte jej nebo zmenšete; správce může zvýšit mez v nastavení a vložit jej znovu.",
    ),
}
_ADVICE_ON_REASON: dict[str, tuple[str, str]] = {
    EMPTY: (
        "Scan or copy it again, and look that it is not empty.",
        "Naskenujte nebo zkopírujte jej znovu a ověřte, že není prázdný.",
    ),
    ARCHIVE: (
        "Unpack it and send the files that are in it.",
        "Rozbalte jej a pošlete soubory, které jsou v něm.",
    ),
}
_OTHER_ADVICE = (
    "Print it to a new PDF and drop that, or ask an operator to release it for another try.",
    "Vytiskněte jej do nového PDF a vložte to, nebo požádejte správce o uvolnění k novému pokusu.",
)


def advice(code: str, why: str = "") -> tuple[str, str]:
    """What a station can do about a refusal under ``code`` with the reason ``why``, in English and in Czech."""
    return _ADVICE_ON_REASON.get(why) or _ADVICE.get(code.partition(":")[0], _OTHER_ADVICE)


def printable(text: str, length: int = 500) -> str:
    """``text`` cut and without control characters, fit for a log, a terminal and a reason file."""
    cut = text if len(text) <= length else text[: length - 1] + "…"
    shown = "".join(char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in cut)
    return shown.encode("utf-8", "backslashreplace").decode("utf-8")


def tell(store: Store, document_id: int, drop_id: int | None = None) -> None:
    """Put a copy and a reason into the quarantine folder, for one drop of a document or for all that have none yet.

    To be called after the commit that quarantined or rejected the document or linked a drop to it; done twice it does
    nothing more. A document that is in another state is left alone.

    Raises:
        OSError: the copy could not be written; `mend` will try again.
    """
    with store.reading() as session:
        document = session.get(DocumentRow, document_id)
        if document is None or document.state not in _REFUSED:
            return
        query = select(DropRow).where(DropRow.document_id == document_id).order_by(DropRow.id)
        if drop_id is None:
            events = select(EventRow).where(EventRow.document_id == document_id).order_by(EventRow.id)
            told = _told(session.scalars(events))
        else:
            query, told = query.where(DropRow.id == drop_id), set()
        drops = [drop for drop in session.scalars(query) if drop.id not in told]
    source = store.vault.path(document.sha256)
    code, message = document.quarantine_code or "damaged", document.quarantine_message or ""
    for drop in drops:
        checkpoint("quarantine_move")
        _place(
            store.settings.quarantine,
            drop.name,
            drop.token,
            _reason(drop.name, drop.token, code, message, document),
            lambda target: _copy(source, target),
        )
        with store.transaction() as session:
            record(session, document_id, "intake", "told", drop=drop.id)


def move_node(store: Store, source: Path, token: str, code: str, message: str) -> None:
    """Move a drop that was never opened into the quarantine folder; done twice it does nothing more.

    Raises:
        OSError: it could not be moved; it is where it was.
    """
    checkpoint("quarantine_move")
    name = recorded_name(source.name)
    _place(
        store.settings.quarantine,
        source.name,
        token,
        _reason(name, token, code, message, None),
        source.rename,
    )
    sync_directory(source.parent)


def release(store: Store, document_id: int, actor: str) -> None:
    """Let a quarantined or rejected document be tried again, from the beginning; its copy in the folder goes.

    Raises:
        NotFound: there is no such document.
        IllegalMove: it is neither.
    """
    with store.transaction() as session:
        document = session.get(DocumentRow, document_id, with_for_update=True)
        if document is None:
            raise NotFound(f"There is no document {document_id}; `podatelna quarantine` lists what can be released.")
        if document.state not in _REFUSED:
            raise IllegalMove(
                f"Document {document_id} is not in quarantine and was not sent back: its state is {document.state}."
            )
        before = document.quarantine_code
        document.attempts, document.quarantine_code, document.quarantine_message = 0, None, None
        move(session, document, State.RECEIVED, actor, released=before)
    withdraw(store, document_id)


def mend(store: Store) -> int:
    """Finish what a crash left half-done between a commit and the quarantine folder. Returns how many documents."""
    with store.reading() as session:
        last = (
            select(DocumentRow.id, EventRow.id, EventRow.kind)
            .join(EventRow, DocumentRow.id == EventRow.document_id)
            .where(EventRow.kind.in_(("told", "withdrawn", *_REFUSED)))
            .order_by(EventRow.id)
        )
        quarantined = session.execute(last.where(DocumentRow.state.in_(_REFUSED))).all()
        refused_no_more = DocumentRow.state.in_((State.RECEIVED, State.REVIEW, State.REPLACED))
        received = session.execute(last.where(refused_no_more)).all()
        drops = session.execute(
            select(DocumentRow.id, DropRow.id)
            .join(DropRow, DocumentRow.id == DropRow.document_id)
            .where(DocumentRow.state.in_(_REFUSED))
        ).all()
    untold: dict[int, int] = {}
    for document_id, _ in drops:
        untold[document_id] = untold.get(document_id, 0) + 1
    since: dict[int, int] = {}
    for document_id, _, kind in quarantined:
        since[document_id] = since.get(document_id, 0) + 1 if kind == "told" else 0
    waiting = [document_id for document_id, count in untold.items() if count > since.get(document_id, 0)]
    for document_id in waiting:
        tell(store, document_id)
    stale = {document_id: kind for document_id, _, kind in received}
    late = [document_id for document_id, kind in stale.items() if kind == "told"]
    for document_id in late:
        withdraw(store, document_id)
    return len(waiting) + len(late)


def recorded_name(name: str) -> str:
    """A file's name as the database can keep it: bytes that are not UTF-8 as backslash, x and two hex digits."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def _told(events: Iterator[EventRow]) -> set[int]:
    """The drops that were told of since the document was last refused."""
    told: set[int] = set()
    for event in events:
        if event.kind in (*_REFUSED, "withdrawn"):
            told.clear()
        elif event.kind == "told":
            told.add(event.data["drop"])
    return told


def withdraw(store: Store, document_id: int) -> None:
    """Take the copies of a document that is refused no more out of the folder; done twice it does nothing more."""
    with store.reading() as session:
        drops = list(session.scalars(select(DropRow).where(DropRow.document_id == document_id)))
    folder = store.settings.quarantine
    for drop in drops:
        for candidate in _candidates(drop.name, drop.token):
            reason = folder / _reason_name(candidate)
            if _is_ours(reason, drop.token):
                (folder / candidate).unlink(missing_ok=True)
                reason.unlink(missing_ok=True)
    sync_directory(folder)
    with store.transaction() as session:
        record(session, document_id, "intake", "withdrawn")


def _place(folder: Path, name: str, token: str, reason: str, put: Callable[[Path], object]) -> None:
    for candidate in _candidates(name, token):
        target, beside = folder / candidate, folder / _reason_name(candidate)
        if not _is_ours(beside, token):
            if os.path.lexists(target) or not _create(beside, reason):
                continue
            sync_directory(folder)
        if not os.path.lexists(target):
            put(target)
        sync_directory(folder)
        return
    raise FileExistsError(f"No name is free in {folder} for a refused file.")


def _candidates(name: str, token: str) -> Iterator[str]:
    """The names to try in turn: its own, then with a part of the token, which nobody else has."""
    name = name.replace("/", "_").replace("\0", "_")
    if name in ("", ".", ".."):
        name = "unnamed"
    stem, dot, suffix = name.rpartition(".")
    if not stem or len(os.fsencode(suffix)) > 16:
        stem, dot, suffix = name, "", ""
    for extra in ("", f" ({token[:8]})", f" ({token})"):
        ending = f"{extra}{dot}{suffix}"
        yield _cut(stem, _NAME_BYTES - len(os.fsencode(ending))) + ending


def _reason_name(name: str) -> str:
    return _cut(name, _NAME_BYTES - len(_SUFFIX)) + _SUFFIX


def _cut(name: str, length: int) -> str:
    """The beginning of ``name`` in at most ``length`` bytes, cut between characters."""
    while len(os.fsencode(name)) > length:
        name = name[:-1]
    return name


def _is_ours(reason: Path, token: str) -> bool:
    try:
        handle = os.open(reason, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return False
    try:
        return f"Drop: {token}\n".encode() in os.read(handle, 65_536)
    except OSError:
        return False
    finally:
        os.close(handle)


def _create(path: Path, text: str) -> bool:
    """Write a whole new file and sync it; False where the name is taken."""
    temporary = path.parent / f".incoming-{secrets.token_hex(8)}"
    try:
        with temporary.open("x", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.link(temporary, path)
    except FileExistsError:
        return False
    finally:
        temporary.unlink(missing_ok=True)
    return True


def _copy(source: Path, target: Path) -> None:
    if not source.exists():  # the vault has lost it; the reason says so
        return
    temporary = target.parent / f".incoming-{secrets.token_hex(8)}"
    try:
        with source.open("rb") as file, temporary.open("xb") as out:
            shutil.copyfileobj(file, out, 1024 * 1024)
            out.flush()
            os.fsync(out.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(temporary, target)
    finally:
        temporary.unlink(missing_ok=True)


def _reason(name: str, token: str, code: str, message: str, document: DocumentRow | None) -> str:
    english, czech = advice(code, message)
    what = QUARANTINE_CODES.get(code, f"over the limit {code.partition(':')[2]}" if ":" in code else code)
    lines = [
        f"{printable(name)} was not taken in: {what} ({code}).",
        f"Why: {printable(message)}" if message else "",
        f"What to do: {english}",
        f"Co dělat: {czech}",
        "",
        f"When: {clock.now():%Y-%m-%d %H:%M} UTC",
        f"Drop: {token}",
    ]
    if document is not None:
        lines += [f"Document: {document.id}", f"SHA-256: {document.sha256}", f"Bytes: {document.size}"]
    return "\n".join(line for line in lines) + "\n"
