"""What documents are found by: words without accents and case, amounts, dates, and words of a field. Pure.

Both databases keep the terms just as they are made here, so they find alike: SQLite in an FTS5 table, PostgreSQL in a
``tsvector``. A term is a folded word (``kancelarsky``), a word of a field (``sellername=papir``), an amount
(``amount=1234.50``) or a date (``date=2026-11-03``).
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from extractors.values.amounts import find_amounts
from extractors.values.dates import find_dates
from models.document_types import Kind, document_types

LONGEST = 64
"""Letters of a term; what is longer is cut."""
MOST = 20_000
"""Terms of a document; a file with more different words is found by the first of them."""
_WORD = re.compile(r"[^\W_]+")
_NAMED = re.compile(r"(\w+):(\S+)")


@dataclass(frozen=True, slots=True)
class Term:
    """A term of a query; ``open`` says that words may go on after it; ``whole``, that none may (an amount, a date)."""

    text: str
    open: bool = False
    whole: bool = False


def words(text: str) -> list[str]:
    """The folded words of a text; a number such as ``FV-2026/17`` is there in parts and as one (``fv202617``)."""
    found = []
    for chunk in _folded(text).split():
        parts = _WORD.findall(chunk)
        found += [*parts, "".join(parts)] if _is_number(parts) else parts
    return [word[:LONGEST] for word in found]


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in plain if not unicodedata.combining(char))


def _is_number(parts: list[str]) -> bool:
    return len(parts) > 1 and any(char.isdigit() for part in parts for char in part)


def _asked_words(text: str) -> list[str]:
    """The words of a query: a number only as one, so that ``A-2`` is not every document of 2026."""
    chunks = [_WORD.findall(chunk) for chunk in _folded(text).split()]
    return [word[:LONGEST] for parts in chunks for word in (["".join(parts)] if _is_number(parts) else parts)]


def of_fields(fields: Iterable[tuple[str, Kind, str]]) -> Iterator[str]:
    """The terms of fields given as name, kind and value in normal form."""
    for name, kind, value in fields:
        if kind in (Kind.AMOUNT, Kind.AMOUNTS):
            yield from (f"amount={_plain(one)}" for one in value.split("; "))
        elif kind in (Kind.DATE, Kind.DATES):
            yield from (f"date={one}" for one in value.split("; "))
        for word in words(value):
            yield word
            yield f"{_squeezed(name)}={word}"


def of_cells(cells: Mapping[str, str | None]) -> Iterator[str]:
    """The terms of a row of a table, by column in normal form: what it is for, and its money."""
    for column in ("unit_price", "net_amount"):
        if amount := cells.get(column):
            yield f"amount={_plain(amount)}"
    for text in filter(None, cells.values()):
        yield from words(text)


def asked(query: str) -> tuple[tuple[Term, ...], ...]:
    """What a person typed, as terms of which all must be there; in an inner tuple one of them is enough.

    ``seller:papír`` asks for a word of a field whose name begins so, or a word of its name or title in any of our
    languages (``seller_name``, ``seller_address``; ``number:``, ``dodavatel:``); an amount with decimals and a whole
    date are asked for as such, however they are written.
    """
    found: list[tuple[Term, ...]] = []

    def named(match: re.Match[str]) -> str:
        fields = _fields_named(_squeezed(_folded(match[1])))
        if not fields:
            return f"{match[1]} {match[2]}"
        found.extend(tuple(Term(f"{field}={word}") for field in fields) for word in _asked_words(match[2]))
        return " "

    rest = _NAMED.sub(named, query)
    for start, end, date in reversed(list(find_dates(rest))):
        found.append((Term(f"date={date.isoformat()}", whole=True),))
        rest = f"{rest[:start]} {rest[end:]}"
    for amount in reversed(list(find_amounts(rest))):
        if amount.decimals == 2:
            found.append((Term(f"amount={amount.value:f}", whole=True),))
            rest = f"{rest[: amount.start]} {rest[amount.end :]}"
    found += [(Term(word),) for word in _asked_words(rest)]
    return tuple(dict.fromkeys(found))


def unknown_fields(query: str) -> list[str]:
    """The names before a colon in a query by which no field is called; then they are looked for as words."""
    names = dict.fromkeys(match[1] for match in _NAMED.finditer(query) if not match[1].isdigit())
    return [name for name in names if not _fields_named(_squeezed(_folded(name)))]


def opened(groups: tuple[tuple[Term, ...], ...]) -> tuple[tuple[Term, ...], ...]:
    """The same query with words that may go on, for one that finds nothing by whole words."""
    return tuple(tuple(replace(one, open=not one.whole) for one in group) for group in groups)


def _plain(amount: str) -> str:
    """An amount with at least two decimals, as one is asked for."""
    whole, _, decimals = amount.partition(".")
    return f"{whole}.{decimals:0<2}"


def _squeezed(name: str) -> str:
    return name.casefold().replace("_", "")


def _fields_named(beginning: str) -> list[str]:
    return sorted(
        {
            _squeezed(name)
            for kind in document_types().values()
            for name, field in kind.fields.items()
            if any(one.startswith(beginning) for one in _called(name, tuple(field.title.values())))
        }
    )


@functools.cache
def _called(name: str, titles: tuple[str, ...]) -> tuple[str, ...]:
    """What people may call a field by: its name, and each word of that and of its titles."""
    return (_squeezed(name), *name.split("_"), *(word for title in titles for word in words(title)))
