"""Receipts with known company, address, date and total: generated ones, and those of a truth folder."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from random import Random

from extractors.normalise import normalise
from extractors.values.amounts import find_amounts
from models.document_types import Kind
from models.records import Page, Reading, Source, Word, from_json, to_json
from models.settings import Settings
from pipeline.learn.factory import RECEIPT_COUNTRIES, make_receipt
from pipeline.learn.factory.trade import seeded
from pipeline.learn.noise import draw_noise, misread
from pipeline.learn.read_pages import boxed_words
from pipeline.learn.receipt_words import Looked, looked_at
from pipeline.reading import read

FIELDS = ("company", "address", "date", "total")
OWN, GIVEN, MADE = "own", "given", "made"
"""Who read a receipt: our reader, the truth folder's people, or nobody (it was generated)."""
_MARGIN = 20.0
_PITCH = 1.15  # of a line's height, from one line to the next


@dataclass(frozen=True, slots=True)
class TrueReceipt:
    """A reading and its truth in normal form; ``group`` names the shop, ``sort`` who read it.

    ``looked`` are lines of a picture that were read again; ``picture`` is the file of one that we read.
    """

    id: str
    group: str
    sort: str
    reading: Reading
    truth: dict[str, str]
    looked: tuple[Looked, ...] = ()
    picture: Path | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """What was read again of one picture (`pipeline.reading.known.Memory`): files of ``folder`` that begin alike."""

    folder: Path
    beginning: str

    def get(self, name: str) -> bytes | None:
        """The bytes that were kept under ``name``; None where there are none."""
        file = self.folder / f"{self.beginning}.{name}"
        return file.read_bytes() if file.exists() else None

    def keep(self, name: str, data: bytes) -> None:
        """Keep ``data``."""
        (self.folder / f"{self.beginning}.{name}").write_bytes(data)


def letters(text: str) -> str:
    """Letters and digits in small print: what names and addresses are compared by."""
    return "".join(filter(str.isalnum, text)).casefold()


def same(name: str, truth: str, found: str) -> bool:
    """Whether a value is the true one: letter by letter, or the same day or amount."""
    return letters(truth) == letters(found) if name in ("company", "address") else truth == found


def generated(seed: int, count: int) -> Iterator[TrueReceipt]:
    """Receipts of four countries by turns, most of them misread."""
    for number in range(count):
        country = RECEIPT_COUNTRIES[number % len(RECEIPT_COUNTRIES)]
        made = make_receipt(f"receipts-{seed}-{number}", country)
        rng = seeded("receipts", seed, number)
        noise = replace(draw_noise(rng), lost_words=0.0)
        truth = {name: made.fields[name] for name in (*FIELDS, "currency")}
        yield TrueReceipt(made.id, made.id, MADE, misread(made.reading, rng, noise), truth)


def of_folder(folder: Path, readings: Path | None = None) -> Iterator[TrueReceipt]:
    """The receipts of ``folder``: ``img/ID.jpg`` as we read them, ``box/ID.csv`` as people did, ``key/ID.json``.

    Args:
        folder: has ``split.json`` with the shop of each (``company_group``), too.
        readings: where our readings are kept as ``ID.json``; reading a picture takes some seconds.
    """
    groups: dict[str, str] = json.loads((folder / "split.json").read_text(encoding="utf-8"))["company_group"]
    for number in sorted(groups):
        truth = _truth(json.loads((folder / "key" / f"{number}.json").read_text(encoding="utf-8")))
        boxes, picture = folder / "box" / f"{number}.csv", folder / "img" / f"{number}.jpg"
        given = _given(boxes) if boxes.exists() else None
        if given:
            yield TrueReceipt(number, groups[number], GIVEN, given, truth)
        if picture.exists():
            own, typed = _own(picture, readings), given.pages[0].words if given else ()
            looks = looked_at(picture, own, typed, readings / f"{number}.looks.json" if readings else None)
            yield TrueReceipt(number, groups[number], OWN, own, truth, looks, picture)


def _truth(key: dict[str, str | None]) -> dict[str, str]:
    amount = next(find_amounts(key.get("total") or ""), None)
    found = {
        "company": key.get("company") or "",
        "address": key.get("address") or "",
        "date": normalise(Kind.DATE, (key.get("date") or "").strip("() ")) or "",
        "total": "" if amount is None else f"{amount.value.quantize(Decimal('0.01'))}",
    }
    return {name: value for name, value in found.items() if value}


def _own(picture: Path, readings: Path | None) -> Reading:
    kept = readings / f"{picture.stem}.json" if readings else None
    if kept and kept.exists():
        return from_json(Reading, kept.read_bytes())
    reading = read(picture, "image/jpeg", Settings(), lambda _page: None)
    if kept:
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_bytes(to_json(reading))
    return reading


def _given(boxes: Path) -> Reading:
    """The lines that people typed, as a reading."""
    words = tuple(boxed_words(boxes))
    wide, high = (max((word.box[side] for word in words), default=0.0) + _MARGIN for side in (2, 3))
    return Reading("image/jpeg", (Page(1, wide, high, Source.RAPIDOCR, words),))


def rewrapped(one: TrueReceipt, rng: Random) -> TrueReceipt | None:
    """The same receipt with the company's name broken into two or three lines; None if it is not on one of its own."""
    page = one.reading.pages[0]
    words, target = page.words, letters(one.truth.get("company", ""))
    for first, word in enumerate(words):
        row = []
        for other in words[first:]:
            if abs(other.box[1] - word.box[1]) > 0.5 * (word.box[3] - word.box[1]):
                break
            row.append(other)
        if letters("".join(w.text for w in row[:12])).startswith(target) and target and len(row) >= 3:
            break
    else:
        return None
    cuts = sorted(rng.sample(range(1, len(row)), min(rng.choice([1, 1, 2]), len(row) - 1)))
    parts = [row[a:b] for a, b in zip([0, *cuts], [*cuts, len(row)], strict=True)]
    high = _PITCH * (word.box[3] - word.box[1])
    middle = (row[0].box[0] + row[-1].box[2]) / 2
    broken = []
    for number, part in enumerate(parts):
        shift = middle - (part[0].box[0] + part[-1].box[2]) / 2
        for w in part:
            x0, y0, x1, y1 = w.box
            broken.append(replace(w, box=(x0 + shift, y0 + number * high, x1 + shift, y1 + number * high)))
    down = high * (len(parts) - 1)
    limit = (word.box[1] + word.box[3]) / 2
    after = [_lower(w, down) if w.box[1] > limit else w for w in words[first + len(row) :]]
    page = replace(page, words=(*words[:first], *broken, *after), height=page.height + down)
    return replace(one, reading=replace(one.reading, pages=(page,)))


def _lower(word: Word, down: float) -> Word:
    x0, y0, x1, y1 = word.box
    return replace(word, box=(x0, y0 + down, x1, y1 + down))
