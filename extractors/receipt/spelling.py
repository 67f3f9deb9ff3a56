"""Misread general words of a receipt's head, put right: ``JAIAN`` is ``JALAN``, ``SHAH ALAN`` is ``SHAH ALAM``.

Only words that are doubtful to the reader, unknown, and a look-alike away from just one general word of places or of
trades (`extractors.receipt.words`); names are never touched. Pairs that always stand together vouch for each other.
What was read stays in the field's ``raw``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from itertools import combinations

from rapidfuzz.distance import Levenshtein

from extractors.page.layout import Line
from extractors.page.text import digits_only, fold
from extractors.receipt.words import spellings, words_of

DOUBTFUL = 0.9
"""A word read with at least this confidence stays as it is ..."""
VERY_DOUBTFUL = 0.85
"""... and below this one a long word may also differ in letters that don't look alike."""
_VOWELS = frozenset("aeiouy")
_LEAST = 4  # shorter words have too many neighbours
_TWO_FROM = 8  # letters from which two of them may be wrong
_ALIKE = (
    "nmh!", "il1!|tj", "0odqbc", "b8d", "ecgo", "esa", "ao", "uvo", "s5", "z2", "kxr", "fpe", "hkb", "vy", "tf", "e3"
)  # fmt: skip
_PAIRS = (
    ("kuala", "lumpur"), ("shah", "alam"), ("johor", "bahru"), ("johor", "baru"), ("petaling", "jaya"),
    ("darul", "ehsan"), ("negeri", "sembilan"), ("pulau", "pinang"), ("seri", "kembangan"), ("darul", "takzim"),
    ("ground", "floor"), ("ceske", "budejovice"), ("hradec", "kralove"),
)  # fmt: skip
_SDN_BHD = re.compile(r"(?i)\b(s\w{1,2})(\.?) ?(\W*\w{0,2}\W*b\W?\w{0,2})(\W*)$")
_TOKEN = re.compile(r"[^\W_]+(?:[!|][^\W_]+)*")


@cache
def _alike() -> frozenset[tuple[str, str]]:
    pairs = {pair for group in _ALIKE for pair in combinations(group, 2)}
    return frozenset(pairs | {(b, a) for a, b in pairs})


def _is_short(known: str) -> bool:
    """Whether a word is an abbreviation (JLN, BLK): short, but no other word's neighbour."""
    return not _VOWELS & set(known)


@cache
def _near(word: str, role: str, *, very: bool) -> str | None:
    """The only general word, folded, that ``word`` (folded) is a misreading of."""
    most = 2 if len(word) >= _TWO_FROM else 1
    found = []
    for known in words_of(role):
        if len(known) != len(word) or (len(word) < _LEAST and not (word.isalpha() and _is_short(known))):
            continue
        wrong = [pair for pair in zip(word, known, strict=True) if pair[0] != pair[1]]
        if len(wrong) == 1 and word[:-1] == known[:-1] and {word[-1], known[-1]} <= _VOWELS:
            continue  # another case of the same noun
        if len(wrong) <= most and (all(pair in _alike() for pair in wrong) or (very and len(word) >= _TWO_FROM)):
            found.append(known)
    return found[0] if len(found) == 1 else None


def _partner(word: str, beside: str, *, first: bool) -> str | None:
    """The word that always stands beside ``beside`` if ``word`` is near to it; ``first`` if ``word`` stands first."""
    for pair in _PAIRS:
        mine, other = pair if first else pair[::-1]
        if beside == other and word != mine and word[0] == mine[0] and Levenshtein.distance(word, mine) <= 2:
            return mine
    return None


def _cased(word: str, like: str) -> str:
    return word.upper() if sum(c.isupper() for c in like) * 2 > len(like) else word.capitalize()


def repaired(line: Line, role: str) -> str:
    """The line's text with single blanks and its doubtful general words put right.

    Args:
        line: a line of the head.
        role: ``"company"`` or ``"address"``: whose general words count.
    """
    words = [token.text for token in line.tokens]
    plain = [fold(re.sub(r"\W+$|^\W+", "", word)) for word in words]
    for at, token in enumerate(line.tokens):
        if token.confidence >= DOUBTFUL:
            continue
        before = plain[at - 1] if at else ""
        after = plain[at + 1] if at + 1 < len(plain) else ""
        words[at] = _mended(token.text, before, after, role, very=token.confidence < VERY_DOUBTFUL)
    return " ".join(words)


def suggested(words: Sequence[str], at: int) -> list[str]:
    """What ``words[at]`` may be a misreading of: itself with a general word of places or of trades put right."""
    plain = [fold(re.sub(r"\W+$|^\W+", "", word)) for word in words[max(0, at - 1) : at + 2]]
    before, after = plain[0] if at else "", plain[-1] if at + 1 < len(words) else ""
    found = (_mended(words[at], before, after, role, very=True) for role in ("address", "company"))
    return sorted({text for text in found if text != words[at]})


def _mended(text: str, before: str, after: str, role: str, *, very: bool) -> str:
    parts, last = [], 0
    for match in _TOKEN.finditer(text):
        parts += [text[last : match.start()], _put_right(match[0], before, after, role, very=very)]
        last = match.end()
    return "".join(parts) + text[last:]


def _put_right(word: str, before: str, after: str, role: str, *, very: bool) -> str:
    folded, known = fold(word), words_of(role)
    if len(word) == 5 and sum(map(str.isdigit, word)) >= 3 and digits_only(word).isdigit():
        return digits_only(word)  # a postal code
    if len(folded) < 3 or sum(map(str.isalpha, folded)) * 2 < len(folded):
        return word
    right: str | None
    if folded in known:
        if len(folded) < _LEAST or word.casefold() in spellings(role):
            return word
        right = folded
    else:
        right = (
            _partner(folded, after, first=True)
            or _partner(folded, before, first=False)
            or _near(folded, role, very=very)
        )
    return _cased(known.get(right, right), word) if right else word


def legal_form(name: str) -> str:
    """``name`` with a misread ``SDN BHD`` or ``S/B`` (Sendirian Berhad) at its end put right."""
    name = re.sub(r"\b[S5][/7|][BD80]$", "S/B", name)
    match = _SDN_BHD.search(name)
    if not match:
        return name
    essence = re.sub(r"[\W_]", "", fold(match[1] + match[3]))
    if essence == "sdnbhd" or not 4 <= len(essence) <= 8 or Levenshtein.distance(essence, "sdnbhd") > 2:
        return name
    return name[: match.start()] + ("Sdn Bhd" if match[1][1:].islower() else "SDN BHD")
