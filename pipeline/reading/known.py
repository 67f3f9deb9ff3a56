"""What was read of a file before: each page as a few compressed bytes that go to the cache and come back.

Runs in the cage. The child only *reads* the folder of its own file; what it has newly read it hands to its parent,
which alone writes (`pipeline.store.page_cache`, where the reasons stand). An entry that is torn, of another file or
not what its name says is not believed: the page is read anew.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

from pydantic import TypeAdapter, ValidationError

from models.records import Finding, Page, from_json, to_json
from pipeline.reading.ocr.languages import Languages

Read = tuple[Page, list[Finding]]
"""A page and what was noticed on it."""

Known = Callable[[int], Read | None]
"""What was read of a page before, from its number; None where it is to be read now."""

MOST_BYTES = 64 * 1024 * 1024
"""One entry, inflated; a page of a million words is a bomb."""


class Memory(Protocol):
    """What the child knows of its file; names are ``page-12`` and the like."""

    def get(self, name: str) -> bytes | None:
        """The bytes that were kept under ``name``, whole as they were; None where there are none."""

    def keep(self, name: str, data: bytes) -> None:
        """Keep ``data`` for the next run. May do nothing."""


Answer = TypeVar("Answer")


class NoMemory:
    """Nothing is known and nothing kept."""

    def get(self, name: str) -> bytes | None:  # noqa: D102
        del name
        return None

    def keep(self, name: str, data: bytes) -> None:  # noqa: D102
        del name, data


@dataclass(frozen=True, slots=True)
class _Kept:
    page: Page
    findings: tuple[Finding, ...]
    language: str | None  # of the document, as far as it has told by this page,
    asked: int  # of so many pages: a reading that goes on from here reads as one that was never broken off


def recall(memory: Memory, number: int, languages: Languages) -> Read | None:
    """Page ``number`` as it was read before; None where it was not, or what is kept is no such page.

    ``languages`` then know what they knew after that page.
    """
    data = memory.get(f"page-{number}")
    if data is None:
        return None
    inflater = zlib.decompressobj()
    try:
        text = inflater.decompress(data, MOST_BYTES)
        kept = from_json(_Kept, text)
    except (zlib.error, ValidationError):
        return None
    if not inflater.eof or kept.page.number != number:
        return None
    languages.own, languages.asked = kept.language, kept.asked
    return kept.page, list(kept.findings)


def remember(memory: Memory, page: Page, findings: list[Finding], languages: Languages) -> None:
    """Keep a page that was read now."""
    kept = _Kept(page, tuple(findings), languages.own, languages.asked)
    memory.keep(f"page-{page.number}", zlib.compress(to_json(kept), 1))


def renumbered(data: bytes, number: int) -> bytes | None:
    """The entry of a page for a file in which the same page, lying alike, is page ``number``; None where it can't be.

    What was noticed names the page by its number, so a page with such a note is only itself.
    """
    inflater = zlib.decompressobj()
    try:
        kept = from_json(_Kept, inflater.decompress(data, MOST_BYTES))
    except (zlib.error, ValidationError):
        return None
    if not inflater.eof or (kept.findings and kept.page.number != number):
        return None
    return zlib.compress(to_json(replace(kept, page=replace(kept.page, number=number))), 1)


def once(memory: Memory, kind: str, about: object, form: TypeAdapter[Answer], ask: Callable[[], Answer]) -> Answer:
    """What ``ask`` answers, in ``form``, to the question that ``kind`` (``a-z``) and ``about`` (JSON) state."""
    name = f"{kind}-{hashlib.sha256(json.dumps(about).encode()).hexdigest()}"
    data = memory.get(name)
    if data is not None:
        try:
            return form.validate_json(data)
        except ValidationError:
            pass
    answer = ask()
    memory.keep(name, form.dump_json(answer))
    return answer
