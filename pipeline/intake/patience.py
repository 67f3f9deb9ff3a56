"""When a dropped file is ready, when it must be waited for, and when the waiting ends. Pure: no files, no clock."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

_TEMPORARY = re.compile(
    r"(\.(part|partial|filepart|tmp\d*|temp|crdownload|download|swp|swx|opdownload)|~)$", re.IGNORECASE
)
_NOT_A_DOCUMENT = re.compile(
    r"^(thumbs\.db|desktop\.ini|\.ds_store|\._.*)$|"
    r"\.(exe|com|scr|bat|cmd|msi|dll|ps1|vbs|vbe|js|jse|wsf|hta|lnk|jar|sh|app|apk|url|pif|cpl)$",
    re.IGNORECASE | re.DOTALL,
)


class Verdict(StrEnum):
    """What to do with a file now."""

    WAIT = "wait"
    TAKE = "take"
    GIVE_UP = "give up"  # it will not become complete: take it, and say that its end is missing


@dataclass(frozen=True, slots=True)
class Look:
    """What one look at a file showed: size in bytes, times in seconds since 1970 as ``lstat`` gives them."""

    size: int
    mtime: float
    ctime: float
    at: float  # when we looked


def is_temporary(name: str) -> bool:
    """Whether a writer marks the file as unfinished by its name (``scan.pdf.part``, ``x~``, ``.x.pdf.tmp123``)."""
    return _TEMPORARY.search(name) is not None


def is_no_document(name: str) -> bool:
    """Whether the name is that of a program or of what file managers leave behind; such a file is never opened."""
    return _NOT_A_DOCUMENT.search(name) is not None


@dataclass(frozen=True, slots=True)
class Patience:
    """Decides by (size, mtime, ctime, now) whether a file is quiet, and how long an unquiet or incomplete one gets.

    The cases it was made for:

    * A scanner writes for minutes with pauses: each write moves ctime, so the file is young until ``settle``
      seconds after the last one; and a pause longer than that leaves a file that is not complete.
    * A copy over the network hangs at half: quiet, not complete. It is waited for until ``patience`` has passed
      since the last change, then given up (and taken as incomplete, with its bytes).
    * A copy program sets mtime to 1901, to 2099 or to when the paper was scanned: mtime says nothing about
      quietness. The kernel's ctime can't be set, so age is measured by that alone.
    * The clock was set back, so that ctime lies in the future: age is then measured from our own first look at
      these same numbers. A process that looks only once has no first look and waits.
    * A virus scanner touches the file again and again without changing its size: ctime never grows old. If it is
      complete and its size has stood for ``patience`` seconds, it is taken; whether it changes while it is
      copied is checked there once more.
    * A file is filled from its end, or its space is reserved first: size says nothing. Zeros at its beginning
      make it an unknown type that `may_become_known`, which counts as not complete.
    * A dot file may be a writer's temporary name (rsync) or a document: it gets ``patience`` instead of
      ``settle``, then is taken like any other. A temporary name that says so (`is_temporary`) waits for its
      writer to rename it, for ever; the report tells of it at every scan.
    """

    settle: float
    patience: float

    def judge(self, now: Look, first: Look | None, *, complete: bool, hidden: bool = False) -> Verdict:
        """What to do with a file.

        Args:
            now: This look.
            first: Our first look since its size has been what it is now, if there was one.
            complete: Whether its format's end is there.
            hidden: Whether its name begins with a dot.
        """
        still = now.at - first.at if first is not None else 0.0
        age = now.at - now.ctime
        if age < 0:  # the clock was set back
            age = still if first is not None and (first.mtime, first.ctime) == (now.mtime, now.ctime) else -1.0
        if not complete:
            return Verdict.GIVE_UP if age >= max(self.patience, self.settle) else Verdict.WAIT
        if age >= (self.patience if hidden else self.settle) or (still >= self.patience > 0):
            return Verdict.TAKE
        return Verdict.WAIT
