"""Documents that the pipeline has no type for: letters, forms, contracts, payroll papers, reports."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import Any

from pipeline.learn.factory.records import Made, Party
from pipeline.learn.factory.sheet import Sheet
from pipeline.learn.factory.style import Style, make_style
from pipeline.learn.factory.trade import DAYS, FIRST_DAY, make_party, seeded, seeded_faker
from pipeline.learn.factory.vocabulary import vocabulary

OTHER_KINDS = ("letter", "form", "contract", "payroll", "report")
LEFT, RIGHT = 62.0, 535.0
WIDE = RIGHT - LEFT


class Paper:
    """One such document being written; ``y`` is where it goes on."""

    def __init__(self, rng: Random, kind: str, language: str) -> None:
        self.rng, self.kind, self.language = rng, kind, language
        self.style: Style = make_style(rng, language, "letter")
        self.words: dict[str, Any] = vocabulary("others")[language][kind]
        self.common = vocabulary(language)
        self.sender: Party = make_party(rng, language)
        self.receiver: Party = make_party(rng, language)
        self.sheet = Sheet(family=self.style.family, points=10.5)
        self.y = 70.0
        self.pool: list[str] = []

    def fill(self, text: str) -> str:
        """``text`` with invented dates, numbers and towns."""
        return text.format(date=self.day(), number=self.rng.randrange(14, 99999), city=self.receiver.city)

    def day(self) -> str:
        """A date as this sender writes it."""
        return self.style.date(FIRST_DAY + timedelta(days=self.rng.randrange(DAYS)))

    def write(self, text: str, *, bold: bool = False, size: float = 10.5, x: float = LEFT) -> None:
        """A paragraph, on a new page if this one is full."""
        for line in self.sheet.wrap(text, RIGHT - x, size, bold):
            if self.y > 780:
                self.sheet.new_page()
                self.y = 70.0
            self.sheet.text(x, self.y, line, size=size, bold=bold)
            self.y += size * 1.4

    def prose(self, sentences: int) -> str:
        """Sentences of the kind, with invented filler between them."""
        fake = seeded_faker(self.common["locale"], self.rng)
        written = []
        for _ in range(sentences):
            if not self.pool:  # no sentence twice before all were used
                self.pool = self.rng.sample(self.words["sentences"], len(self.words["sentences"]))
            one = self.fill(self.pool.pop()) if self.rng.random() < 0.8 else fake.sentence()
            written.append(one[0].upper() + one[1:])
        return " ".join(written)


def _letter(paper: Paper) -> None:
    sheet, sender, receiver = paper.sheet, paper.sender, paper.receiver
    right = paper.rng.random() < 0.5
    for row, text in enumerate([sender.name, sender.street, f"{sender.postcode} {sender.city}", sender.email]):
        sheet.text(RIGHT if right else LEFT, 62 + row * 14, text, align="right" if right else "left", bold=row == 0)
    for row, text in enumerate(
        [receiver.contact, receiver.name, receiver.street, f"{receiver.postcode} {receiver.city}"]
    ):
        sheet.text(LEFT, 150 + row * 14, text)
    sheet.text(RIGHT, 225, f"{sender.city}, {paper.day()}", align="right")
    paper.y = 262
    paper.write(paper.fill(paper.rng.choice(paper.words["titles"])), bold=True, size=11.5)
    paper.y += 12
    paper.write(paper.rng.choice(paper.common["salutation"]).format(name=receiver.contact.split()[-1]))
    for _ in range(paper.rng.choice([2, 2, 3, 4])):
        paper.y += 7
        paper.write(paper.prose(paper.rng.choice([2, 3, 4])))
    paper.y += 16
    paper.write(paper.rng.choice(paper.common["regards"]))
    paper.y += 34
    paper.write(sender.contact)


def _rows(paper: Paper, *, amounts: bool) -> None:
    rng, fake = paper.rng, seeded_faker(paper.common["locale"], paper.rng)
    answers = [fake.name(), fake.city(), fake.job(), fake.phone_number(), paper.day(), "", "", fake.last_name()]
    names = paper.words["fields"]
    for name in rng.sample(names, rng.randrange(8, len(names) + 1)):
        paper.sheet.text(LEFT, paper.y, name + rng.choice([":", ""]), size=9.5)
        if amounts and rng.random() < 0.7:
            value = f"{rng.randrange(800, 60000)}{rng.choice([',00', ',50', '.00', ''])}"
            paper.sheet.text(RIGHT, paper.y, value, align="right", size=9.5)
        else:
            paper.sheet.text(LEFT + 190, paper.y, rng.choice(answers), size=10)
        paper.sheet.rule(LEFT + (0 if amounts else 185), paper.y + 4, RIGHT, paper.y + 4, 0.4, "#888888")
        paper.y += 24 if not amounts else 18


def _form(paper: Paper) -> None:
    paper.write(paper.sender.name, size=9)
    paper.y += 10
    paper.write(paper.fill(paper.rng.choice(paper.words["titles"])), bold=True, size=16)
    paper.y += 16
    _rows(paper, amounts=False)


def _payroll(paper: Paper) -> None:
    paper.write(paper.sender.name, bold=True)
    paper.write(paper.sender.address, size=9)
    paper.y += 12
    paper.write(paper.rng.choice(paper.words["titles"]), bold=True, size=14)
    paper.write(f"{paper.receiver.contact}   {paper.day()}")
    paper.y += 10
    _rows(paper, amounts=True)


def _contract(paper: Paper) -> None:
    paper.write(paper.rng.choice(paper.words["titles"]), bold=True, size=17)
    paper.y += 8
    ids = paper.common["labels"]["tax_number"][0]
    for party in (paper.sender, paper.receiver):
        paper.write(f"{party.name}, {party.address}, {ids}: {party.tax_number}")
    for number, article in enumerate(paper.words["articles"], 1):
        paper.y += 10
        mark = {"cs": f"Čl. {number}", "de": f"§ {number}", "en": f"{number}.", "fr": f"Article {number}"}[
            paper.language
        ]
        paper.write(f"{mark} {article}", bold=True)
        paper.write(paper.prose(paper.rng.choice([2, 3, 4])))
    paper.y += 20
    paper.write(f"{paper.sender.city}, {paper.day()}")


def _report(paper: Paper) -> None:
    paper.write(paper.sender.name, size=9)
    paper.y += 8
    paper.write(paper.rng.choice(paper.words["titles"]), bold=True, size=15)
    paper.write(paper.day())
    for number in range(1, paper.rng.randrange(3, 7)):
        paper.y += 8
        paper.write(f"{number}. {paper.prose(paper.rng.choice([1, 2, 3]))}")


_WRITERS = {"letter": _letter, "form": _form, "contract": _contract, "payroll": _payroll, "report": _report}


def make_other(seed: int | str, kind: str = "letter", language: str = "cs") -> Made:
    """Make one document of type ``other``.

    Args:
        seed: Decides everything that is not said by the other arguments.
        kind: One of `OTHER_KINDS`.
        language: ``cs``, ``de``, ``en`` or ``fr``.

    Raises:
        MissingTool: a font is not installed.
    """
    paper = Paper(seeded("other", seed, kind, language), kind, language)
    _WRITERS[kind](paper)
    return Made(f"{kind}-{language}-{seed}", "other", language, kind, paper.sheet, "", {}, [])
