"""A document type that no file declares, as an office might add one."""

from __future__ import annotations

from models.document_types import DocumentType


def library_card(**names: str) -> DocumentType:
    """A reader's card of a library; ``names`` gives fields other names."""
    fields = {
        "reader_name": {"kind": "person", "labels": {"en": ("reader", "name of the reader")}, "required": True},
        "card_number": {"kind": "identifier", "labels": {"en": ("card number", "card no")}, "required": True},
        "open_from": {"kind": "date", "labels": {"en": ("loan period", "lent from")}},
        "open_to": {"kind": "date", "labels": {"en": ("loan period", "return by")}},
        "fee": {"kind": "amount", "labels": {"en": ("annual fee",)}},
        "deposit": {"kind": "amount", "labels": {"en": ("deposit",)}},
        "total": {"kind": "amount", "labels": {"en": ("total to pay",)}},
        "books": {"kind": "number", "labels": {"en": ("books lent", "number of books")}},
        "branch": {"kind": "text", "labels": {"en": ("branch",)}},
        "currency": {"kind": "currency"},
    }
    named = {names.get(name, name): {"title": {"en": name}, **spec} for name, spec in fields.items()}
    parts = [names.get(name, name) for name in ("fee", "deposit")]
    return DocumentType.model_validate(
        {
            "name": names.get("type", "library_card"),
            "title": {"en": "Library card"},
            "table": "library_cards",
            "business_key": [names.get("card_number", "card_number")],
            "sums": [[parts, names.get("total", "total")]],
            "fields": named,
        }
    )


CARD = [
    (60, 60, "City Library"),
    (60, 110, "Reader:"),
    (200, 110, "Margaret Hill"),
    (60, 130, "Card number:"),
    (200, 130, "LC-20418"),
    (60, 150, "Branch:"),
    (200, 150, "Old Harbour"),
    (330, 150, "Telephone:"),
    (420, 150, "020 7946 0018"),
    (60, 170, "Loan period:"),
    (200, 170, "3 March 2025 - 31 March 2025"),
    (60, 190, "Number of books:"),
    (200, 190, "4"),
    (60, 230, "Annual fee:"),
    (200, 230, "£12.50"),
    (60, 250, "Deposit:"),
    (200, 250, "£20.00"),
    (60, 270, "Total to pay:"),
    (200, 270, "£32.50"),
]
TRUTH = {
    "reader_name": "Margaret Hill",
    "card_number": "LC-20418",
    "branch": "Old Harbour",
    "open_from": "2025-03-03",
    "open_to": "2025-03-31",
    "books": "4",
    "fee": "12.50",
    "deposit": "20.00",
    "total": "32.50",
    "currency": "GBP",
}
