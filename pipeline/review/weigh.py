"""What a reviewer typed, weighed: in normal form, and with all that the checks say. Writes nothing.

The same code judges while one types (`check_typed`) and when one decides (`pipeline.review.decide`), so what the page
said is what counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy.orm import Session

from models.document_types import UNKNOWN, DocumentType, document_types
from models.errors import NotFound
from models.messages import say
from models.records import Extraction, Field, Finding, LineItem, Severity
from models.settings import Settings
from models.tables import DocumentRow
from pipeline.check import check_values, our_company
from pipeline.load import holder_of_key
from pipeline.review.records import blocking
from pipeline.review.stored import extract_again, finding_of, shown_findings, stored_extraction
from pipeline.review.typed import normal_items, normal_values
from pipeline.store import Store

_ASKED_AGAIN = frozenset({"duplicate", "invalid-value"})  # findings of loading, which we find out anew


@dataclass(frozen=True, slots=True)
class Weighed:
    """A document as typed. ``known`` and ``before`` are what it was, as its stored type or extracted as another.

    ``problems`` has a message for each value without a normal form; ``normal`` has all others. ``findings`` is what
    the checks say, but for `duplicate`; ``shown`` what they had said before.
    """

    kind: DocumentType
    before: Extraction
    known: Mapping[str, Field]
    normal: Mapping[str, str]
    items: tuple[LineItem, ...]
    changes: Mapping[str, Any]
    problems: Mapping[str, str]
    findings: tuple[Finding, ...]
    shown: tuple[Finding, ...]

    @property
    def corrected(self) -> list[str]:
        """The names of the fields whose value changes, in the order of the type."""
        before = {name: field.value for name, field in self.known.items()}
        return [name for name in self.kind.fields if self.normal.get(name, "") != before.get(name, "")]


@dataclass(frozen=True, slots=True)
class LinesSum:
    """The sum of the rows' net amounts, and how much more the net total is; None where there is no net total."""

    sum: str
    difference: str | None

    @property
    def told(self) -> str:
        """Both in words."""
        total = Decimal(self.sum)
        if self.difference is None:
            return say("Rows add up to {sum}.", sum=total)
        more = Decimal(self.difference)
        if more > 0:
            return say("Rows add up to {sum}; the net total is {difference} more.", sum=total, difference=more)
        if more < 0:
            return say("Rows add up to {sum}; the net total is {difference} less.", sum=total, difference=-more)
        return say("Rows add up to {sum}, the net total.", sum=total)


@dataclass(frozen=True, slots=True)
class Said:
    """What the checks say to what stands in the form now.

    ``values`` has the normal forms of what was typed; ``against`` are the findings that would keep it from loading, of
    which a written reason overrides the errors. ``lines`` is what the rows come to, None where no row has an amount.
    """

    values: Mapping[str, str]
    problems: Mapping[str, str]
    findings: tuple[Finding, ...]
    against: tuple[Finding, ...]
    kind: DocumentType
    lines: LinesSum | None = None


def _sum_of(items: Sequence[LineItem], values: Mapping[str, str]) -> LinesSum | None:
    nets = [Decimal(item.net_amount) for item in items if item.net_amount and is_number(item.net_amount)]
    if not nets:
        return None
    total = sum(nets, Decimal(0))
    net = values.get("net_total", "")
    return LinesSum(f"{total:f}", f"{Decimal(net) - total:f}" if is_number(net) else None)


def is_number(text: str) -> bool:
    """Whether a value in normal form is a number."""
    try:
        return Decimal(text).is_finite()
    except InvalidOperation:
        return False


def kind_named(name: str | None) -> DocumentType:
    """The document type of that name; None is the unknown one.

    Raises:
        NotFound: there is no such type.
    """
    kind = document_types().get(name or UNKNOWN)
    if kind is None:
        raise NotFound(say("There is no such document type."))
    return kind


def weigh(  # noqa: PLR0917
    session: Session,
    document: DocumentRow,
    kind: DocumentType,
    values: Mapping[str, str],
    line_items: Sequence[Mapping[str, Any]] | None,
    settings: Settings,
) -> Weighed:
    """Weigh what was typed, as a document of type ``kind``; arguments as in `decide.decide_accept`.

    Raises:
        NotFound: a name is no field of the type.
    """
    retyped = kind.name != document.type
    stored = stored_extraction(session, document.id)
    before = extract_again(session, document, kind, settings) if retyped else stored
    known = {field.name: field for field in before.fields if field.name in kind.fields}
    normal, problems = normal_values(kind, known, values)
    items, changes = before.line_items, dict[str, Any]()
    if line_items is not None and kind.line_table:
        items, wrong, changes = normal_items(before.line_items, line_items)
        problems |= wrong
    shown = shown_findings(document, kind, before, settings)
    clear = {name: value for name, value in normal.items() if value and name not in problems}
    findings = tuple(
        one
        for one in check_values(kind, clear, items, ours=our_company(settings))
        if one.code != "missing-field" or not set(one.fields) & set(problems)
    )
    weighed = Weighed(kind, before, known, normal, items, changes, problems, findings, shown)
    mended = set(weighed.corrected)
    told = (one for one in _told_by_reading(document, stored, settings) if not set(one.fields) & mended)
    return Weighed(kind, before, known, normal, items, changes, problems, (*findings, *told), shown)


def duplicate(holder: int | None) -> tuple[Finding, ...]:
    """The finding about another document that is loaded with the same business key, if there is one."""
    if holder is None:
        return ()
    message = say(
        "Document {holder} is already loaded with the same sender and number; loading this one replaces its row.",
        holder=holder,
    )
    return (Finding("duplicate", Severity.ERROR, message),)


def check_typed(
    store: Store,
    document_id: int,
    values: Mapping[str, str],
    line_items: Sequence[Mapping[str, Any]] | None = None,
    type_name: str | None = None,
) -> Said:
    """What the checks say to a form as it stands; nothing is saved, and nobody need hold the document.

    Raises:
        NotFound: no such document, type or field.
    """
    with store.reading() as session:
        document = session.get(DocumentRow, document_id)
        if document is None:
            raise NotFound(say("There is no document {number}.", number=document_id))
        kind = kind_named(type_name or document.type)
        weighed = weigh(session, document, kind, values, line_items, store.settings)
        clear = {name: value for name, value in weighed.normal.items() if value and name not in weighed.problems}
        findings = weighed.findings + duplicate(holder_of_key(session, document_id, kind, clear))
    typed = {name: clear[name] for name in values if name in clear}
    lines = _sum_of(weighed.items, clear)
    return Said(typed, weighed.problems, findings, blocking(findings, weighed.shown), kind, lines)


def _told_by_reading(document: DocumentRow, stored: Extraction, settings: Settings) -> tuple[Finding, ...]:
    """The stored findings that values alone can't repeat: what reading noticed, and the e-invoice against the page."""
    values = {field.name: field.value for field in stored.fields}
    kind, ours = kind_named(document.type), our_company(settings)
    of_values = set(check_values(kind, values, stored.line_items, ours=ours))
    told = map(finding_of, document.findings)
    return tuple(one for one in told if one not in of_values and one.code not in _ASKED_AGAIN)
