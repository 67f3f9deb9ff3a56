"""What stands on documents, in our JSON form, read strictly: a mistake in the truth looks like one of the machine.

One object a document: a line of a ``.jsonl`` file, or a ``.json`` file of a folder::

    {"id": "a1", "file": "a1.pdf", "type": "invoice", "fields": {"gross_total": "121.00", "due_date": null},
     "line_items": [{"description": "Paper", "net_amount": "100.00"}], "partial": true}

``fields`` and ``line_items`` hold normal forms. A field that is not named does not stand on the document: a value found
for it is wrong, unless it follows from the others (`pipeline.evaluate.compare.implied`) or is from the data of an
e-invoice, which may say more than its page. With ``"partial": true`` only
what is named is judged; there ``null`` says that the field is absent. Without ``line_items`` rows are not judged, and
a cell that a row does not name never is. ``id`` may be left out (the name of the file without its ending), and ``file``
(the one document that is called as ``id``). ``outcome`` with a code of `models.errors.QUARANTINE_CODES` says that the
file must be refused for that reason; then there are no fields. Figures are told apart by ``language``, where rows have
it; all other keys are for people.
"""

from __future__ import annotations

import datetime as dt
import difflib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.document_types import UNKNOWN, DocumentType, Kind, document_types
from models.errors import QUARANTINE_CODES, InvalidTruth
from models.records import LINE_ITEM_COLUMNS

_NUMBER = re.compile(r"-?\d+(\.\d+)?", re.ASCII)
_FORMS: Mapping[Kind, tuple[re.Pattern[str], str]] = {
    Kind.AMOUNT: (_NUMBER, "1234.50"),
    Kind.NUMBER: (_NUMBER, "168.5"),
    Kind.PERCENT: (_NUMBER, "21"),
    Kind.DATE: (re.compile(r"\d{4}-\d\d-\d\d", re.ASCII), "2026-01-31"),
    Kind.CURRENCY: (re.compile(r"[A-Z]{3}"), "EUR"),
    Kind.IBAN: (re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]+"), "CZ6508000000192000145399"),
    Kind.BIC: (re.compile(r"[A-Z0-9]{8}([A-Z0-9]{3})?"), "GIBACZPX"),
    Kind.VAT_ID: (re.compile(r"[A-Z0-9]+"), "CZ25596641"),
    Kind.DIGITS: (re.compile(r"\d+"), "2025001"),
    Kind.PHONE: (re.compile(r"\+?\d+"), "+420601234567"),
}
"""The form of a value by kind, and an example. Check digits don't count: what is printed wrong is the truth too."""
_WORDS = re.compile(r"\S|\S.*\S", re.DOTALL)
_SHOWN = 20  # problems in one message


@dataclass(frozen=True, slots=True)
class Truth:
    """One document: ``file`` is its name within the folder, ``path`` leads to it.

    ``refusal`` is the code that it must be refused with, if any. ``line_items`` is None where rows are not judged. A
    field whose value is None must not be found.
    """

    id: str
    file: str
    path: Path
    type: str
    fields: Mapping[str, str | None]
    line_items: tuple[Mapping[str, str], ...] | None
    partial: bool = False
    refusal: str | None = None
    language: str = ""

    @property
    def kind(self) -> DocumentType:
        """The document type."""
        return document_types()[self.type]


def read_truth(source: Path, folder: Path) -> tuple[Truth, ...]:
    """The truth of the documents in ``folder``; ``source`` is a ``.jsonl`` file or a folder of ``.json`` files.

    Raises:
        InvalidTruth: it names no document, one that is not there, a type or field that does not exist, or a value that
            is not in normal form; the message has all such problems.
        OSError: a file can't be read.
    """
    problems: list[str] = []
    found: list[Truth] = []
    stems: dict[str, list[Path]] = {}
    for path in sorted(folder.iterdir()):
        if path.is_file() and not path.name.startswith("."):
            stems.setdefault(path.stem, []).append(path)
    seen: dict[Path, str] = {}
    for place, default, text in _texts(source):
        one = _Row(place, problems).read(text, default, folder, stems)
        if one is not None and one.path in seen:
            problems.append(f"{place}: {one.path.name!r} is the document of {seen[one.path]} too")
        elif one is not None:
            seen[one.path] = place
            found.append(one)
    if problems:
        more = [f"and {len(problems) - _SHOWN} more"] if len(problems) > _SHOWN else []
        raise InvalidTruth("\n".join(["The truth can't be used:", *problems[:_SHOWN], *more]))
    if not found:
        holds = "no file *.json, one a document" if source.is_dir() else "no line, one JSON object a document"
        raise InvalidTruth(f"There is no document in {source}: it has {holds}. `podatelna evaluate -h` says the form.")
    return tuple(found)


def _texts(source: Path) -> Iterator[tuple[str, str, str]]:
    """The objects: where each stands, the id that its file's name gives, and its JSON."""
    if source.is_dir():
        for path in sorted(source.glob("*.json")):
            yield path.name, path.stem, _text(path)
    else:
        for number, line in enumerate(_text(source).splitlines(), 1):
            if line.strip():
                yield f"line {number}", "", line


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidTruth(f"{path} is no text in UTF-8.") from error


class _Row:
    """Reads one object and notes what is wrong with it."""

    def __init__(self, place: str, problems: list[str]) -> None:
        self._place = place
        self._problems = problems

    def _say(self, message: str) -> None:
        self._problems.append(f"{self._place}: {message}")

    def read(self, text: str, default: str, folder: Path, stems: Mapping[str, list[Path]]) -> Truth | None:
        """The document, or None where something is wrong."""
        before = len(self._problems)
        try:
            row = json.loads(text)
        except json.JSONDecodeError as error:
            self._say(f"this is no JSON ({error.msg}, column {error.colno})")
            return None
        if not isinstance(row, dict):
            self._say("a document is an object in braces")
            return None
        path = self._file(row, default, folder, stems)
        name = row.get("id") or default or (path.stem if path else "")
        outcome = row.get("outcome")
        if outcome in QUARANTINE_CODES or str(outcome).startswith("limit:"):
            return _refusal(str(name), path, folder, str(outcome)) if path else None
        kind = self._kind(row.get("type"))
        if kind is None:
            return None
        fields = self._fields(kind, row.get("fields"))
        items = self._items(kind, row.get("line_items"))
        partial = row.get("partial", False)
        if not isinstance(partial, bool):
            self._say("partial is true or false")
        if len(self._problems) > before or path is None:
            return None
        return Truth(
            str(name),
            _within(path, folder),
            path,
            kind.name,
            fields,
            items,
            partial,
            language=str(row.get("language") or ""),
        )

    def _file(self, row: Mapping[str, Any], default: str, folder: Path, stems: Mapping[str, list[Path]]) -> Path | None:
        name = row.get("file")
        if name is None:
            key = str(row.get("id") or default)
            there = stems.get(key, [])
            if len(there) == 1:
                return there[0]
            which = "no document" if not there else "more than one document"
            self._say(f'there is {which} called {key!r} in {folder}; say which with "file"')
            return None
        path = folder / str(name)
        if not path.resolve().is_relative_to(folder.resolve()):
            self._say(f"the file {name!r} is outside of {folder}")
        elif not path.is_file():
            self._say(f"there is no file {name!r} in {folder}")
        else:
            return path
        return None

    def _kind(self, name: object) -> DocumentType | None:
        kind = document_types().get(str(name))
        if kind is None:
            said = "the type is missing" if name is None else f"there is no type {name!r}"
            self._say(f"{said}; these are: {', '.join(document_types())}")
        return kind

    def _fields(self, kind: DocumentType, values: object) -> dict[str, str | None]:
        if not isinstance(values, dict):
            self._say("fields is an object in braces: name to value")
            return {}
        for name, value in values.items():
            if name not in kind.fields:
                self._say(f"{kind.name} has no field {name!r}{_meant(name, kind.fields)}")
            elif value is not None:
                self._value(f"field {name}", kind.fields[name].kind, value)
        return values

    def _items(self, kind: DocumentType, items: object) -> tuple[dict[str, str], ...] | None:
        if items is None or (items == [] and kind.line_table is None):
            return None
        if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
            self._say("line_items is a list of objects: column to value")
            return None
        if kind.line_table is None:
            self._say(f"{kind.name} has no line items")
        for number, item in enumerate(items, 1):
            for column, value in item.items():
                if column not in LINE_ITEM_COLUMNS:
                    self._say(f"row {number} has no column {column!r}{_meant(column, LINE_ITEM_COLUMNS)}")
                elif value is not None:
                    words = column in ("description", "unit")
                    self._value(f"row {number}, {column}", Kind.TEXT if words else Kind.AMOUNT, value)
        return tuple({column: value for column, value in item.items() if value is not None} for item in items)

    def _value(self, what: str, kind: Kind, value: object) -> None:
        form, example = _FORMS.get(kind, (_WORDS, ""))
        if not isinstance(value, str):
            self._say(f"{what} is {json.dumps(value)}; values stand in quotes")
        elif not form.fullmatch(value) or (kind is Kind.DATE and not _is_date(value)):
            like = f", like {example}" if example else ": no blanks at its ends, and not empty"
            self._say(f"{what} is {value!r}, which is not the normal form of {kind.value}{like}")


def _refusal(name: str, path: Path, folder: Path, code: str) -> Truth:
    return Truth(name, _within(path, folder), path, UNKNOWN, {}, None, refusal=code)


def _within(path: Path, folder: Path) -> str:
    return path.relative_to(folder).as_posix()


def _is_date(text: str) -> bool:
    try:
        dt.date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _meant(name: str, names: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, list(names), n=1)
    return f"; did you mean {close[0]!r}?" if close else ""
