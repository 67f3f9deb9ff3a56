"""The record of a candidate."""

from __future__ import annotations

from dataclasses import dataclass

from extractors.page.layout import COLUMN, WIDE, Line
from models.document_types import Kind
from models.records import Box


@dataclass(frozen=True)
class Candidate:
    """A value on the page: its normal form, where it stands, how well it was read and the rule that found it.

    ``valid`` is True where a check digit or a standard confirms it, False where one speaks against it, None
    where there is none. ``line.text[start:end]`` is what was read.
    """

    kind: Kind
    value: str
    raw: str
    line: Line
    start: int
    end: int
    box: Box
    confidence: float
    rule: str
    valid: bool | None = None

    @property
    def page(self) -> int:
        """Page number from 1."""
        return self.line.page


def make(  # noqa: PLR0917 - the order of a place on a line is plain
    kind: Kind, value: str, line: Line, start: int, end: int, rule: str, valid: bool | None = None
) -> Candidate:
    """A candidate at ``line.text[start:end]``."""
    raw = line.text[start:end].replace(COLUMN, " ").replace(WIDE, " ")
    return Candidate(
        kind, value, raw, line, start, end, line.box_of(start, end), line.confidence_of(start, end), rule, valid
    )
