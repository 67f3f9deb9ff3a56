"""Sentences of letters: phrases that other words or the end of a line part, other endings of their words, and names.

A label of several words counts in a sentence when its words stand there in order, with other endings and with words
between them: ``apply to the company for``, ``bittet … um``. Pure.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from extractors.candidates.base import Candidate, make
from extractors.page.labels import LabelHit, Labels
from extractors.page.layout import COLUMN, WIDE, Layout, Line
from extractors.page.text import fold, squeeze
from extractors.page.vocabulary import LEGAL_FORMS
from models.document_types import DocumentType, Kind

PROSE = "prose"
"""The rule that made a candidate of the words of a sentence alone."""
RUNNING = 6  # words of a line from which it may be one of a sentence
_WRAPPED = 30.0  # line heights from which a line may be one of a paragraph that goes on below
_APART = 12  # words between the words of a phrase
_STEM = 4
_BENT, _PARTED = 0.9, 0.95  # likeness left by another ending, and by each word between
_WHOLE = 0.93  # a phrase that only the end of the line parts
_WORD = 5  # letters of a label of one word that may have another ending, of two at most
_FIRST = 4  # letters of its first word
_CAPITAL = r"[A-ZÀ-Þ\u0100-\u017f]"
_NAME = re.compile(
    rf"(?<![\w.-])(?:(?:Dr|Mgr|Ing|Bc|Prof|Dipl|JUDr|MUDr|PhDr|Mr|Mrs|Ms)\.?-? )*"
    rf"{_CAPITAL}[\w'’-]+(?: (?:von|van|de|der|{_CAPITAL}\.|{_CAPITAL}[\w'’-]+)){{1,3}}(?!\w)"
)
_COMPANY = re.compile(
    rf"(?<![\w.-])(?:{_CAPITAL}[\w.'’&-]*[ ,]+|& |und |and |a |et |\d+ ){{1,6}}?"
    rf"(?:{LEGAL_FORMS})(?: & Co\.?(?: KG)?)?(?!\w)"
)
_ENDS = re.compile(r"[.!?](?=\s+[A-ZÀ-Þ\u0100-\u017f„\"]|\s*$)(?<!\b\w\.)(?<!\b\w\w\.)")
_COMMON = frozenset({
    "i", "we", "my", "the", "this", "that", "these", "with", "for", "from", "at", "in", "on", "as", "it", "to",
    "of", "and", "if", "please", "dear", "yours", "an", "a", "by", "should", "under", "here", "ich", "wir", "mein",
    "meine", "der", "die", "das", "dies", "diese", "mit", "für", "fur", "von", "vom", "zum", "zur", "im", "am",
    "bei", "bitte", "falls", "wenn", "ein", "eine", "gerne", "hiermit", "sehr", "als", "unter", "den", "dem", "des",
    "es", "sie", "ihr", "ihre", "und", "zu", "auf", "aus", "derzeit", "já", "ja", "tato", "tento", "touto", "tyto",
    "na", "v", "ve", "z", "ze", "s", "se", "o", "od", "do", "pro", "při", "pri", "prosím", "prosim", "dovoluji",
    "rád", "rada", "žádám", "zadam", "tímto", "timto", "mou", "moje", "můj", "muj", "je", "je-li", "pokud", "jako",
    "nous", "mon", "ma", "le", "la", "les", "ce", "cette", "par", "pour", "avec", "du", "de", "en", "un", "une",
    "si", "veuillez"
})  # fmt: skip
"""Words that begin sentences and no name."""


@dataclass(frozen=True)
class _Word:
    line: Line
    start: int
    end: int
    key: str
    sentence: int


def goes_on(line: Line, after: Line) -> bool:
    """Whether ``after`` is the next line of the same paragraph: left edges in line under one that fills the page."""
    height = max(4.0, line.height)
    return (
        line.page == after.page
        and line.box[2] - line.box[0] > _WRAPPED * height
        and abs(line.box[0] - after.box[0]) < height
        and after.box[1] - line.box[3] < height
        and COLUMN not in line.text
    )


def is_running(line: Line) -> bool:
    """Whether a line may be one of a sentence."""
    return len(line.tokens) >= RUNNING and COLUMN not in line.text and WIDE not in line.text


def paragraphs(layout: Layout) -> Iterator[list[Line]]:
    """Lines that sentences run through, each list one paragraph."""
    found: list[Line] = []
    for line in layout.lines:
        if found and COLUMN not in line.text and goes_on(found[-1], line):
            found.append(line)
            continue
        if found:
            yield found
        found = [line] if is_running(line) else []
    if found:
        yield found


def _words(lines: list[Line]) -> list[_Word]:
    found, sentence = [], 0
    for line in lines:
        for token, start in zip(line.tokens, line.starts, strict=True):
            end = start + len(token.text)
            found.append(_Word(line, start, end, squeeze(token.text), sentence))
            sentence += bool(_ENDS.search(line.text[start : end + 3] if end < len(line.text) else token.text))
    return found


@lru_cache(maxsize=1 << 16)
def _alike(one: str, other: str) -> float:
    """How far two words are one, in other endings: 1, `_BENT`, or 0 where they are not."""
    if one == other:
        return 1.0
    short = min(len(one), len(other))
    common = next((i for i in range(short) if one[i] != other[i]), short)
    return _BENT if short >= _STEM and common >= max(_STEM, max(len(one), len(other)) - 3) else 0.0


_PHRASES: dict[tuple[str, int], dict[str, list[tuple[tuple[str, ...], str]]]] = {}


def _phrases(kind: DocumentType) -> dict[str, list[tuple[tuple[str, ...], str]]]:
    """The labels and phrases of ``kind`` by the stem of the first word, each with its field."""
    said = tuple((name, (*spec.all_labels, *spec.all_phrases)) for name, spec in kind.fields.items())
    key = (kind.name, hash(said))
    if key not in _PHRASES:
        found: dict[str, list[tuple[tuple[str, ...], str]]] = defaultdict(list)
        for name, texts in said:
            for words in dict.fromkeys(tuple(squeeze(word) for word in text.split()) for text in texts):
                if all(words) and (len(words) > 1 or len(words[0]) >= _WORD):
                    found[words[0][:_STEM]].append((words, name))
        _PHRASES[key] = dict(found)
    return _PHRASES[key]


def with_sentences(labels: Labels, layout: Layout, kind: DocumentType) -> Labels:
    """``labels`` and those of sentences that other words or the end of the line part, at the last of their words."""
    phrases = _phrases(kind)
    more: dict[int, dict[tuple[int, int], list[tuple[float, str]]]] = {}
    for lines in paragraphs(layout):
        words = _words(lines)
        for index, word in enumerate(words):
            for phrase, name in phrases.get(word.key[:_STEM], ()):
                found = _follows(words, index, phrase)
                if found is None:
                    continue
                likeness, last = found
                place = more.setdefault(last.line.number, {}).setdefault((last.start, last.end), [])
                place.append((likeness, name))
    if not more:
        return labels
    by_line = dict(labels.by_line)
    for line in layout.lines:
        if line.number not in more:
            continue
        hits = list(by_line.get(line.number, ()))
        for (start, end), said in more[line.number].items():
            if any(hit.start < end and start < hit.end for hit in hits):
                continue
            best = max(likeness for likeness, _ in said)
            names = frozenset(name for likeness, name in said if likeness > best - 0.05)
            hits.append(LabelHit(names, line.text[start:end], best, line, start, end, line.box_of(start, end)))
        by_line[line.number] = sorted(hits, key=lambda hit: hit.start)
    return Labels(tuple(hit for line in layout.lines for hit in by_line.get(line.number, ())), by_line)


def _follows(words: list[_Word], index: int, phrase: tuple[str, ...]) -> tuple[float, _Word] | None:
    """How like ``phrase`` the words from ``index`` are, and the last of them; None where they stand in one place."""
    likeness = _alike(words[index].key, phrase[0])
    if len(phrase) == 1:
        key = words[index].key
        bent = likeness < 1 and key.startswith(phrase[0][:-1]) and len(key) - len(phrase[0]) < 3
        return (_BENT * likeness, words[index]) if likeness and bent else None
    at, gaps, lines = index, 0, {words[index].line.number}
    for part in phrase[1:]:
        if not likeness:
            return None
        for place in range(at + 1, min(len(words), at + 2 + _APART - gaps)):
            if words[place].sentence != words[index].sentence:
                return None
            like = _alike(words[place].key, part)
            if like:
                gaps += place - at - 1
                at, likeness = place, likeness * like
                lines.add(words[place].line.number)
                break
        else:
            return None
    if not gaps and likeness == 1.0:  # `find_labels` has it but where the end of the line parts it
        short = len(words[at].line.tokens) < RUNNING
        return (_WHOLE, words[at]) if len(lines) > 1 or short else None
    if len(phrase[0]) < _FIRST or len(phrase) > 2 + (not gaps):
        return None
    return likeness * _PARTED**gaps, words[at]


def companies_in(layout: Layout) -> list[Candidate]:
    """Names of companies in sentences: words with capitals up to a legal form."""
    return [
        make(Kind.PARTY, match[0], line, match.start(), match.end(), PROSE)
        for lines in paragraphs(layout)
        for line in lines
        for match in _COMPANY.finditer(line.text)
    ]


def names_in(layout: Layout) -> list[Candidate]:
    """Words with a capital beside each other in sentences, as names are written there."""
    found = []
    for lines in paragraphs(layout):
        for line in lines:
            for match in _NAME.finditer(line.text):
                start, text = match.start(), match[0]
                while " " in text and fold(text.split(" ")[0]) in _COMMON:
                    start += text.index(" ") + 1
                    text = text[text.index(" ") + 1 :]
                if " " in text:
                    found.append(make(Kind.PERSON, text, line, start, match.end(), PROSE))
    return found
