"""Claims: a drop that one worker has taken out of the inbox and nobody has committed yet.

A claim is a folder ``work/<token>`` (``work/<token>@<station>`` where the drop lay in a station's folder) with the
dropped file in it under its own name. Its worker holds a lock (flock) on the folder for as long as it lives:
the lock dies with the process and needs no clock, so whoever finds an unlocked folder knows that its
worker is gone. The file comes in by rename(2), which either happens or does not; both directories are synced,
so after a power cut it is in one of them.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote

from pipeline.checkpoint import checkpoint
from pipeline.store import sync_directory

_STATION_LENGTH = 150  # of the quoted station in a folder's name


@dataclass(frozen=True, slots=True)
class Claim:
    """A claimed drop, locked by us. `leave` it once, in the end; what was not `done` by then is taken up later."""

    folder: Path
    name: str
    lock: int

    @property
    def token(self) -> str:
        """The claim's own name: counts a drop once, whatever happens."""
        return self.folder.name.partition("@")[0]

    @property
    def station(self) -> str:
        """The folder below the inbox in which it was dropped; empty for the inbox itself."""
        return unquote(self.folder.name.partition("@")[2])

    @property
    def path(self) -> Path:
        """Where the dropped file is now."""
        return self.folder / self.name

    def rename(self) -> None:
        """Give the claim a new token, because its content is another than the one that was committed under this one."""
        self.folder.rename(self.folder.with_name(_folder_name(secrets.token_hex(16), self.station)))
        sync_directory(self.folder.parent)

    def done(self) -> None:
        """Remove what is left of the claim; the file must be committed or moved on."""
        self.path.unlink(missing_ok=True)
        sync_directory(self.folder)
        checkpoint("removed")
        self.folder.rmdir()

    def leave(self) -> None:
        """Give up the lock and leave everything as it is."""
        os.close(self.lock)


def claim(work: Path, source: Path, station: str) -> Claim | None:
    """Take ``source`` out of the inbox; None where another worker or the writer was quicker.

    Raises:
        OSError: it can't be moved (rights, another file system, full disk); it is where it was.
    """
    lock = None
    while lock is None:  # somebody who tidies up may be quicker with our empty folder
        folder = work / _folder_name(secrets.token_hex(16), station)
        folder.mkdir(mode=0o750)
        lock = _lock(folder)
    mine = Claim(folder, source.name, lock)
    try:
        sync_directory(work)
        source.rename(mine.path)
        checkpoint("claimed")
        sync_directory(folder)
        sync_directory(source.parent)
        checkpoint("durable")
    except BaseException as error:
        with contextlib.suppress(OSError):  # it has a file in it where the rename was done: that is taken up later
            folder.rmdir()
        mine.leave()
        if isinstance(error, FileNotFoundError) and not source.exists():
            return None
        raise
    return mine


def abandoned(work: Path) -> Iterator[Claim]:
    """The claims that no living worker holds, locked by us now, oldest first. Empty folders are removed."""
    folders = sorted((entry for entry in work.iterdir() if entry.is_dir() and not entry.is_symlink()), key=_age)
    for folder in folders:
        lock = _lock(folder)
        if lock is None:
            continue
        names = [entry.name for entry in folder.iterdir()]
        if names:
            yield Claim(folder, names[0], lock)
        else:
            with contextlib.suppress(OSError):
                folder.rmdir()
            os.close(lock)


def _age(folder: Path) -> float:
    try:
        return folder.stat().st_mtime
    except FileNotFoundError:
        return 0.0


def _folder_name(token: str, station: str) -> str:
    quoted = quote(station, safe=" ", errors="surrogateescape")
    if len(quoted) > _STATION_LENGTH:  # a mark for people; cut between characters
        quoted = quoted[:_STATION_LENGTH].rpartition("%")[0] or quoted[:_STATION_LENGTH]
    return f"{token}@{quoted}" if quoted else token


def _lock(folder: Path) -> int | None:
    """Lock a claim's folder; None where it is locked by another or gone."""
    try:
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except (FileNotFoundError, NotADirectoryError):
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # between opening and locking its worker may have finished: then we hold a folder without a name
        same = os.path.samestat(folder.lstat(), os.fstat(handle))
    except (BlockingIOError, FileNotFoundError):
        same = False
    if not same:
        os.close(handle)
        return None
    return handle
