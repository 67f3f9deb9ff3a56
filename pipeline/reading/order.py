"""Reading order: words to lines from top to bottom, and from left to right within a line."""

from __future__ import annotations

from collections.abc import Iterable

from models.records import Box, Word


def in_reading_order(words: Iterable[Word]) -> tuple[Word, ...]:
    """Sort words into lines. Two words share a line if their heights overlap by at least half of the smaller one."""
    rest = sorted(words, key=lambda word: (word.box[1] + word.box[3], word.box[0]))
    lines: list[list[Word]] = []
    for word in rest:
        for line in reversed(lines[-4:]):  # a line further up can't be met again
            if any(_overlap(word.box, other.box) >= 0.5 for other in line[-3:]):
                line.append(word)
                break
        else:
            lines.append([word])
    lines.sort(key=lambda line: sum(word.box[1] + word.box[3] for word in line) / len(line))
    return tuple(word for line in lines for word in sorted(line, key=lambda word: word.box[0]))


def _overlap(one: Box, other: Box) -> float:
    shared = min(one[3], other[3]) - max(one[1], other[1])
    smaller = min(one[3] - one[1], other[3] - other[1])
    return shared / smaller if smaller > 0 else 0.0
