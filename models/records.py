"""The records that cross a stage: frozen, typed, and the same on both sides of a process border.

Units, everywhere: boxes are ``(x0, y0, x1, y1)`` in PDF points (1/72 inch) from the top left corner of
the *upright* page, that is after ``Page.turned`` was applied; confidences are 0..1; values are strings
in normal form (ISO 8601 dates, decimal point and no thousands separator, ISO 4217 currencies,
identifiers without blanks where their standard has none).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Annotated, Any, TypeVar

from pydantic import PlainSerializer, PlainValidator, SerializationInfo, TypeAdapter, WithJsonSchema

from models.messages import read, written

Box = tuple[float, float, float, float]
Record = TypeVar("Record")


def _read_sentence(stored: object) -> str:
    if isinstance(stored, (str, dict)):
        return read(stored)
    raise ValueError("a sentence is text, or how a text was made")


def _write_sentence(text: str, info: SerializationInfo) -> Any:
    return written(text) if info.context == "whole" else str.__str__(text)  # programs are told the text alone


Sentence = Annotated[
    str, PlainValidator(_read_sentence), PlainSerializer(_write_sentence), WithJsonSchema({"type": "string"})
]
"""Text for people; a `models.messages.Message` crosses the border between processes as one."""


class Source(StrEnum):
    """Where words or a value came from."""

    TEXT = "text"  # the text layer of a PDF
    TESSERACT = "tesseract"
    RAPIDOCR = "rapidocr"
    XML = "xml"  # an e-invoice
    CODE = "code"  # a payment or invoice code on the page
    REVIEWER = "reviewer"
    DERIVED = "derived"  # computed from other fields, never seen on the page
    BLANK = "blank"  # a page with nothing on it

    @property
    def is_ocr(self) -> bool:
        """Whether an engine read it off a picture."""
        return self in (Source.TESSERACT, Source.RAPIDOCR)


class PageKind(StrEnum):
    """What a page is made of."""

    TEXT = "text"  # a text layer that shows what it says
    SCAN = "scan"  # a picture, whatever some scanner hid behind it
    MIXED = "mixed"  # a text layer, and pictures or notes that carry text beside it
    BLANK = "blank"  # nothing can be seen


class Witness(StrEnum):
    """What vouches for a value."""

    LABEL = "label"  # a label of the field stands beside it
    SUM = "sum"  # the totals tie out with it
    CHECK_DIGIT = "check_digit"
    XML = "xml"  # the e-invoice says the same
    CODE = "code"  # a payment or invoice code on the page says the same
    SECOND_READING = "second_reading"  # another engine read the same
    REPEATED = "repeated"  # it stands on the page more than once
    REVIEWER = "reviewer"


class Severity(StrEnum):
    """How much a finding weighs: only ``ERROR`` and ``WARNING`` keep a document from loading by itself."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class Route(StrEnum):
    """Where a document goes once it is understood."""

    AUTO = "auto"
    REVIEW = "review"
    QUARANTINE = "quarantine"


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a page, without white space inside."""

    text: str
    box: Box
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class Code:
    """A barcode or matrix code found on a page; ``format`` is its symbology (``"QRCode"``, ``"EAN13"``)."""

    format: str
    text: str
    box: Box


@dataclass(frozen=True, slots=True)
class Block:
    """A run of lines that belong together; each line is a range ``(first, end)`` of the page's words."""

    box: Box
    lines: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Page:
    """One page as it was read.

    ``width`` and ``height`` are those of the upright page in points; ``turned`` is the clockwise turn in
    degrees (0, 90, 180, 270) that made the stored page upright; ``source`` names who read the words, which stand
    in reading order: ``blocks``, top to bottom and column after column, are ranges of them. On a page whose ``kind``
    is mixed, ``source`` is that of most words.
    """

    number: int
    width: float
    height: float
    source: Source
    words: tuple[Word, ...] = ()
    turned: int = 0
    blocks: tuple[Block, ...] = ()
    codes: tuple[Code, ...] = ()
    kind: PageKind = PageKind.TEXT


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a table: where it stands, counted from 0, and over how many columns and rows it reaches."""

    text: str
    box: Box
    column: int
    columns: int = 1
    rows: int = 1


@dataclass(frozen=True, slots=True)
class Table:
    """A table on page ``page``, from rules (``ruled``) or from its words alone; then empty cells are absent."""

    page: int
    box: Box
    ruled: bool
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, slots=True)
class Tables:
    """All tables of a document."""

    tables: tuple[Table, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check says. ``code`` is stable, ``message`` is for people and holds no secrets of other documents."""

    code: str
    severity: Severity
    message: Sentence
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Field:
    """One extracted value and its proof: where it stands, who read it and what vouches for it."""

    name: str
    value: str
    raw: str = ""
    confidence: float = 0.0
    page: int | None = None
    box: Box | None = None
    source: Source = Source.TEXT
    witnesses: tuple[Witness, ...] = ()

    def vouched(self, witness: Witness) -> Field:
        """The same field with one witness more; one that it has stays where it is."""
        return replace(self, witnesses=tuple(dict.fromkeys((*self.witnesses, witness))))


@dataclass(frozen=True, slots=True)
class LineItem:
    """One row of an invoice's table. Amounts are net, ``tax_rate`` is in percent (``"21"``)."""

    description: str | None = None
    quantity: str | None = None
    unit: str | None = None
    unit_price: str | None = None
    net_amount: str | None = None
    tax_rate: str | None = None
    page: int | None = None
    box: Box | None = None
    confidence: float = 0.0


LINE_ITEM_COLUMNS = ("description", "quantity", "unit", "unit_price", "net_amount", "tax_rate")


@dataclass(frozen=True, slots=True)
class EInvoice:
    """An e-invoice found as XML, inside a PDF or an archive or alone, mapped to our field names.

    ``syntax`` is ``"cii"``, ``"ubl"``, ``"isdoc"`` or ``"fatturapa"``, ``document_type`` is ``"invoice"`` or
    ``"credit_note"``, ``name`` the attachment's or file's name.
    """

    name: str
    syntax: str
    document_type: str
    fields: tuple[Field, ...] = ()
    line_items: tuple[LineItem, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """All that was read from one file: its pages, the e-invoice in it, and what reading noticed."""

    media_type: str
    pages: tuple[Page, ...] = ()
    einvoice: EInvoice | None = None
    findings: tuple[Finding, ...] = ()

    @property
    def text(self) -> str:
        """The words of all pages in reading order, a blank between words and a line feed between pages."""
        return "\n".join(" ".join(word.text for word in page.words) for page in self.pages)


@dataclass(frozen=True, slots=True)
class Classification:
    """The document type and the calibrated probability that it is right; ``other`` means "unknown"."""

    type: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Extraction:
    """The fields and line items found for one document type."""

    fields: tuple[Field, ...] = ()
    line_items: tuple[LineItem, ...] = ()

    def value(self, name: str) -> str | None:
        """The normal form of field ``name``, or None where it was not found."""
        return next((field.value for field in self.fields if field.name == name), None)


@dataclass(frozen=True, slots=True)
class Decision:
    """Where the document goes and, in words, why."""

    route: Route
    reasons: tuple[Sentence, ...] = ()


@dataclass(frozen=True, slots=True)
class Understanding:
    """What the machine made of one document: the result of reading, classifying, extracting, checking and routing."""

    reading: Reading
    classification: Classification
    extraction: Extraction
    findings: tuple[Finding, ...]
    decision: Decision
    seconds: float = 0.0


_ADAPTERS: dict[type, TypeAdapter[Any]] = {}


def _adapter(record: type) -> TypeAdapter[Any]:
    if record not in _ADAPTERS:
        _ADAPTERS[record] = TypeAdapter(record)
    return _ADAPTERS[record]


def to_json(record: object) -> bytes:
    """Serialise any record of this module to UTF-8 JSON."""
    return _adapter(type(record)).dump_json(record, context="whole")


def from_json(record: type[Record], data: bytes | str) -> Record:
    """Read what `to_json` wrote, checking every type.

    Raises:
        pydantic.ValidationError: ``data`` is not such a record.
    """
    value: Record = _adapter(record).validate_json(data)
    return value
