"""Documents for the training of the rows' scorer: generated, clean, misread, disturbed or scanned, and real ones."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

from extractors.page.labels import find_labels
from extractors.page.layout import lay_out
from extractors.table.line_items import find_line_items
from extractors.table.rows import Row
from models.document_types import UNKNOWN, document_types
from models.errors import UnreadableDocument
from models.records import Page, Reading, Word
from models.settings import Settings
from pipeline.evaluate.truth import read_truth
from pipeline.intake.media_types import sniff
from pipeline.learn.factory import LANGUAGES, LAYOUTS, make_invoice
from pipeline.learn.factory.trade import seeded
from pipeline.learn.factory.vocabulary import vocabulary
from pipeline.learn.read_documents import KINDS, documents
from pipeline.learn.scorer_papers import CLEAN, MISREAD, REAL, worn
from pipeline.reading import read

SCANNED = "scanned"
"""The state of a generated document that was scanned and read."""
_DISTURBED = 0.4  # share of the generated documents whose table is disturbed


@dataclass(frozen=True, slots=True)
class TablePaper:
    """A document with the rows that stand on it; ``partial`` where of descriptions only a part is known.

    ``group`` names what is kept apart: a layout, or a sender.
    """

    type: str
    group: str
    state: str
    reading: Reading
    rows: tuple[Mapping[str, str], ...]
    partial: bool = False


def papers(seed: int, count: int) -> Iterator[TablePaper]:
    """``count`` generated trade documents of each language, some disturbed, most of them misread."""
    layouts = sorted(LAYOUTS)
    for language in LANGUAGES:
        for number in range(count):
            rng = seeded("rows", seed, language, number)
            layout = layouts[number % len(layouts)]
            made = make_invoice(f"rows-{seed}-{number}", rng.choice(KINDS), language, layout)
            reading = made.reading
            if rng.random() < _DISTURBED:
                reading = disturbed(reading, made.type, language, rng)
            state = MISREAD if rng.random() < 0.7 else CLEAN
            if state == MISREAD:
                reading = worn(reading, rng)
            yield TablePaper(made.type, layout, state, reading, tuple(made.line_items))


def scanned(seed: int, count: int) -> Iterator[TablePaper]:
    """``count`` generated trade documents that were scanned and read, 4 to 8 seconds each.

    Raises:
        MissingTool: a font, Tesseract or one of its languages is not installed.
    """
    for one in documents(seed, count):
        yield TablePaper(one.made.type, one.made.layout, SCANNED, one.reading, tuple(one.made.line_items))


def of_folder(folder: Path) -> Iterator[TablePaper]:
    """The documents with rows of a folder whose truth is beside or above them, read as in real work.

    Raises:
        InvalidTruth: the truth can't be used.
        MissingTool: a document is a scan and its engine is not installed.
    """
    source = next((one for one in (folder / "truth.jsonl", folder.parent / "truth.jsonl") if one.is_file()), folder)
    for truth in read_truth(source, folder):
        media_type = sniff(truth.path)
        if truth.refusal or truth.type == UNKNOWN or media_type is None or not truth.line_items:
            continue
        try:
            reading = read(truth.path, media_type, Settings(), lambda _page: None)
        except UnreadableDocument:
            continue
        sender = truth.fields.get("seller_vat_id") or truth.fields.get("seller_name") or truth.id
        yield TablePaper(truth.type, f"real {sender}", REAL, reading, tuple(truth.line_items), truth.partial)


def disturbed(reading: Reading, kind: str, language: str, rng: Random) -> Reading:
    """A clean reading as other senders have it: remarks below rows, wide leading, no heads or heads beside columns."""
    layout = lay_out(reading)
    rows = find_line_items(layout, find_labels(layout, document_types()[kind])).found
    if not rows:
        return reading
    way = rng.random()
    if way < 0.45:
        return _with_remarks(reading, rows, language, rng)
    if way < 0.7:
        return _stretched(reading, rows, rng)
    if way < 0.85:
        return _without_head(reading, rows[0], rng.choice((0.3, 1.0)), rng)
    return _beside_heads(reading, rows[0], rng.uniform(-30, 30))


def _with_remarks(reading: Reading, rows: Iterable[Row], language: str, rng: Random) -> Reading:
    """With words below some rows that are no part of their descriptions: small, indented or further below."""
    words = vocabulary(language)
    texts = [*words["extras"]["details"], *words["notes"]]
    small, indent, gap = (
        rng.choice((0.75, 0.85, 0.92, 1.0)),
        rng.choice((0.0, 0.0, 6.0, 14.0)),
        rng.choice((0.1, 0.4, 1)),
    )
    pages = {page.number: page for page in reading.pages}
    for row in reversed(list(rows)):
        if rng.random() < 0.4:
            continue
        last = max([*row.lines, *row.joined], key=lambda line: line.number)
        height = row.line.height
        top = last.box[3] + gap * height
        pages[last.page] = _lowered(pages[last.page], last.box[3] - 0.4 * height, (gap + small) * height)
        x, found = _words_at(row) + indent, []
        text = rng.choice(texts).replace("{number}", str(rng.randrange(1000, 99999))).replace("{n}", "2024")
        for part in text.split()[:8]:
            wide = 0.5 * small * height * len(part)
            found.append(Word(part, (x, top, x + wide, top + small * height)))
            x += wide + 0.28 * small * height
        page = pages[last.page]
        pages[last.page] = replace(page, words=(*page.words, *found))
    return replace(reading, pages=tuple(pages[page.number] for page in reading.pages))


def _words_at(row: Row) -> float:
    """Where the words of a row begin."""
    return next((t.box[0] for t in row.line.tokens if sum(c.isalpha() for c in t.text) > 2), row.box[0])


def _lowered(page: Page, below: float, by: float) -> Page:
    """The page with everything below a height moved down."""
    words = tuple(
        replace(word, box=(word.box[0], word.box[1] + by, word.box[2], word.box[3] + by))
        if (word.box[1] + word.box[3]) / 2 > below
        else word
        for word in page.words
    )
    return replace(page, words=words)


def _stretched(reading: Reading, rows: Iterable[Row], rng: Random) -> Reading:
    """With more white space over the lines that wrapped descriptions go on with."""
    wide = rng.uniform(0.3, 1.2)
    pages = {page.number: page for page in reading.pages}
    for row in reversed(list(rows)):
        for line in sorted(row.joined, key=lambda line: -line.number):
            by = wide * line.height
            pages[line.page] = _lowered(pages[line.page], line.box[1] - 0.1 * line.height, by)
    return replace(reading, pages=tuple(pages[page.number] for page in reading.pages))


def _without_head(reading: Reading, row: Row, share: float, rng: Random) -> Reading:
    """Without the heads of its columns, or without some of them."""
    return _heads(reading, row, lambda word: None if rng.random() < share else word)


def _beside_heads(reading: Reading, row: Row, by: float) -> Reading:
    """With heads that stand beside their columns."""
    return _heads(
        reading, row, lambda word: replace(word, box=(word.box[0] + by, word.box[1], word.box[2] + by, word.box[3]))
    )


def _heads(reading: Reading, row: Row, change: Callable[[Word], Word | None]) -> Reading:
    """With each word of the heads changed, or left out where that says None."""
    if row.head is None:
        return reading
    boxes = [head.box for head in row.head.columns]

    def changed(word: Word) -> Word | None:
        x, y = (word.box[0] + word.box[2]) / 2, (word.box[1] + word.box[3]) / 2
        return change(word) if any(b[0] <= x <= b[2] and b[1] <= y <= b[3] for b in boxes) else word

    here = next(page for page in reading.pages if page.number == row.head.page)
    kept = tuple(new for word in here.words if (new := changed(word)) is not None)
    return replace(reading, pages=tuple(replace(p, words=kept) if p is here else p for p in reading.pages))
