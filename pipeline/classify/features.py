"""What the classifier looks at: folded words, titles and labels, and a few coarse facts about the page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise
from statistics import median

from extractors.page.text import fold as without_accents
from models.records import Page, Reading, Word
from pipeline.classify.titles import Title, fields_of, title_of
from pipeline.reading.layout import rows_of

FIRST_WORDS = 400
LAST_WORDS = 120
LARGE = 1.45  # a title is so many times taller than the page's usual word
LARGER = 1.25  # and a word that may be part of one
GAP = 2.5  # of its height; a title does not reach over a wider one
MAX_LARGE = 12
TOP_WORDS = 30
SHORT = 4  # words of a segment that counts as a whole
WORDS = 6  # of a segment's beginning that may be a title or a label
LONG, HEAD, TAIL = 6, 5, 6  # letters
_AMOUNT = re.compile(r"^\D{0,3}\d[\d.,' ]*[.,]\d\d\D{0,3}$")
_EDGES = re.compile(r"^\W+|\W+$")
_DIGITS = re.compile(r"\d+")

Segment = list[Word]


@lru_cache(maxsize=20000)
def fold(text: str) -> str:
    """Lower case without diacritics, every run of digits as ``0``: what OCR errors leave alone."""
    return _DIGITS.sub("0", _EDGES.sub("", without_accents(text)))


def _bucket(value: float, edges: tuple[float, ...]) -> int:
    return sum(value >= edge for edge in edges)


def _rows(page: Page) -> list[list[Segment]]:
    """The segments from row to row, right across columns: a head beside a title is near it on every layout."""
    if not page.words:
        return []
    return [[[page.words[index] for index in part.members] for part in row.segments] for row in rows_of(page.words)]


def _height(word: Word) -> float:
    return word.box[3] - word.box[1]


def _large(page: Page) -> list[Word]:
    heights = [_height(word) for word in page.words if len(word.text) > 1]
    if len(heights) < 8:
        return []
    usual = median(heights)
    return [word for word in page.words if len(word.text) > 2 and _height(word) > LARGE * usual]


def _title_in(words: list[Word]) -> Title | None:
    return title_of([word.text for word in words[:WORDS]], max(map(_height, words[:SHORT])))


def _titles_of_rows(rows: list[list[Segment]]) -> Iterator[Title]:
    """Titles with which segments begin; they may reach over gaps, which a scan makes wider than they are."""
    for row in rows:
        done = 0  # words of the row that a title has taken
        for place, segment in enumerate(row):
            words = list(segment)
            for other in row[place + 1 :]:
                if len(words) >= WORDS or other[0].box[0] - words[-1].box[2] > GAP * _height(words[-1]):
                    break
                words += other
            if done <= 0 and (title := _title_in(words)):
                done = title.words
                yield title
            done -= len(segment)


def _titles_of_words(words: list[Word]) -> Iterator[Title]:
    """Titles in a run of large words, wherever they begin: a side bar has one word a line."""
    place = 0
    while place < min(len(words), MAX_LARGE):
        title = _title_in(words[place:])
        if title:
            yield title
        place += title.words if title else 1


def _titles(rows: list[list[Segment]]) -> Iterator[str]:
    """Of which types titles stand anywhere, first, alone on their line, in large print (``#place:type``)."""
    words = [word for row in rows for segment in row for word in segment]
    if not words:
        return
    usual = median(map(_height, words))
    large = [word for word in words if _height(word) >= LARGER * usual]
    titles = [*_titles_of_rows(rows), *_titles_of_words(large)]
    alone = [title for title in titles if title.alone]
    tall = [title for title in titles if title.height >= LARGER * usual]
    tallest = sorted(tall, key=lambda title: -round(title.height / usual, 1))
    if not titles:
        yield "#none"
    elif not tall:
        yield "#small"
    places = {
        "any": titles, "alone": alone, "large": tall,
        "first": titles[:1], "first alone": alone[:1], "largest": tallest[:1],
    }  # fmt: skip
    for place, some in places.items():
        yield from (f"#{place}:{name}" for title in some for name in sorted(title.types))


def _labels(segments: list[Segment]) -> Iterator[str]:
    """The fields whose labels segments begin with (``@field``)."""
    for segment in segments:
        yield from (f"@{name}" for name in sorted(fields_of([word.text for word in segment[:WORDS]])))


def _facts(reading: Reading) -> list[str]:
    page = reading.pages[0]
    words = [word for one in reading.pages[:3] for word in one.words]
    count = len(words)
    amounts = sum(bool(_AMOUNT.match(word.text)) for word in words)
    wordy = sum(word.text.isalpha() and word.text.islower() for word in words)
    facts = [
        f"=words{_bucket(count, (50, 120, 250, 500))}",
        f"=pages{_bucket(len(reading.pages), (2, 4))}",
        f"=amounts{_bucket(amounts / max(1, count), (0.01, 0.04, 0.09, 0.16))}",
        f"=prose{_bucket(wordy / max(1, count), (0.1, 0.25, 0.45))}",
    ]
    if page.width > 0:
        facts.append(f"=tall{_bucket(page.height / page.width, (0.9, 1.55, 2.0, 2.6))}")
    return facts


def _folded(words: list[str]) -> list[str]:
    return [word for word in map(fold, words) if word]


def _with_parts(folded: list[str]) -> list[str]:
    """The words, and heads and tails of the long ones."""
    long = [word for word in folded if len(word) >= LONG]
    return [*folded, *(f"{word[:HEAD]}*" for word in long), *(f"*{word[-TAIL:]}" for word in long)]


def tokens(reading: Reading) -> list[str]:
    """The features of a reading, each once.

    Facts (``=``); titles of types (``#``) and labels of fields (``@``) on the first page, and its short segments as
    wholes (``[a b]``); words, heads and tails of long words (``a*``, ``*a``: German compounds and Czech endings differ
    where these don't), the same again for large words (``+``) and for the first ones (``^``); and pairs (``a_b``).

    An empty list means that there is nothing to judge.
    """
    if not any(page.words for page in reading.pages):
        return []
    read = [_rows(page) for page in reading.pages[:3]]
    last = read[-1] if len(reading.pages) <= len(read) else _rows(reading.pages[-1])
    words = [word.text for rows in read for row in rows for segment in row for word in segment][:FIRST_WORDS]
    words += [word.text for row in last for segment in row for word in segment][-LAST_WORDS:]
    folded = _folded(words)
    large = _with_parts(_folded([word.text for word in _large(reading.pages[0])[:MAX_LARGE]]))
    top = _with_parts(folded[:TOP_WORDS])
    segments = [segment for row in read[0] for segment in row]
    whole = (" ".join(_folded([word.text for word in one])) for one in segments if len(one) <= SHORT)
    found = (
        *_facts(reading),
        *_titles(read[0]),
        *_labels(segments),
        *(f"[{one}]" for one in whole),
        *(f"+{one}" for one in large),
        *(f"^{one}" for one in top),
        *_with_parts(folded),
        *(f"{left}_{right}" for left, right in pairwise(folded)),
    )
    return list(dict.fromkeys(found))
