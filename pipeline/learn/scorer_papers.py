"""Documents for the training of the form scorer: generated ones, clean and misread, and real ones with their truth."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

from extractors.form.fields import prepare
from extractors.form.measure import Measure
from extractors.page.layout import Layout, overlap
from extractors.scoring import FEATURES, Option
from extractors.scoring.model import Floats, rows_of
from models.document_types import UNKNOWN, DocumentType, Kind, document_types
from models.errors import UnreadableDocument
from models.records import Box, Page, Reading, Source, Word
from models.settings import Settings
from pipeline.evaluate.compare import implied, same
from pipeline.evaluate.truth import read_truth
from pipeline.intake.media_types import sniff
from pipeline.learn.factory import LAYOUTS, RECEIPT_COUNTRIES, Made, make_invoice, make_receipt
from pipeline.learn.factory.forms import FORM_LAYOUTS, HELD_OUT_FORMS, LETTERS, make_form
from pipeline.learn.factory.receipts import RECEIPT_LAYOUTS
from pipeline.learn.factory.trade import seeded
from pipeline.learn.noise import Noise, misread
from pipeline.reading import read

_TRADE = {"invoice": "invoice", "purchase_order": "order", "delivery_note": "delivery_note"}
"""Types that the factory draws as trade documents, and what it calls them."""
TYPES = (*_TRADE, "receipt", *FORM_LAYOUTS)
_WRITTEN = ("payroll_request", "timesheet", "card_application")
_LETTERS_EACH = 4  # documents that there are for each letter
BY_ZONE = {"identity_document": frozenset({"document_kind", "issuing_state", "nationality", "sex"})}
"""Fields whose normal form the machine-readable zone alone has (`extractors.identity`)."""
_TEXTS = frozenset({Kind.IDENTIFIER, Kind.DIGITS, Kind.PERSON})
_PLAIN_EACH = 5
_REAL_COUNTS = 5.0  # generated documents that a real one counts for
_LANGUAGES = ("cs", "de", "en")
HELD_OUT = frozenset({"sidebar", "strip", "stacked", "coded", *HELD_OUT_FORMS})
"""Layouts that no figure's model has seen."""
_WORST = 2.5  # see `noise_of`
_CERTAIN = (6.0, 12.0, 30.0)  # see `as_scan`
CLEAN, MISREAD, REAL = "clean", "misread", "real"


@dataclass(frozen=True, slots=True)
class Paper:
    """A document with its truth; ``boxes`` are page and box of a field where they are known, ``state`` how it was read.

    ``group`` names what is kept apart: a layout, or a sender.
    """

    id: str
    type: str
    language: str
    group: str
    state: str
    reading: Reading
    fields: Mapping[str, str]
    boxes: Mapping[str, tuple[int, Box]]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A measured document: one row of ``rows`` for each option; ``weights`` is 0 where nobody can say what is right.

    ``declared`` is its document type where that is not the one of this name but says less: such sheets are learnt from,
    and nothing is judged by them.
    """

    id: str
    type: str
    language: str
    group: str
    state: str
    fields: Mapping[str, str]
    options: tuple[Option, ...]
    rows: Floats
    right: Floats
    weights: Floats
    counts: float = 1.0
    declared: DocumentType | None = None

    @property
    def kind(self) -> DocumentType:
        """Its document type."""
        return self.declared or document_types()[self.type]


def scanned(rng: Random) -> Noise:
    """What a good to a poor scan does to words; one in twenty to one in five has a fault."""
    return noise_of(rng.random())


def noise_of(bad: float) -> Noise:
    """A scan's faults: 0 is a good one, 1 a poor one, 3 what people can hardly read."""
    return Noise(
        letters=0.002 + 0.012 * bad,
        diacritics=0.01 * bad,
        glued=0.015 * bad,
        split=0.006 * bad,
        lost_words=0.004 * bad,
        lost_lines=0.003 * bad,
        junk=0.015 * bad,
        jitter=0.05 + 0.15 * bad,
    )


def as_scan(reading: Reading, rng: Random, noise: Noise | None = None, certain: float = 30.0) -> Reading:
    """``reading`` misread, with the chances that our reading would give: lower, mostly, for what is wrong.

    How badly is drawn by `scanned` unless ``noise`` is given. What is right gets a chance of
    1 - 1 / ``certain`` or so.
    """
    known = [frozenset(word.text for word in page.words) for page in reading.pages]
    seen = misread(reading, rng, noise or scanned(rng))
    pages = (_with_chances(page, texts, rng, certain) for page, texts in zip(seen.pages, known, strict=True))
    return replace(seen, pages=tuple(pages))


def worn(reading: Reading, rng: Random) -> Reading:
    """``reading`` as a scan between a good one and what people can hardly read, by engines more and less sure."""
    return as_scan(reading, rng, noise_of(_WORST * rng.random() ** 2), rng.choice(_CERTAIN))


def _with_chances(page: Page, texts: frozenset[str], rng: Random, certain: float) -> Page:
    words = tuple(
        Word(word.text, word.box, rng.betavariate(certain, 1) if word.text in texts else rng.betavariate(2.5, 1.8))
        for word in page.words
    )
    return replace(page, words=words, source=Source.TESSERACT)


def draw(seed: int, number: int, kind: str, layouts: Sequence[str] | None = None) -> Made:
    """Make the document ``number`` of a type."""
    rng = seeded("scorer", seed, kind, number)
    name, language = f"scorer-{seed}-{number}", rng.choice(_LANGUAGES)
    if kind in FORM_LAYOUTS:
        return make_form(name, kind, language, rng.choice(layouts or FORM_LAYOUTS[kind]))
    if kind == "receipt":
        return make_receipt(name, rng.choice(RECEIPT_COUNTRIES), rng.choice(layouts or RECEIPT_LAYOUTS))
    rows = rng.choice((1, 2, 3, 5, 8, 12, None))
    return make_invoice(name, _TRADE[kind], language, rng.choice(layouts or sorted(LAYOUTS)), rows)


def papers(seed: int, count: int, types: Sequence[str] = TYPES) -> Iterator[Paper]:
    """``count`` documents of each type, every other one misread, and letters of those that people write as letters."""
    for kind in types:
        for number in range(count):
            made = draw(seed, number, kind)
            yield from versions(made, seed, both=made.layout in HELD_OUT)
        if kind in _WRITTEN:
            for number in range(count, count + count // _LETTERS_EACH):
                yield from versions(draw(seed, number, kind, LETTERS), seed, both=False)


def versions(made: Made, seed: int, *, both: bool) -> Iterator[Paper]:
    """A generated document clean or misread, by its name, or ``both``."""
    rng = seeded("scorer-reading", seed, made.id)
    first = rng.random() < 0.5
    for state in (CLEAN, MISREAD):
        if both or (state == MISREAD) is first:
            reading = as_scan(made.reading, rng) if state == MISREAD else made.reading
            fields = {name: value for name, value in made.fields.items() if name not in BY_ZONE.get(made.type, ())}
            yield Paper(made.id, made.type, made.language, made.layout, state, reading, fields, made.boxes)


def plain(kind: DocumentType) -> DocumentType:
    """A type as somebody may declare it who says no more than he must: numbers and names are text, nobody issues it."""
    fields = {
        name: spec.model_copy(update={"kind": Kind.TEXT}) if spec.kind in _TEXTS and spec.labels else spec
        for name, spec in kind.fields.items()
    }
    return kind.model_copy(update={"fields": fields, "issued_by": None})


def also_plain(some: Iterable[Paper]) -> Iterator[Sheet]:
    """The papers with their options, and every fifth generated one once more as a document of a `plain` type."""
    for paper in some:
        yield from measured([paper])
        if paper.state != REAL and zlib.crc32(paper.id.encode()) % _PLAIN_EACH == 0:
            yield from measured([paper], plain(document_types()[paper.type]))


def measured(papers: Iterable[Paper], declared: DocumentType | None = None) -> Iterator[Sheet]:
    """The papers with their options, as documents of the type ``declared`` if that is given."""
    for paper in papers:
        kind = declared or document_types()[paper.type]
        layout, labels = prepare(paper.reading, kind)
        options = Measure(layout, labels, kind).options()
        truth = {**implied(paper.fields), **paper.fields}
        right, weights = [], []
        for one in options:
            good, weight = _judged(one, truth, paper, kind.fields[one.field].kind, layout)
            right.append(float(good))
            weights.append(weight)
        bare = tuple(Option(one.candidate, one.field, {}) for one in options)
        yield Sheet(
            paper.id, paper.type, paper.language, paper.group, paper.state, paper.fields, bare,
            rows_of([one.features for one in options], tuple(FEATURES)), rows_of([{"": r} for r in right], ("",))[:, 0],
            rows_of([{"": w} for w in weights], ("",))[:, 0], _REAL_COUNTS if paper.state == REAL else 1.0,
            declared,
        )  # fmt: skip


def _judged(option: Option, truth: Mapping[str, str], paper: Paper, kind: Kind, layout: Layout) -> tuple[bool, float]:
    """Whether an option is right, and how much it teaches: nothing where the right value stands in another place."""
    expected = truth.get(option.field)
    if expected is None or not same(kind, expected, option.candidate.value):
        return False, 1.0
    place = paper.boxes.get(option.field)
    if place is None or kind is Kind.CURRENCY:
        return True, 1.0
    one = option.candidate
    box = layout.on_page(one.box, one.page)
    inside = min(box[3], place[1][3]) - max(box[1], place[1][1]) > 0.3 * (box[3] - box[1]) / getattr(one, "lines", 1)
    return True, 1.0 if one.page == place[0] and inside and overlap(box, place[1]) > 0.3 else 0.0


def of_folder(folder: Path) -> Iterator[Paper]:
    """The documents of a folder whose truth is beside or above them as ``truth.jsonl``, read as in real work.

    Raises:
        InvalidTruth: the truth can't be used.
        MissingTool: a document is a scan and its engine is not installed.
    """
    source = next((one for one in (folder / "truth.jsonl", folder.parent / "truth.jsonl") if one.is_file()), folder)
    for truth in read_truth(source, folder):
        media_type = sniff(truth.path)
        if truth.refusal or truth.type == UNKNOWN or media_type is None:
            continue
        try:
            reading = read(truth.path, media_type, Settings(), lambda _page: None)
        except UnreadableDocument:
            continue
        fields = {name: value for name, value in truth.fields.items() if value is not None}
        yield Paper(truth.id, truth.type, "", f"real {truth.id}", REAL, reading, fields, {})
