"""Which documents need two people before they load: those of some types, and those above an amount. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

from models.document_types import DocumentType, Kind
from models.messages import say
from models.settings import Settings

_ANY_OTHER = "*"


def two_people(kind: DocumentType, values: Mapping[str, str], settings: Settings) -> str | None:
    """Why a document with these values (normal forms by field) needs two people; None where one will do.

    The largest of its amounts counts, whatever its sign. Where amounts are limited at all, one in a currency that
    has no limit, or that can't be told, needs two people: silence must not be a way around.
    """
    if kind.name in settings.four_eyes_types:
        return say("Two people must confirm every document of type {title:lower}", title=kind.title["en"])
    if not settings.four_eyes_above:
        return None
    amounts = [text for name, text in values.items() if text and _kind_of(kind, name) == Kind.AMOUNT]
    if not amounts:
        return None
    currency = next((text for name, text in values.items() if text and _kind_of(kind, name) == Kind.CURRENCY), "")
    limit = settings.four_eyes_above.get(currency, settings.four_eyes_above.get(_ANY_OTHER))
    if limit is None:
        if not currency:
            return say("Two people must confirm it: no limit is set for an unknown currency")
        return say("Two people must confirm it: no limit is set for {currency}", currency=currency)
    if any(not _is_within(text, limit) for text in amounts):
        shown = f"{limit:,f} {currency}".replace(",", " ").rstrip()
        return say("Two people must confirm what is above {limit}", limit=shown)
    return None


def _kind_of(kind: DocumentType, name: str) -> Kind | None:
    spec = kind.fields.get(name)
    return spec.kind if spec else None


def _is_within(text: str, limit: Decimal) -> bool:
    try:
        return abs(Decimal(text)) <= limit
    except InvalidOperation:  # a NaN, or no number
        return False
