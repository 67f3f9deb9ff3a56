"""Reading noise on words: what OCR makes of a page, without the cost of doing OCR."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from functools import cache
from random import Random

from models.records import Page, Reading, Word
from pipeline.learn.factory.vocabulary import vocabulary

_ALIKE = {
    "0": "O", "O": "0", "1": "l", "l": "1", "I": "l", "i": "l", "5": "S", "S": "5", "8": "B", "B": "8", "e": "c",
    "c": "e", "u": "n", "n": "u", "a": "o", "g": "q", "t": "f", ".": ",", ",": ".", ":": ";", "h": "b", "rn": "m",
}  # fmt: skip


#: labels that stand on any trade document, and many a letter
_NEUTRAL = (
    "other_number", "original_number", "order_number", "buyer_reference", "customer_number", "phone", "email",
    "issued_by", "vat_id", "tax_number", "bank", "iban", "delivery_date", "page", "account",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Noise:
    """How bad a reading is; each is a share of what it concerns."""

    letters: float = 0.0  # look-alikes and lost letters
    diacritics: float = 0.0  # words that lose them
    glued: float = 0.0  # words that stick to the next
    split: float = 0.0  # words that fall apart
    lost_words: float = 0.0
    lost_lines: float = 0.0
    junk: float = 0.0  # specks read as signs
    jitter: float = 0.0  # of a word's height


def draw_noise(rng: Random) -> Noise:
    """A quarter of the documents clean, the others from good to miserable."""
    if rng.random() < 0.25:
        return Noise()
    bad = rng.random() ** 2
    return Noise(
        letters=0.12 * bad,
        diacritics=rng.choice([0.0, 0.1, 1.0]),
        glued=0.25 * bad * rng.random(),
        split=0.06 * bad,
        lost_words=0.15 * bad,
        lost_lines=0.25 * bad * rng.random(),
        junk=0.08 * bad,
        jitter=0.25 * bad + 0.03,
    )


def _misread(text: str, rng: Random, noise: Noise) -> str:
    if noise.diacritics and rng.random() < noise.diacritics:
        text = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    if not noise.letters:
        return text
    signs = []
    for sign in text:
        chance = rng.random()
        if chance < noise.letters * 0.15:
            continue
        signs.append(_ALIKE.get(sign, sign) if chance < noise.letters else sign)
    return "".join(signs)


def _jittered(word: Word, text: str, rng: Random, noise: Noise) -> Word:
    x0, y0, x1, y1 = word.box
    reach = (y1 - y0) * noise.jitter
    return Word(text, (x0, y0 - rng.uniform(-reach, reach) / 2, x1, y1 + rng.uniform(-reach, reach) / 2), 0.9)


def _page(page: Page, rng: Random, noise: Noise) -> Page:
    words: list[Word] = []
    lost = {round(word.box[1]) for word in page.words if rng.random() < noise.lost_lines / 6}
    glue = False
    for word in page.words:
        if round(word.box[1]) in lost or rng.random() < noise.lost_words:
            continue
        text = _misread(word.text, rng, noise)
        if not text:
            continue
        if glue:
            words[-1] = replace(words[-1], text=words[-1].text + text)
        elif len(text) > 4 and rng.random() < noise.split:
            middle = rng.randrange(2, len(text) - 1)
            words += [_jittered(word, part, rng, noise) for part in (text[:middle], text[middle:])]
        else:
            words.append(_jittered(word, text, rng, noise))
        glue = bool(words) and rng.random() < noise.glued
        if rng.random() < noise.junk:
            words.append(_jittered(word, rng.choice(["|", "_", "~", "=", "'", "i", "--", "»"]), rng, noise))
    return replace(page, words=tuple(words))


def misread(reading: Reading, rng: Random, noise: Noise) -> Reading:
    """``reading`` as a reader of this quality would have it."""
    return replace(reading, pages=tuple(_page(page, rng, noise) for page in reading.pages))


def on_larger_paper(reading: Reading, rng: Random) -> Reading:
    """A receipt as it lies on a scanner's glass or a desk: the same words on a page of another shape."""
    page = reading.pages[0]
    wide, tall = page.width * rng.uniform(1.0, 2.6), page.height * rng.uniform(1.0, 1.6)
    return replace(reading, pages=(replace(page, width=wide, height=tall), *reading.pages[1:]))


def with_foreign_text(reading: Reading, rng: Random, language: str) -> Reading:
    """The reading with sentences and labels that may stand on a document of any type: notes, small print, contacts.

    Without it every word that the factory happens to use for one type only would count as proof of that type.
    """
    page = reading.pages[0]
    words = list(page.words)
    if not words:
        return reading
    for _ in range(rng.choice([0, 1, 1, 2, 3, 5])):
        place = rng.randrange(len(words) + 1)
        x, y, _, bottom = words[min(place, len(words) - 1)].box
        tall = bottom - y if bottom - y < 14 else 9.0
        parts = rng.choice(_fragments(language)).split()
        words[place:place] = [Word(part, (x, y, x + 30, y + tall)) for part in parts]
    return replace(reading, pages=(replace(page, words=tuple(words)), *reading.pages[1:]))


@cache
def _fragments(language: str) -> tuple[str, ...]:
    common, others = vocabulary(language), vocabulary("others")[language]
    texts = [*common["closing"], *common["prose"], *common["payment_terms"], *common["notes"] * 3]
    for kind in others.values():
        texts += [*kind.get("sentences", ()), *kind.get("fields", ()), *kind.get("articles", ())]
    texts += [f"{label}: 12345" for name in _NEUTRAL for label in common["labels"][name]]
    return tuple(re.sub(r"\{\w+\}", "2024", text) for text in texts)
