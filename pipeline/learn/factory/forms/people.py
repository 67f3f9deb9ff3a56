"""Invented people: names, birth numbers, addresses, telephone numbers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from pipeline.learn.factory.trade import ascii_letters, seeded_faker
from pipeline.learn.factory.vocabulary import vocabulary

_PREFIX = {"cs": "420", "de": "49", "en": "44", "fr": "33"}


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody; ``birth_number`` is the Czech one, without its stroke, ``phone`` as people write it."""

    given: str
    surname: str
    sex: str
    birth_date: date
    birth_number: str
    street: str
    postcode: str
    city: str
    phone: str
    phone_plain: str
    email: str

    @property
    def name(self) -> str:
        """Given name and surname."""
        return f"{self.given} {self.surname}"


def _birth_number(rng: Random, day: date, sex: str) -> str:
    """A valid Czech birth number since 1954: ten digits that 11 divides, 50 added to the month of women."""
    head = f"{day.year % 100:02d}{day.month + (50 if sex == 'F' else 0):02d}{day.day:02d}{rng.randrange(1, 1000):03d}"
    check = int(head) % 11
    return _birth_number(rng, day, sex) if check == 10 else f"{head}{check}"


def _phone(rng: Random, language: str) -> tuple[str, str]:
    """A telephone number as people write it, and its normal form."""
    digits = "".join(str(rng.randrange(10)) for _ in range(8))
    groups, zero = {
        "cs": ([rng.choice("67") + digits[:2], digits[2:5], digits[5:]], ""),
        "de": ([rng.choice(["151", "160", "172", "30", "89"]), digits[: rng.choice([7, 8])]], "0"),
        "en": (rng.choice([["20", digits[:4], digits[4:]], ["7700", digits[:3], digits[3:6]]]), "0"),
        "fr": ([rng.choice("1467"), digits[:2], digits[2:4], digits[4:6], digits[6:]], "0"),
    }[language]
    abroad = rng.random() < 0.5
    lead = f"{rng.choice(['+', '+', '00'])}{_PREFIX[language]}" if abroad else zero
    join = rng.choice([" ", " ", "", "-"] if language != "de" else [" ", "/", "", " - "])
    text = f"{lead}{rng.choice([' ', '']) if abroad else ''}{join.join(groups)}"
    bare = re.sub(r"\D", "", text)
    return text, f"+{bare.removeprefix('00')}" if abroad else bare


def make_person(rng: Random, language: str) -> Person:
    """Somebody of the language's country, between 19 and 70 years old."""
    words = vocabulary(language)
    fake = seeded_faker(words["locale"], rng)
    sex = rng.choice("MF")
    given = fake.first_name_male() if sex == "M" else fake.first_name_female()
    surname = fake.last_name_male() if sex == "M" else fake.last_name_female()
    birth = date(1955, 1, 1) + timedelta(days=rng.randrange(51 * 365))
    phone, plain = _phone(rng, language)
    box = re.sub(r"[^a-z.]+", "", ascii_letters(f"{given[:1]}.{surname}").lower())
    return Person(
        given=given,
        surname=surname,
        sex=sex,
        birth_date=birth,
        birth_number=_birth_number(rng, birth, sex),
        street=re.sub(r"\b0(?= |$|,)", str(rng.randrange(1, 99)), " ".join(fake.street_address().split())),
        postcode=fake.postcode(),
        city=re.sub(r"\s+", " ", fake.city()),
        phone=phone,
        phone_plain=plain,
        email=f"{box}{rng.choice(['', str(rng.randrange(60, 99))])}@{rng.choice(['mail', 'post', 'inbox'])}.example",
    )
