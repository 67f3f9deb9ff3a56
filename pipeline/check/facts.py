"""What a check sees: values in normal form, parsed once, and the means to say what is wrong."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property

from rapidfuzz import fuzz

from extractors.page.text import fold, squeeze
from models.document_types import DocumentType, Kind
from models.records import EInvoice, Finding, LineItem, Reading, Severity

_NUMBER = re.compile(r"-?[0-9]{1,18}(?:\.[0-9]{1,9})?")  # fits Python's 28 digits, so that sums are exact

_ALIKE = 88.0
"""Percent of rapidfuzz's ratio from which two names are one."""


def decimal(value: str | None) -> Decimal | None:
    """The number that a normal form is; None where there is none or it is malformed (``malformed-value`` tells)."""
    return Decimal(value) if value and _NUMBER.fullmatch(value) else None


@dataclass(frozen=True)
class Ours:
    """Our own company as the settings name it; empty where they don't."""

    names: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Whether anything is known of us."""
        return bool(self.names or self.ids)

    def is_us(self, value: str) -> bool:
        """Whether a name, nearly as we write it, or an id is ours; ``CZ25596641`` is also ``25596641``."""
        digits = {squeeze(one) for one in self.ids}
        digits |= {one.removeprefix("cz") for one in digits}
        if squeeze(value) in digits or squeeze(value).removeprefix("cz") in digits:
            return True
        return any(fuzz.ratio(fold(value), fold(name)) >= _ALIKE for name in self.names if name.strip())


NOBODY = Ours()


@dataclass(frozen=True)
class Facts:
    """One document as the checks see it. ``reading`` is None for values that a reviewer typed."""

    kind: DocumentType
    values: Mapping[str, str]
    line_items: Sequence[LineItem]
    today: dt.date
    reading: Reading | None = None
    ours: Ours = NOBODY
    confidences: Mapping[str, float] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """The value of field ``name``, or ``""``."""
        return self.values.get(name) or ""

    def amount(self, name: str) -> Decimal | None:
        """The value of field ``name`` as a number."""
        return decimal(self.values.get(name))

    def date(self, name: str) -> dt.date | None:
        """The value of field ``name`` as a date."""
        try:
            return dt.date.fromisoformat(self.text(name))
        except ValueError:
            return None

    def title(self, name: str) -> str:
        """The English title of field ``name``."""
        return self.kind.fields[name].title["en"] if name in self.kind.fields else name

    @property
    def einvoice(self) -> EInvoice | None:
        """The e-invoice inside the file, if there is one."""
        return self.reading.einvoice if self.reading else None

    @cached_property
    def lines_from_xml(self) -> bool:
        """Whether the line items are those of the e-invoice, and so surely read right."""
        return self.einvoice is not None and bool(self.einvoice.line_items)


Check = Callable[[Facts], Iterator[Finding]]
"""A check yields its findings. It may raise anything: `pipeline.check` turns that into ``check-failed``."""


def shown(kind: Kind, value: str) -> object:
    """A value in normal form as what it is, for a sentence: amounts as numbers, dates as dates, else text."""
    if kind is Kind.AMOUNT and (number := decimal(value)) is not None:
        return number
    try:
        return dt.date.fromisoformat(value) if kind is Kind.DATE else value
    except ValueError:
        return value


def error(code: str, message: str, *fields: str) -> Finding:
    """A finding that keeps the document from loading by itself because it must be wrong."""
    return Finding(code, Severity.ERROR, message, fields)


def warning(code: str, message: str, *fields: str) -> Finding:
    """A finding that keeps the document from loading by itself because it may be wrong."""
    return Finding(code, Severity.WARNING, message, fields)


def info(code: str, message: str, *fields: str) -> Finding:
    """A finding that is only told."""
    return Finding(code, Severity.INFO, message, fields)
