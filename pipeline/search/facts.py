"""What tells documents of a list from each other, better than the names of their files."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.document_types import UNKNOWN, Kind, document_types
from models.tables import DocumentRow, FieldRow

_PARTIES = ("seller_name", "company", "applicant_name", "employee_name", "holder_name", "surname", "bank_name")
_CUSTOMERS = {"invoice_issued", "purchase_order"}
"""Types in which the other side is the buyer: the seller is the same company in each of them."""
_NUMBERS = ("invoice_number", "delivery_note_number", "order_number", "statement_number")
"""Numbers of the document itself. Numbers of persons are for those who open it."""
_TOTALS = ("gross_total", "total", "closing_balance", "amount", "requested_limit")


@dataclass(frozen=True, slots=True)
class Facts:
    """Who a document is from or about, its own number, its first date, its amount with the currency: normal forms."""

    party: str = ""
    number: str = ""
    date: str = ""
    amount: str = ""


NOTHING = Facts()
"""Of a document of which nothing was read."""


def facts(session: Session, ids: Iterable[int]) -> dict[int, Facts]:
    """The facts of the documents with these ids, in one query; those that have no field are left out."""
    rows = session.execute(
        select(FieldRow.document_id, DocumentRow.type, FieldRow.name, FieldRow.value)
        .join(DocumentRow, DocumentRow.id == FieldRow.document_id)
        .where(FieldRow.document_id.in_(list(ids)), FieldRow.name.in_(_asked()))
    )
    values: dict[int, dict[str, str]] = {}
    types: dict[int, str | None] = {}
    for document_id, kind, name, value in rows:
        values.setdefault(document_id, {})[name] = value
        types[document_id] = kind
    return {document_id: _facts(types[document_id], fields) for document_id, fields in values.items()}


def _asked() -> list[str]:
    """Names of fields that matter here: the text of a letter, say, stays in the database."""
    dates = {name for kind in document_types().values() for name, spec in kind.fields.items() if spec.kind is Kind.DATE}
    return sorted({*_PARTIES, "buyer_name", *_NUMBERS, *_TOTALS, "currency"} | dates)


def _facts(type_name: str | None, fields: dict[str, str]) -> Facts:
    kind = document_types().get(type_name or UNKNOWN, document_types()[UNKNOWN])

    def first(names: Iterable[str]) -> str:
        return next((fields[name] for name in names if fields.get(name)), "")

    parties = ("buyer_name", *_PARTIES) if kind.name in _CUSTOMERS else _PARTIES
    own = [name for name in kind.fields if name in _NUMBERS][:1]  # an order's number is not the invoice's
    amount = first(_TOTALS)
    if amount and fields.get("currency"):
        amount += f" {fields['currency']}"
    dates = (name for name, spec in kind.fields.items() if spec.kind is Kind.DATE)
    return Facts(first(parties), first(own), first(dates), amount)
