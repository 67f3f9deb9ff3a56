"""What lies in the inbox: a walk that opens nothing, follows no link and survives what it finds."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

MAX_DEPTH = 4
"""A station's folder may have folders, so many in all; what is deeper is moved into quarantine as a whole."""


@dataclass(frozen=True, slots=True)
class Found:
    """One entry of the inbox. ``station`` is its folder relative to the inbox, ``error`` why it can't be looked at."""

    path: Path
    station: str
    info: os.stat_result | None
    error: str = ""

    @property
    def is_file(self) -> bool:
        """Whether it is a regular file, by ``lstat``."""
        return self.info is not None and stat.S_ISREG(self.info.st_mode)


def walk(inbox: Path) -> Iterator[Found]:
    """All entries but folders, by name; folders only where they are too deep or can't be listed."""
    folders = [(inbox, "", 0)]
    while folders:
        folder, station, depth = folders.pop()
        try:
            with os.scandir(folder) as entries:
                names = sorted(entry.name for entry in entries)
        except OSError as error:
            if not isinstance(error, FileNotFoundError):
                yield Found(folder, station, None, f"The folder can't be listed: {error.strerror}.")
            continue
        for name in names:
            path = folder / name
            try:
                info = path.lstat()
            except FileNotFoundError:  # taken by another worker, or by its writer
                continue
            except OSError as error:
                yield Found(path, station, None, f"It can't be looked at: {error.strerror}.")
                continue
            if stat.S_ISDIR(info.st_mode) and depth < MAX_DEPTH:
                folders.append((path, f"{station}/{name}" if station else name, depth + 1))
            else:
                yield Found(path, station, info)
