"""What a form says, before anyone decided how it looks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random
from typing import Any

from pipeline.learn.factory.forms.people import Person, make_person
from pipeline.learn.factory.style import Style, make_style
from pipeline.learn.factory.trade import make_party, seeded_faker
from pipeline.learn.factory.vocabulary import vocabulary

MISSPELT = 0.03  # of the labels
TICKED = 0.3  # of the choices are boxes to tick


@dataclass(frozen=True, slots=True)
class Entry:
    """A label and what is filled in; ``shown`` names the fields of the type and the parts of ``text`` that they are.

    Without ``shown`` it is none of the type's fields, without ``text`` it was left empty. ``options`` are what there
    is to choose from, ``text`` among them.
    """

    name: str
    label: str
    text: str
    shown: Mapping[str, str] = field(default_factory=dict)
    options: tuple[str, ...] = ()
    cells: bool = False  # short enough for one letter a cell


@dataclass(frozen=True, slots=True)
class Section:
    """Entries that stand together under a title, which may be empty."""

    title: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Rows:
    """The table of a form: work days or transactions. ``sums`` stand in the row below, by column."""

    columns: tuple[str, ...]
    headings: tuple[str, ...]
    cells: tuple[tuple[str, ...], ...]
    sums: Mapping[str, tuple[str, str]] = field(default_factory=dict)  # column -> field (or ""), text
    first: tuple[Entry, ...] = ()  # entries in rows of their own before the others
    last: tuple[Entry, ...] = ()


@dataclass(frozen=True, slots=True)
class Form:
    """A filled-in form; ``values`` holds the normal form of every field that may be printed."""

    type: str
    title: str
    sender: tuple[Entry, ...]
    receiver: tuple[Entry, ...]
    sections: tuple[Section, ...]
    values: Mapping[str, str]
    rows: Rows | None = None
    place: Entry | None = None
    approver: Entry | None = None
    signatures: tuple[str, ...] = ()
    small_print: tuple[str, ...] = ()
    title_shown: Mapping[str, str] = field(default_factory=dict)  # fields that stand in the title


class Maker:
    """Invents entries in one sender's words; ``values`` gathers the truth."""

    def __init__(self, rng: Random, kind: str, language: str) -> None:
        self.rng, self.kind, self.language = rng, kind, language
        self.words: dict[str, Any] = vocabulary(f"forms_{language}")
        self.common: dict[str, Any] = vocabulary(language)
        self.style: Style = make_style(rng, language, "letter")
        self.currency: str = self.common["currency"]
        self.values: dict[str, str] = {}
        self.person: Person = make_person(rng, language)
        self.party = make_party(rng, language)
        self.ticked = TICKED

    def maybe(self, chance: float) -> bool:
        """True with this chance."""
        return self.rng.random() < chance

    def label(self, name: str) -> str:
        """One of the words for a field; now and then misspelt."""
        labels = self.words["labels"]
        label: str = self.rng.choice(labels.get(f"{self.kind}.{name}") or labels[name])
        if len(label) > 6 and self.maybe(MISSPELT):
            at = self.rng.randrange(1, len(label) - 2)
            label = label[:at] + label[at + 1] + label[at] + label[at + 2 :]
        return label

    def entry(
        self, name: str, text: str, value: str = "", *, options: tuple[str, ...] = (), cells: bool = False
    ) -> Entry:
        """An entry of field ``name``; ``value`` is its normal form where that is not ``text``."""
        self.values[name] = value or text
        return Entry(name, self.label(name), text, {name: text}, options, cells)

    def choice(self, name: str, options: list[str]) -> Entry:
        """An entry with one of ``options``, now and then with all of them and a cross."""
        text = self.rng.choice(options)
        if self.maybe(self.ticked):
            others = self.rng.sample([one for one in options if one != text], min(2, len(options) - 1))
            return self.entry(name, text, options=tuple(self.rng.sample([text, *others], len(others) + 1)))
        return self.entry(name, text)

    def distractors(self, count: int) -> list[Entry]:
        """Entries that are no fields of the type, some left empty."""
        offered: dict[str, str] = self.words["distractors"][self.kind]
        return [
            Entry("", label, "" if self.maybe(0.25) else self._invented(offered[label]))
            for label in self.rng.sample(list(offered), min(count, len(offered)))
        ]

    def _invented(self, sort: str) -> str:
        rng = self.rng
        if sort in ("job", "marital", "monthly", "account"):
            return str(
                rng.choice(self.words[{"job": "jobs", "marital": "marital", "account": "accounts"}.get(sort, sort)])
            )
        if sort == "city":
            return str(seeded_faker(self.common["locale"], rng).city())
        if sort == "date":
            return self.style.date(self.person.birth_date.replace(day=1, year=rng.randrange(2005, 2024)))
        if sort == "phone":
            return make_person(rng, self.language).phone
        return {
            "number": str(rng.randrange(0, 45)),
            "fte": rng.choice(["1,0", "0,5", "100 %", "0,8"]),
            "code": f"{rng.choice('ABKPS')}{rng.randrange(100, 99999)}",
            "rate": f"{rng.randrange(0, 400) / 100:.2f} %".replace(".", self.style.decimal),
            "money": self.money(Decimal(rng.randrange(20, 900) * 100)),
        }[sort]

    def money(self, value: Decimal) -> str:
        """An amount as this sender writes it, with the currency where it does so."""
        text = self.style.with_currency(value, self.currency)
        if self.style.money != "bare":
            self.values["currency"] = self.currency
        return text

    def amount(self, name: str, value: Decimal) -> Entry:
        """An entry with an amount and, where this sender prints it, the currency."""
        text = self.money(value)
        plain = self.style.amount(value)
        shown = {name: plain.lstrip("-") if plain not in text else plain}
        for sign in (self.currency, {"CZK": "Kč", "EUR": "€", "GBP": "£"}[self.currency]):
            if sign in text:
                shown["currency"] = sign
        self.values[name] = f"{value:.2f}"
        return Entry(name, self.label(name), text, shown)
