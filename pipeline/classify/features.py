"""What the classifier looks at: folded words, the large words, and a few coarse facts about the page."""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise
from statistics import median

from models.records import Page, Reading, Word
from pipeline.reading.layout import rows_of

FIRST_WORDS = 400
LAST_WORDS = 120
LARGE = 1.45  # a title is so many times taller than the page's usual word
MAX_LARGE = 12
TOP_WORDS = 30
LONG, HEAD, TAIL = 6, 5, 6  # letters
_AMOUNT = re.compile(r"^\D{0,3}\d[\d.,' ]*[.,]\d\d\D{0,3}$")
_EDGES = re.compile(r"^\W+|\W+$")


def fold(text: str) -> str:
    """Lower case without diacritics, every run of digits as ``0``: what OCR errors leave alone."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(sign for sign in plain if not unicodedata.combining(sign))
    return re.sub(r"\d+", "0", _EDGES.sub("", plain))


def _bucket(value: float, edges: tuple[float, ...]) -> int:
    return sum(value >= edge for edge in edges)


def _row_wise(page: Page) -> list[str]:
    """The words from row to row, right across columns: a head that stands beside a title is near it on every layout."""
    return [page.words[index].text for row in rows_of(page.words) for part in row.segments for index in part.members]


def _large(page: Page) -> list[Word]:
    heights = [word.box[3] - word.box[1] for word in page.words if len(word.text) > 1]
    if len(heights) < 8:
        return []
    usual = median(heights)
    return [word for word in page.words if len(word.text) > 2 and word.box[3] - word.box[1] > LARGE * usual]


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

    Facts (``=``), words, heads and tails of long words (``a*``, ``*a``: German compounds and Czech endings differ
    where these don't), the same again for large words (``+``) and for the first ones (``^``), and pairs (``a_b``).

    An empty list means that there is nothing to judge.
    """
    if not any(page.words for page in reading.pages):
        return []
    words = [text for page in reading.pages[:3] for text in _row_wise(page)]
    words = words[:FIRST_WORDS] + _row_wise(reading.pages[-1])[-LAST_WORDS:]
    folded = _folded(words)
    large = _with_parts(_folded([word.text for word in _large(reading.pages[0])[:MAX_LARGE]]))
    top = _with_parts(folded[:TOP_WORDS])
    pairs = [f"{left}_{right}" for left, right in pairwise(folded)]
    found = (*_facts(reading), *(f"+{one}" for one in large), *(f"^{one}" for one in top), *_with_parts(folded), *pairs)
    return list(dict.fromkeys(found))
