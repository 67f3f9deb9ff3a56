"""What the classifier learns from and is judged by: documents of the factory, misread, cut short and mixed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from random import Random
from statistics import median

from models.records import Reading
from pipeline.classify.features import tokens
from pipeline.learn.factory import (
    FORM_LAYOUTS,
    HELD_OUT,
    HELD_OUT_LAYOUTS,
    LANGUAGES,
    LAYOUTS,
    OTHER_KINDS,
    make_form,
    make_invoice,
    make_other,
    make_receipt,
)
from pipeline.learn.factory.receipts import RECEIPT_LAYOUTS
from pipeline.learn.factory.records import Made
from pipeline.learn.factory.trade import seeded
from pipeline.learn.noise import draw_noise, misread, on_larger_paper, with_foreign_text

TYPES = (
    "invoice", "credit_note", "receipt", "purchase_order", "delivery_note", "payroll_request", "timesheet",
    "card_application", "identity_document", "bank_statement", "other",
)  # fmt: skip
"""All types that words tell; who issued an invoice is told by its seller (`pipeline.classify.ours`)."""
LOOK_ALIKES = ("quote", "reminder", "confirmation")
_SHARES = {
    "invoice": 17, "credit_note": 13, "receipt": 11, "delivery_note": 7, "order": 7, "form": 27, "look-alike": 8,
    "other": 10,
}  # fmt: skip
_CUT = 0.06  # of the documents only the top is read
_LARGER = 1.25  # so many times taller than the usual word is large print
_COUNTRIES = {"cz": "cs", "de": "de", "gb": "en", "my": "en"}


@dataclass(frozen=True, slots=True)
class Choice:
    """What documents are drawn from: layouts, (type, layout) of forms, (kind, language) of other papers, and sorts."""

    layouts: tuple[str, ...]
    receipts: tuple[str, ...]
    forms: tuple[tuple[str, str], ...]
    look_alikes: tuple[str, ...]
    others: tuple[tuple[str, str], ...]
    sorts: tuple[str, ...] = tuple(_SHARES)


_FORMS = tuple((kind, layout) for kind, layouts in sorted(FORM_LAYOUTS.items()) for layout in layouts)
_OTHERS = tuple((kind, language) for kind in OTHER_KINDS for language in LANGUAGES)
_NEW_RECEIPTS = ("coded",)

#: what the weights that ship learn from
TRAINED = Choice(
    tuple(layout for layout in LAYOUTS if layout not in HELD_OUT),
    tuple(layout for layout in RECEIPT_LAYOUTS if layout not in _NEW_RECEIPTS),
    tuple(pair for pair in _FORMS if pair[1] not in HELD_OUT),
    LOOK_ALIKES,
    _OTHERS,
)
#: layouts that nothing is trained on: senders that were never seen
NEW_LAYOUTS = replace(
    TRAINED,
    layouts=tuple(HELD_OUT_LAYOUTS),
    receipts=_NEW_RECEIPTS,
    forms=tuple(pair for pair in _FORMS if pair[1] in HELD_OUT),
)
_NEW_OTHERS = (("report", "de"), ("contract", "cs"), ("payroll", "en"), ("letter", "fr"), ("form", "cs"))
#: and kinds of other papers that a twin of the weights never sees, which says how papers that nobody knows are taken
NEW_PAPERS = replace(NEW_LAYOUTS, look_alikes=("confirmation",), others=_NEW_OTHERS)
STRANGE = replace(NEW_PAPERS, sorts=("look-alike", "other"))
TWIN = replace(
    TRAINED,
    look_alikes=tuple(kind for kind in LOOK_ALIKES if kind not in NEW_PAPERS.look_alikes),
    others=tuple(pair for pair in _OTHERS if pair not in _NEW_OTHERS),
)


@dataclass(frozen=True, slots=True)
class Case:
    """One document to learn from or to be judged by; ``group`` is the kind and language that it is counted in."""

    type: str
    words: list[str]
    group: str


def _draw(rng: Random, seed: str, choice: Choice) -> tuple[Made, str, str]:
    """One document, its group and its language."""
    wanted = rng.choices(choice.sorts, [_SHARES[one] for one in choice.sorts])[0]
    language = rng.choice(LANGUAGES)
    if wanted == "receipt":
        country = rng.choices(("cz", "de", "gb", "my"), (2, 2, 2, 3))[0]
        return make_receipt(seed, country, rng.choice(choice.receipts)), f"receipt {country}", _COUNTRIES[country]
    if wanted == "form":
        kind = rng.choice(sorted({kind for kind, _ in choice.forms}))
        layout = rng.choice([layout for one, layout in choice.forms if one == kind])
        return make_form(seed, kind, language, layout), f"{kind} {language}", language
    if wanted == "other":
        kind, language = rng.choice(choice.others)
        return make_other(seed, kind, language), f"{kind} {language}", language
    kind = rng.choice(choice.look_alikes) if wanted == "look-alike" else wanted
    rows = rng.choice([None, None, None, None, 40])
    return make_invoice(seed, kind, language, rng.choice(choice.layouts), rows), f"{kind} {language}", language


def top_of(reading: Reading, rng: Random) -> Reading:
    """The upper part of the first page, as a reader sees it that was interrupted or a camera that stood too near."""
    page = reading.pages[0]
    end = page.height * rng.uniform(0.2, 0.6)
    words = tuple(word for word in page.words if word.box[3] < end)
    return replace(reading, pages=(replace(page, words=words or page.words),))


def without_large_print(reading: Reading) -> Reading:
    """What a reader leaves that takes titles in colour or in fancy letters for pictures."""
    page = reading.pages[0]
    heights = [word.box[3] - word.box[1] for word in page.words]
    limit = _LARGER * median(heights or [0.0])
    words = tuple(word for word, height in zip(page.words, heights, strict=True) if height < limit)
    return replace(reading, pages=(replace(page, words=words or page.words), *reading.pages[1:]))


def cases(seed: int, count: int, part: str, choice: Choice, untitled: float = 0.0) -> Iterator[Case]:
    """Generated documents, three quarters of them misread; ``part`` keeps the parts of one seed apart.

    The share ``untitled`` of them has lost its large print, so that one learns to do without.
    """
    for number in range(count):
        rng = seeded("classifier", seed, part, number)
        made, group, language = _draw(rng, f"{part}-{seed}-{number}", choice)
        reading = made.reading
        if made.type == "receipt" and rng.random() < 0.4:
            reading = on_larger_paper(reading, rng)
        if rng.random() < _CUT:
            reading = top_of(reading, rng)
        if untitled and rng.random() < untitled:
            reading = without_large_print(reading)
        reading = with_foreign_text(reading, rng, language if rng.random() < 0.8 else rng.choice(LANGUAGES))
        yield Case(made.type, tokens(misread(reading, rng, draw_noise(rng))), group)
