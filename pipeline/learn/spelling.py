"""How words are spelt on business documents: counted on generated ones."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from pipeline.reading.ocr.confidence import Letters

_WORD = re.compile(r"[^\W\d_]+")
_OFTEN = 4
_MOST_LEVEL = 9
_LEAST_LETTERS = 2


def letters(texts: Iterable[str]) -> Letters:
    """Frequent words (on at least `_OFTEN` documents) and the level, log2 of how often, of each run of three letters.

    Each different word of a document counts once, so that labels don't drown the rest.
    """
    words: Counter[str] = Counter()
    for text in texts:
        words.update({one.casefold() for one in _WORD.findall(text) if len(one) >= _LEAST_LETTERS})
    triples: Counter[str] = Counter()
    for word, count in words.items():
        marked = f"^{word}$"
        for index in range(len(marked) - 2):
            triples[marked[index : index + 3]] += min(count, _OFTEN)
    return Letters(
        frozenset(word for word, count in words.items() if count >= _OFTEN),
        {part: min(_MOST_LEVEL, count.bit_length()) for part, count in triples.items() if count >= 2},
    )
