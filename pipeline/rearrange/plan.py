"""What a person wants of pages: which page of which document goes where, and how it is turned. Pure; files are far."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from models.errors import InvalidValue
from models.messages import Message, say

MOST_SOURCES = 50
MOST_PAGES = 1000
"""Of all new documents together; a page may be in several."""
_TURNS = (0, 90, 180, 270)
_NAME_LENGTH = 160
_MOST_RANGES = 6  # in a name


@dataclass(frozen=True, slots=True)
class Taken:
    """Page ``number`` (from 1) of the document ``source``; ``turn`` in degrees clockwise from how the desk shows it."""

    source: int
    number: int
    turn: int = 0


Output = tuple[Taken, ...]
"""One new document, page by page."""


@dataclass(frozen=True, slots=True)
class Source:
    """A document whose pages are taken: its name and how many pages it has."""

    name: str
    pages: int


def check(outputs: Sequence[Output], sources: Mapping[int, Source], most: int) -> None:
    """Whether that can be made: ``most`` is how many pages one document may have.

    Raises:
        InvalidValue: it can't, or nothing would change.
    """
    problem = _problem(outputs, sources, most)
    if problem is not None:
        raise InvalidValue(problem, {"outputs": problem})


def _problem(outputs: Sequence[Output], sources: Mapping[int, Source], most: int) -> Message | None:
    taken = [one for output in outputs for one in output]
    if not taken or not all(outputs):
        return say("At least one page must remain, and no new document may be empty.")
    if len(taken) > MOST_PAGES or len(sources) > MOST_SOURCES:
        return say(
            "At once at most {pages} pages of {documents} documents can be put together.",
            pages=MOST_PAGES,
            documents=MOST_SOURCES,
        )
    if any(len(output) > most for output in outputs):
        return say("A document may have at most {pages} pages.", pages=most)
    for one in taken:
        if one.source not in sources or not 1 <= one.number <= sources[one.source].pages:
            return say("There is no page {number} of document {id}.", number=one.number, id=one.source)
        if one.turn not in _TURNS:
            return say("Pages are turned by 90, 180 or 270 degrees.")
    if unused := sorted(set(sources) - {one.source for one in taken}):
        return say("No page of document {id} is used; leave it out altogether.", id=unused[0])
    if len(set(outputs)) < len(outputs):
        return say("Two of the new documents are the same.")
    if len(outputs) == 1 and len(sources) == 1 and not any(one.turn for one in taken):
        numbers = [one.number for one in taken]
        if numbers == list(range(1, next(iter(sources.values())).pages + 1)):
            return say("Nothing is changed yet.")
    return None


def dropped(outputs: Sequence[Output], sources: Mapping[int, Source]) -> dict[int, list[int]]:
    """The pages that no output has, by document; documents of which none is missing are left out."""
    used = {(one.source, one.number) for output in outputs for one in output}
    missing = {
        source: [number for number in range(1, about.pages + 1) if (source, number) not in used]
        for source, about in sources.items()
    }
    return {source: numbers for source, numbers in missing.items() if numbers}


def repeated(outputs: Sequence[Output]) -> dict[int, list[int]]:
    """The pages that are used more than once, by document."""
    counted = Counter((one.source, one.number) for output in outputs for one in output)
    found: dict[int, list[int]] = {}
    for (source, number), count in sorted(counted.items()):
        if count > 1:
            found.setdefault(source, []).append(number)
    return found


def name_of(output: Output, sources: Mapping[int, Source]) -> str:
    """What a new document is called: ``invoice (pages 1-2).pdf``, ``invoice.pdf`` where no page is missing."""
    parts: list[str] = []
    order = list(dict.fromkeys(one.source for one in output))
    for source in order:
        about = sources[source]
        numbers = [one.number for one in output if one.source == source]
        stem = PurePath(about.name).stem or "document"
        whole = set(numbers) == set(range(1, about.pages + 1))
        word = "page" if len(set(numbers)) == 1 else "pages"
        parts.append(stem if whole else f"{stem} ({word} {ranges(numbers)})")
    name = " + ".join(parts)
    return f"{name if len(name) <= _NAME_LENGTH else name[: _NAME_LENGTH - 1] + '…'}.pdf"


def ranges(numbers: Iterable[int]) -> str:
    """Page numbers in words: ``1-3, 5``; each once, in order, and no more than a few."""
    runs: list[list[int]] = []
    for number in sorted(set(numbers)):
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    told = [str(first) if first == last else f"{first}-{last}" for first, last in runs]
    return ", ".join(told[:_MOST_RANGES]) + ("…" if len(told) > _MOST_RANGES else "")
