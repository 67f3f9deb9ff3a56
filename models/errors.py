"""Every exception of the project on one screen.

Each has a stable ``code`` (for scripts, the ledger and quarantine reasons) and the ``exit_code`` that the
command line ends with. A message says what happened, why, and what to do about it; it holds no document
content. ``flows.cli`` is the one place that turns these into exit codes.

Exit codes: 0 all well, 1 our fault (a bug), 2 wrong usage, 3 bad input, 4 set-up or settings, 5 busy or
temporarily unavailable, 6 documents could not be read or failed (what else was asked for is done).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.messages import say

if TYPE_CHECKING:
    from models.records import Finding


class PodatelnaError(Exception):
    """Base of all errors that we raise on purpose."""

    code = "error"
    exit_code = 1


class UnreadableDocument(PodatelnaError):
    """The bytes can't be read safely; the document goes to quarantine under ``code``."""

    exit_code = 6  # as where it is one of many: `SomeFailed`

    def __init__(self, code: str, message: str) -> None:
        """``code`` is one of `QUARANTINE_CODES`, ``limit:<which>``, or ``no-page`` where a page is asked for."""
        super().__init__(message)
        self.code = code
        if code == "no-page":  # the file is well, the number is not
            self.exit_code = 3


#: The reasons for quarantine; ``limit:<which>`` names the limit of `models.settings.Limits` that was hit.
QUARANTINE_CODES = {
    "type": say("not a kind of file that we read"),
    "incomplete": say("the end of the file is missing"),
    "damaged": say("the file can't be opened"),
    "password": say("the file is locked with a password"),
    "node": say("not a regular file (a link, pipe or device)"),
    "crash": say("a reading program crashed on it"),
    "timeout": say("reading took too long"),
    "memory": say("reading needed too much memory"),
    "poison": say("three workers were lost while they had it"),
    "rejected": say("a reviewer sent it back"),
    "protected": say("a changed copy would lose its signature or encryption (only of a searchable PDF)"),
}


class IllegalMove(PodatelnaError):
    """A document can't go from its state to that one."""

    code = "illegal-move"
    exit_code = 3


class Conflict(PodatelnaError):
    """Someone else changed the document first, or holds its lease; look again and decide anew."""

    code = "conflict"
    exit_code = 5


class NotFound(PodatelnaError):
    """There is no such document."""

    code = "not-found"
    exit_code = 3


class InvalidValue(PodatelnaError):
    """A typed value can't be brought into its field's normal form.

    ``problems`` has a message for every such field, by field name (``line_items.2.quantity`` for a cell).
    """

    code = "invalid-value"
    exit_code = 3

    def __init__(self, message: str, problems: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.problems = problems or {}


class InvalidTruth(PodatelnaError):
    """What is said to stand on documents can't be used to judge by; the message names every place."""

    code = "truth"
    exit_code = 3


class Blocked(PodatelnaError):
    """A check objects to what was typed; the reviewer must mend it or say "load anyway"."""

    code = "blocked"
    exit_code = 3

    def __init__(self, message: str, findings: tuple[Finding, ...]) -> None:
        super().__init__(message)
        self.findings = findings


class Forbidden(PodatelnaError):
    """One may see it, but not do this to it; the account lacks the role."""

    code = "forbidden"
    exit_code = 3


class SignInRefused(PodatelnaError):
    """The name and password, the link or the token open nothing; what of them is wrong is not told."""

    code = "sign-in"
    exit_code = 3


class TooManyTries(SignInRefused):
    """Too many wrong tries; the password was not even looked at. ``seconds`` is how long to wait."""

    code = "too-many-tries"
    exit_code = 5

    def __init__(self, seconds: int) -> None:
        """``seconds`` until the next try counts."""
        minutes = -(-seconds // 60)
        if minutes == 1:
            super().__init__(say("Too many wrong tries. Try again in 1 minute."))
        else:
            super().__init__(say("Too many wrong tries. Try again in {minutes} minutes.", minutes=minutes))
        self.seconds = seconds


class SettingsError(PodatelnaError):
    """A setting is wrong or missing."""

    code = "settings"
    exit_code = 4


class MissingTool(PodatelnaError):
    """An outside program, language or model that is needed is not installed."""

    code = "missing-tool"
    exit_code = 4


class StoreUnavailable(PodatelnaError):
    """The database or the vault can't be reached or is out of date; nothing was changed."""

    code = "store"
    exit_code = 5


class SomeFailed(PodatelnaError):
    """The work is done, but some documents failed; each has its own reason."""

    code = "some-failed"
    exit_code = 6
