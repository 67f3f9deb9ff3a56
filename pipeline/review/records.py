"""What the queue hands to a screen: frozen records, in the order in which a person should look at them."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass

from models.document_types import UNKNOWN, Kind
from models.messages import listed, open_ended, say
from models.records import Box, Finding, Severity, Source, Witness
from models.tables import PRIORITY
from pipeline.explain import SOURCE_WORDS, WITNESS_WORDS
from pipeline.route import TYPE_UNKNOWN, is_about, is_about_rows

_LINE_NUMBER = re.compile(r"^Line \d+: ")


@dataclass(frozen=True, slots=True)
class FirstDecision:
    """The first of two people has decided; ``reason`` says why two are needed."""

    by: str
    at: dt.datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Aside:
    """Who put a document aside, why and until when; ``now`` is whether that time is still to come."""

    by: str
    note: str
    at: dt.datetime
    until: dt.datetime
    now: bool


@dataclass(frozen=True, slots=True)
class Comment:
    """What somebody said about a document."""

    id: int
    by: str
    at: dt.datetime
    text: str


@dataclass(frozen=True, slots=True)
class WaitingDocument:
    """One line of the queue or of a list.

    ``held_by`` is the account that has it open, if any; ``first_by`` the one that decided already, where the document
    waits for a second person; ``aside_by`` who put it aside, while that lasts. ``priority`` is 1 (first) to 9 (last).
    ``party``, ``number`` and ``amount`` (with the currency) tell it from others, in normal form.
    """

    id: int
    name: str
    state: str
    type: str | None
    type_title: str
    reasons: tuple[str, ...]
    received_at: dt.datetime
    changed_at: dt.datetime
    held_by: str | None
    first_by: str | None = None
    priority: int = PRIORITY
    aside_by: str | None = None
    party: str = ""
    number: str = ""
    amount: str = ""


@dataclass(frozen=True, slots=True)
class ReviewPage:
    """One page: its upright size in points and who read it."""

    number: int
    width: float
    height: float
    turned: int
    source: str


@dataclass(frozen=True, slots=True)
class ReviewField:
    """One field of the form. ``value`` is empty where nothing was found; ``doubt`` says why a person must look.

    ``doubt_found`` is whether a check says so, ``missing`` whether all it says is that a value is needed; ``firm`` is
    whether it would be sure enough for a required field.
    """

    name: str
    title: str
    kind: Kind
    required: bool
    value: str = ""
    raw: str = ""
    confidence: float = 0.0
    page: int | None = None
    box: Box | None = None
    source: str | None = None
    witnesses: tuple[str, ...] = ()
    corrected_from: str | None = None
    doubt: str | None = None
    doubt_found: bool = False
    missing: bool = False
    firm: bool = True

    @property
    def percent(self) -> int:
        """The confidence in whole percent, never rounded up to 100."""
        return min(round(self.confidence * 100), 99) if self.confidence < 1 else 100

    @property
    def proof(self) -> str:
        """In words: where the value came from and what vouches for it."""
        if self.source is None or not (self.value or self.corrected_from):
            return say("nothing found on the page")
        parts = [SOURCE_WORDS[Source(self.source)]]
        witnesses = [Witness(name) for name in self.witnesses if name != self.source]
        parts += [WITNESS_WORDS[witness] for witness in witnesses]
        return listed(parts, "; ")


@dataclass(frozen=True, slots=True)
class ReviewLine:
    """One row of the line item table; ``cells`` has every column, empty where nothing was read.

    ``origin`` is its position among the rows as read, None for one that a reviewer added. ``doubtful`` means that a
    person must look at it.
    """

    position: int
    cells: dict[str, str]
    origin: int | None = None
    page: int | None = None
    box: Box | None = None
    doubtful: bool = False

    @property
    def place(self) -> str:
        """Where a row stands that nobody had read before, as `Place.parse` takes it; else empty."""
        if self.origin is not None or self.page is None or self.box is None:
            return ""
        return " ".join([str(self.page), *(f"{side:.2f}" for side in self.box)])


@dataclass(frozen=True, slots=True)
class Decided:
    """Who ended the review, when and how. ``reason`` is what a rejection gave."""

    state: str
    by: str
    at: dt.datetime
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a document is in quarantine or went back: in general, in this case, and what to do about it."""

    what: str
    why: str
    advice: str


@dataclass(frozen=True, slots=True)
class ReviewDocument:
    """All that one screen shows of a document.

    ``fields`` has every field of the type, the doubtful first. ``type`` is the one shown, ``stored_type`` the one
    that the machine chose; they differ while a reviewer tries another. ``first`` is the decision that a second person
    must confirm.
    """

    id: int
    name: str
    sha256: str
    media_type: str | None
    size: int
    state: str
    version: int
    type: str
    type_title: str
    stored_type: str | None
    type_confidence: float | None
    reasons: tuple[str, ...]
    received_at: dt.datetime
    pages: tuple[ReviewPage, ...]
    fields: tuple[ReviewField, ...]
    has_lines: bool
    line_items: tuple[ReviewLine, ...]
    findings: tuple[Finding, ...]
    held_by: str | None = None
    decided: Decided | None = None
    first: FirstDecision | None = None
    refused: Refused | None = None
    priority: int = PRIORITY
    aside: Aside | None = None
    comments: tuple[Comment, ...] = ()

    def field_title(self, name: str) -> str:
        """The title of a field, or of the line items; a name that the type does not know says itself."""
        if name == "line_items":
            return say("Line items")
        return next((field.title for field in self.fields if field.name == name), name.replace("_", " "))

    @property
    def other_reasons(self) -> tuple[str, ...]:
        """Those of ``reasons`` that are not told where they can be mended: at a field, a row, or the type."""
        here = {open_ended(field.doubt) for field in self.doubtful if field.doubt}
        rows = any(line.doubtful for line in self.line_items)
        return tuple(
            reason
            for reason in self.reasons
            if open_ended(reason) not in here
            and not any(is_about(reason, field.title) for field in self.doubtful)
            and not (rows and is_about_rows(reason))
            and not (self.type == UNKNOWN and reason == TYPE_UNKNOWN)
        )

    @property
    def empty(self) -> bool:
        """Whether nothing was found in it."""
        return not self.line_items and not any(field.value for field in self.fields)

    @property
    def doubtful(self) -> tuple[ReviewField, ...]:
        """The fields that a person must look at."""
        return tuple(field for field in self.fields if field.doubt)

    @property
    def sure(self) -> tuple[ReviewField, ...]:
        """The other fields."""
        return tuple(field for field in self.fields if not field.doubt)


def blocking(findings: tuple[Finding, ...], shown: Iterable[Finding] = ()) -> tuple[Finding, ...]:
    """The findings that keep a document from loading unless the reviewer says so.

    Every error does; a warning does where it is not among those ``shown`` to the reviewer before: then their own
    typing brought it about. The number of a line does not matter, since rows move when one is added or removed.
    """
    known = {_said(finding) for finding in shown}
    return tuple(
        finding
        for finding in findings
        if finding.severity == Severity.ERROR or (finding.severity == Severity.WARNING and _said(finding) not in known)
    )


def _said(finding: Finding) -> tuple[str, str, tuple[str, ...]]:
    return finding.code, _LINE_NUMBER.sub("", finding.message), finding.fields
