"""A seeded document factory: invented business documents with the truth of what stands on them.

The same seed gives the same bytes (with the same versions of Faker, reportlab and the fonts). Nothing is
copied from real documents; names, companies and numbers are invented, check digits are valid.
"""

from __future__ import annotations

from pipeline.learn.factory.forms import FORM_LAYOUTS, HELD_OUT_FORMS, make_form
from pipeline.learn.factory.held_out import HELD_OUT_LAYOUTS
from pipeline.learn.factory.invoices import TRADE_KINDS, make_invoice
from pipeline.learn.factory.layouts import LAYOUTS
from pipeline.learn.factory.others import OTHER_KINDS, make_other
from pipeline.learn.factory.receipts import RECEIPT_COUNTRIES, make_receipt
from pipeline.learn.factory.records import Made
from pipeline.learn.factory.strangers import STRANGE_LANGUAGES, STRANGE_LAYOUTS

LANGUAGES = ("cs", "de", "en", "fr")
#: layouts that nothing is ever trained on: they tell how senders that were never seen are read
HELD_OUT = (*HELD_OUT_LAYOUTS, *HELD_OUT_FORMS)

__all__ = [
    "FORM_LAYOUTS",
    "HELD_OUT",
    "HELD_OUT_LAYOUTS",
    "LANGUAGES",
    "LAYOUTS",
    "OTHER_KINDS",
    "RECEIPT_COUNTRIES",
    "STRANGE_LANGUAGES",
    "STRANGE_LAYOUTS",
    "TRADE_KINDS",
    "Made",
    "make_form",
    "make_invoice",
    "make_other",
    "make_receipt",
]
