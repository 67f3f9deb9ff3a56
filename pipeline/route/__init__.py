"""Route: straight to the database, or to a person with the reasons in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol

from models.document_types import UNKNOWN, DocumentType, Kind
from models.messages import open_ended, say
from models.records import Classification, Decision, Extraction, Finding, Route, Severity
from models.settings import Settings
from pipeline.route.four_eyes import two_people

__all__ = ["TYPE_UNKNOWN", "doubtful", "is_about", "is_about_rows", "limit_of", "route", "two_people"]

TYPE_UNKNOWN = say("The document type is unknown")
"""The reason of every document whose type nobody knows."""

_COSTLY = {Kind.AMOUNT, Kind.NUMBER, Kind.PERCENT, Kind.IBAN, Kind.DATE}
"""Kinds that cost money when they are wrong; they must be as sure as a required field."""
_LESSER = 0.7
"""The other fields must be so sure, as a share of ``field_threshold``."""


class Judged(Protocol):
    """What has a name and a confidence: a `models.records.Field` or a row of the fields' table."""

    @property
    def name(self) -> str:
        """The field's name."""

    @property
    def confidence(self) -> float:
        """The probability that its value is right."""


def _blocking(findings: Iterable[Finding]) -> Iterator[Finding]:
    return (finding for finding in findings if finding.severity in (Severity.WARNING, Severity.ERROR))


def limit_of(kind: DocumentType, name: str, settings: Settings) -> float:
    """How sure a field must be for the document to go on without a person."""
    spec = kind.fields.get(name)
    full = spec is not None and (spec.required or spec.kind in _COSTLY)
    return settings.field_threshold * (1.0 if full else _LESSER)


def _unsure(kind: DocumentType, fields: Iterable[Judged], settings: Settings) -> dict[str, float]:
    # "not (a >= b)": a confidence that is no number is a doubt too
    return {one.name: one.confidence for one in fields if not one.confidence >= limit_of(kind, one.name, settings)}


def doubtful(
    kind: DocumentType, fields: Iterable[Judged], findings: Iterable[Finding], settings: Settings
) -> tuple[str, ...]:
    """The names of the fields that a reviewer must look at, in the order of the document type.

    They are the required ones that are missing, those whose confidence is under its limit (``field_threshold``
    for required fields, amounts, dates and accounts, 70 % of it for the others), and those that a warning or an
    error names. ``line_items`` is among them, at the end, where a finding names the line items.
    """
    fields = tuple(fields)
    present = {one.name for one in fields}
    names = {name for name, spec in kind.fields.items() if spec.required and name not in present}
    names |= _unsure(kind, fields, settings).keys()
    names |= {name for finding in _blocking(findings) for name in finding.fields}
    order = list(kind.fields)
    return tuple(sorted(names, key=lambda name: (order.index(name) if name in order else len(order), name)))


def _reasons(
    kind: DocumentType,
    classification: Classification,
    extraction: Extraction,
    findings: tuple[Finding, ...],
    settings: Settings,
) -> Iterator[str]:
    if kind.name == UNKNOWN:
        yield TYPE_UNKNOWN
    elif not classification.confidence >= settings.type_threshold:
        yield say(
            "The document type is doubtful ({title}, {confidence:.0%})",
            title=kind.title["en"],
            confidence=classification.confidence,
        )
    told: set[str] = set()
    for finding in _blocking(findings):
        told.update(finding.fields)
        yield open_ended(finding.message)
    present = {one.name for one in extraction.fields}
    for name, spec in kind.fields.items():
        if spec.required and name not in present and name not in told:
            yield say("{title} is missing", title=spec.title["en"])
    for name, confidence in _unsure(kind, extraction.fields, settings).items():
        if name in told:
            continue
        title = kind.fields[name].title["en"] if name in kind.fields else name
        yield say("{title} is doubtful ({confidence:.0%})", title=title, confidence=confidence)
    lines = sum(not item.confidence >= settings.field_threshold * _LESSER for item in extraction.line_items)
    if reason := two_people(kind, {field.name: field.value for field in extraction.fields}, settings):
        yield reason
    if lines:
        count = len(extraction.line_items)
        if lines == 1:
            yield say("1 of {count} line items is doubtful", count=count)
        else:
            yield say("{lines} of {count} line items are doubtful", lines=lines, count=count)


def is_about_rows(reason: str) -> bool:
    """Whether a reason of `route` says no more than that some line items are doubtful."""
    return reason.endswith(("line items is doubtful", "line items are doubtful"))


def is_about(reason: str, title: str) -> bool:
    """Whether a reason of `route` says no more than that the field of that title is missing or doubtful."""
    return reason == say("{title} is missing", title=title) or reason.startswith(f"{title} is doubtful (")


def route(
    kind: DocumentType,
    classification: Classification,
    extraction: Extraction,
    findings: tuple[Finding, ...],
    settings: Settings,
) -> Decision:
    """Decide whether a document loads by itself or goes to a person, and say why. Pure.

    It goes to a person where its type is unknown or under ``type_threshold``, where a warning or an error was
    found, a required field is missing, a field or line item is doubtful (see `doubtful`), or two people are needed.
    """
    reasons = tuple(dict.fromkeys(_reasons(kind, classification, extraction, findings, settings)))
    return Decision(Route.REVIEW if reasons else Route.AUTO, reasons)
