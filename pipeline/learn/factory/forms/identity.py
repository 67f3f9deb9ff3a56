"""Identity cards, passports and residence permits: invented people, valid machine-readable zones, no real design.

A word that makes clear that nobody could travel on one stands across the photograph.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

from pipeline.learn.factory.fonts import width
from pipeline.learn.factory.forms.people import Person, make_person
from pipeline.learn.factory.forms.zone import Holder, td1, td3
from pipeline.learn.factory.records import Made
from pipeline.learn.factory.sheet import A4, Sheet
from pipeline.learn.factory.style import ACCENTS
from pipeline.learn.factory.trade import seeded
from pipeline.learn.factory.vocabulary import vocabulary

IDENTITY_LAYOUTS = ("card", "passport", "copy", "passport-copy", "permit")
CARD = (243.0, 153.0)  # ID-1: 85.6 by 54 mm
PAGE = (354.0, 249.0)  # ID-3: 125 by 88 mm
_TINTS = ("#e8f1ec", "#eef0f7", "#f7efe9", "#f2f2ee", "#eaf3f6")
_KINDS = {"card": "identity card", "passport": "passport", "permit": "residence permit"}
_FRONT = ("surname", "given_names", "sex", "nationality", "birth_date", "birth_place", "document_number", "expiry_date")
_BACK = ("address", "personal_number", "issue_date", "authority")
_WHOLE = (
    "document_kind", "issuing_state", "document_number", "surname", "given_names", "nationality", "birth_date", "sex",
    "birth_place", "issue_date", "expiry_date", "personal_number", "authority",
)  # fmt: skip
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_ZONE_PLACES = {  # line, first sign, end; in TD1 and TD3
    3: {"issuing_state": (0, 2, 5), "nationality": (1, 15, 18), "sex": (1, 7, 8), "personal_number": (0, 15, 26)},
    2: {"issuing_state": (0, 2, 5), "nationality": (1, 10, 13), "sex": (1, 20, 21), "personal_number": (1, 28, 38)},
}


@dataclass(frozen=True, slots=True)
class Document:
    """The content: what is printed by field, the truth by field, and the zone."""

    kind: str
    title: str
    state: str
    printed: dict[str, str]
    labels: dict[str, str]
    values: dict[str, str]
    zone: tuple[str, ...]


def _written(rng: Random, language: str) -> str:
    offered = ["{dd}.{mm}.{y}", "{dd} {MON} {y}", "{dd}. {mm}. {y}", "{dd}/{mm}/{y}"]
    return rng.choice(offered if language in ("cs", "de") else offered[1::2])


def _content(rng: Random, language: str, kind: str) -> Document:
    words: dict[str, Any] = vocabulary(f"forms_{language}")["identity"]
    english: dict[str, Any] = vocabulary("forms_en")["identity"]
    person: Person = make_person(rng, language)
    issued = date(2017, 1, 10) + timedelta(days=rng.randrange(3200))
    expires = issued.replace(day=min(issued.day, 28), year=issued.year + rng.choice([5, 10]))
    letters = rng.choice(["", "", "AB", "L", "C01"])
    number = letters + "".join(str(rng.randrange(10)) for _ in range(rng.choice([8, 9]) - len(letters)))
    form = _written(rng, language)

    def day(value: date) -> str:
        return form.format(dd=f"{value.day:02d}", mm=f"{value.month:02d}", MON=_MONTHS[value.month - 1], y=value.year)

    upper = rng.random() < 0.8
    surname, given = (text.upper() if upper else text for text in (person.surname, person.given))
    code, home = words["code"], kind != "permit"
    nation = code if home else rng.choice(["UKR", "VNM", "SRB", "MDA", "IND", "USA"])
    zone_code = {"passport": "P", "card": rng.choice(["ID", "I"]), "permit": "IR"}[kind]
    birth_number = person.birth_number if language == "cs" and rng.random() < 0.8 else ""
    holder = Holder(
        zone_code,
        code,
        number,
        person.surname,
        person.given,
        nation,
        person.birth_date,
        person.sex,
        expires,
        birth_number,
    )
    sexes = {"F": ["F", "F", {"cs": "Ž/F", "de": "W/F"}.get(language, "F")], "M": ["M", "M", "M/M"]}[person.sex]
    nations = [nation, nation]
    if home and words["state"] != english["state"]:
        nations.append(words["state"])
    printed = {
        "document_kind": zone_code,
        "issuing_state": code,
        "document_number": number,
        "surname": surname,
        "given_names": given,
        "nationality": rng.choice(nations),
        "birth_date": day(person.birth_date),
        "birth_place": person.city.upper() if upper else person.city,
        "sex": rng.choice(sexes),
        "issue_date": day(issued),
        "expiry_date": day(expires),
        "address": f"{person.street}, {person.postcode} {person.city}",
        "authority": f"{words['authority']} {person.city}" if language in ("cs", "de") else words["authority"],
    }
    if birth_number:
        printed["personal_number"] = f"{birth_number[:6]}/{birth_number[6:]}"
    values = {
        **printed,
        "document_kind": _KINDS[kind],
        "nationality": nation,
        "sex": person.sex,
        "birth_date": person.birth_date.isoformat(),
        "issue_date": issued.isoformat(),
        "expiry_date": expires.isoformat(),
    }
    for name in ("birth_place", "address", "authority"):
        values.pop(name)
    labels = {name: rng.choice(options) for name, options in words["labels"].items()}
    both = language != "en" and rng.random() < 0.75
    if both:
        join = rng.choice(["/", " / ", " – "])
        labels = {name: f"{text}{join}{rng.choice(english['labels'][name])}" for name, text in labels.items()}
    title = words[kind] if not both else f"{words[kind]} / {english[kind]}"
    zone: tuple[str, ...] = td3(holder) if kind == "passport" else td1(holder)
    return Document(kind, title, words["state"], printed, labels, values, zone)


class _Side:
    """One side of a card, or one page of a passport, on the sheet: ``x`` and ``y`` of its corner, and its scale."""

    def __init__(  # noqa: PLR0917 - where and how large
        self, rng: Random, sheet: Sheet, x: float, y: float, size: tuple[float, float], scale: float, tint: str
    ) -> None:
        self.rng, self.sheet, self.x, self.y, self.scale = rng, sheet, x, y, scale
        self.width, self.height = size[0] * scale, size[1] * scale
        sheet.box(x, y, x + self.width, y + self.height, fill=tint, line="#9a9a9a", thick=0.5, corner=8 * scale)

    def text(self, dx: float, dy: float, text: str, size: float, **style: Any) -> float:
        """A text at a place on this side, in the side's own points."""
        return self.sheet.text(
            self.x + dx * self.scale, self.y + dy * self.scale, text, size=size * self.scale, **style
        )

    def photo(self, dx: float, dy: float, wide: float, tall: float) -> None:
        """A grey head and shoulders."""
        scale, sheet = self.scale, self.sheet
        left, top = self.x + dx * scale, self.y + dy * scale
        sheet.box(left, top, left + wide * scale, top + tall * scale, fill="#c9ced6", line="")
        middle = left + wide * scale / 2
        sheet.box(middle - wide * scale * 0.36, top + tall * scale * 0.66, middle + wide * scale * 0.36,
                  top + tall * scale, fill="#7d8797", line="", corner=6 * scale)  # fmt: skip
        sheet.disc(middle, top + tall * scale * 0.4, wide * scale * 0.24, "#8d97a7")
        self.text(dx + wide / 2, dy + tall - 3, "SPECIMEN", 4.2, align="centre", colour="#ffffff")

    def entry(  # noqa: PLR0917 - where and what
        self, dx: float, dy: float, document: Document, name: str, size: float, across: float
    ) -> None:
        """A small label with its value below it."""
        text, label = document.printed[name], document.labels[name]
        small = size * 0.62
        family = self.sheet.family
        small *= min(1.0, across / width(label, family, small))
        self.text(dx, dy, label, small, colour="#33507a")
        fits = min(1.0, across / width(text, family, size, True))
        self.text(dx, dy + size * 1.05, text, size * fits, bold=True, show={name: text})

    def entry_beside(  # noqa: PLR0917 - where and what
        self, dx: float, dy: float, document: Document, name: str, size: float, gap: float
    ) -> None:
        """A label with its value behind it."""
        label = document.labels[name] + ":"
        small = size * 0.78
        small *= min(1.0, (gap - 3) / width(label, self.sheet.family, small))
        self.text(dx, dy, label, small, colour="#333333")
        text = document.printed[name]
        fits = min(1.0, (self.width / self.scale - dx - gap - 6) / width(text, self.sheet.family, size, True))
        self.text(dx + gap, dy, text, size * fits, bold=True, show={name: text})

    def zone(self, dy: float, document: Document, family: str) -> None:
        """The machine-readable lines; they say what is printed nowhere else."""
        across = self.width / self.scale - 16
        size = across / width(document.zone[0], family, 1.0)
        places = _ZONE_PLACES[len(document.zone)]
        printed = self.sheet.boxes
        for row, line in enumerate(document.zone):
            y = dy + row * size * 1.3
            self.text(8, y, line, size, family=family)
            sign = across * self.scale / len(line)
            for name, (of, first, end) in places.items():
                if of == row and name not in printed and document.values.get(name):
                    left, base = self.x + 8 * self.scale, self.y + y * self.scale
                    top, low = base - 0.78 * size * self.scale, base + 0.22 * size * self.scale
                    self.sheet.note(name, (left + first * sign, top, left + end * sign, low))


def _card(side: _Side, document: Document, beside: bool) -> None:
    """The front of a card."""
    rng = side.rng
    shown = [name for name in _FRONT if name in document.printed]
    if rng.random() < 0.3:
        shown.append("issue_date")
    side.text(8, 13, document.state, 6.2, bold=True)
    side.text(8, 22, document.title, 6.8, bold=True, colour="#33507a", show={"document_kind": document.title})
    side.photo(8, 30, 62, 78)
    if beside:
        for row, name in enumerate(shown):
            side.entry_beside(78, 36 + row * 12.2, document, name, 6.6, 68)
        return
    left, y = 78.0, 34.0
    for number, name in enumerate(shown):
        wide = 152 if number < 2 else 74
        side.entry(left, y, document, name, 7.4, wide)
        if number < 2 or left > 80:
            left, y = 78.0, y + 18.5
        else:
            left = 158.0


def _card_back(side: _Side, document: Document, beside: bool, family: str) -> None:
    left, y = 12.0, 14.0
    for name in _BACK:
        if name not in document.printed or name in side.sheet.boxes or side.rng.random() < 0.12:
            continue
        if beside:
            side.entry_beside(left, y, document, name, 6.6, 74)
            y += 12
        else:
            side.entry(left, y, document, name, 7.0, 200 if name == "address" else 120)
            y += 18
    side.zone(110, document, family)


def _passport(side: _Side, document: Document, family: str) -> None:
    side.text(14, 18, document.state, 8.0, bold=True)
    side.text(14, 30, document.title, 8.6, bold=True, colour="#33507a", show={"document_kind": document.title})
    side.photo(14, 44, 84, 108)
    left, y = 110.0, 44.0
    for name in _WHOLE:
        if name not in document.printed or (name == "authority" and side.rng.random() < 0.3):
            continue
        wide = 230.0 if name in ("surname", "given_names") else 108.0
        if wide > 200 and left > 110:
            left, y = 110.0, y + 22
        side.entry(left, y, document, name, 8.2, wide)
        if wide > 200 or left > 110:
            left, y = 110.0, y + 20.5
        else:
            left = 230.0
    side.zone(216, document, family)


def make_identity(seed: int | str, language: str, layout: str) -> Made:
    """Make an identity document; see `pipeline.learn.factory.forms.make_form`."""
    rng = seeded("identity", seed, language, layout)
    kind = "passport" if layout.startswith("passport") else "permit" if layout == "permit" else "card"
    if layout == "copy" and rng.random() < 0.25:
        kind = "permit"
    document = _content(rng, language, kind)
    tint, family = rng.choice(_TINTS), rng.choice(["mono", "dejavu-mono"])
    face = rng.choice(["sans", "sans", "dejavu", "serif"])
    if layout == "card":
        sheet = Sheet(CARD, face)
        _card(_Side(rng, sheet, 0, 0, CARD, 1.0, tint), document, beside=False)
        sheet.new_page()
        _card_back(_Side(rng, sheet, 0, 0, CARD, 1.0, tint), document, False, family)
    elif layout == "passport":
        sheet = Sheet(PAGE, face)
        _passport(_Side(rng, sheet, 0, 0, PAGE, 1.0, tint), document, family)
    elif layout == "passport-copy":
        sheet, scale = Sheet(A4, face), rng.choice([1.0, 1.2, 1.4])
        _passport(_Side(rng, sheet, rng.uniform(30, 70), rng.uniform(40, 200), PAGE, scale, tint), document, family)
    else:
        sheet, scale = Sheet(A4, face), rng.choice([1.0, 1.3, 1.6])
        x, y, beside = rng.uniform(40, 120), rng.uniform(50, 120), layout == "permit"
        _card(_Side(rng, sheet, x, y, CARD, scale, tint), document, beside)
        lower = y + CARD[1] * scale + rng.uniform(20, 80)
        _card_back(_Side(rng, sheet, x, lower, CARD, scale, tint), document, beside, family)
        if rng.random() < 0.4:
            sheet.text(60, 790, rng.choice(ACCENTS)[1:].upper(), size=7, colour="#777777")
    shown = sheet.boxes
    fields = {name: value for name, value in document.values.items() if name in shown}
    return Made(
        f"identity_document-{language}-{layout}-{seed}", "identity_document", language, layout, sheet, document.title,
        fields, [],
    )  # fmt: skip
