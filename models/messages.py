"""Sentences for people that can be said in another language later: the English text remembers how it was made.

``say("Net total {net} and tax {tax} make {sum}.", net=..., tax=..., sum=...)`` is a plain ``str`` (the English
sentence), so it may be printed, compared and logged like any other; it also keeps the template and the values. The
desk looks the template up in its catalogue (`pipeline.review.languages`) and fills it anew, with numbers and dates
written the local way. ``str(message)`` and ``str(SomeError(message))`` keep all that; joining and cutting don't.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any


class Message(str):
    """An English sentence with its ``template`` and the ``values`` in it.

    A value is text, another `Message`, a number or a date. ``{name:lower}`` tells a message in small letters (for a
    title in the middle of a sentence).
    """

    template: str
    values: Mapping[str, Any]

    def __new__(cls, template: str, values: Mapping[str, Any]) -> Message:
        """Fill ``template``; see `say`."""
        made = super().__new__(cls, template.format(**values) if values else template)
        made.template, made.values = template, values
        return made

    def __reduce__(self) -> tuple[Any, ...]:
        return Message, (self.template, dict(self.values))

    def __str__(self) -> str:  # or an exception's text would forget its template
        return self

    def __format__(self, spec: str) -> str:
        return self.lower() if spec == "lower" else super().__format__(spec)


def say(template: str, /, **values: object) -> Message:
    """A sentence in English; ``{name}`` in the template stands for a value. Templates are literals: Babel finds them.

    Raises:
        KeyError: the template names a value that is not given.
    """
    return Message(template, values)


def open_ended(text: str) -> str:
    """A sentence without its full stop, for a list."""
    return Message(text.template.rstrip("."), text.values) if isinstance(text, Message) else text.rstrip(".")


def listed(parts: Iterable[str], between: str = ", ") -> Message:
    """Several sentences or words as one, each of which can still be said in another language."""
    values = {f"part{number}": part for number, part in enumerate(parts)}
    return Message(between.join(f"{{{name}}}" for name in values), values)


# ---- as JSON


def written(text: str) -> str | dict[str, Any]:
    """What is stored of a sentence: its text, and for a `Message` also how it was made."""
    if not isinstance(text, Message):
        return text
    values = {name: _written_value(value) for name, value in text.values.items()}
    return {"message": str.__str__(text), "template": text.template, "values": values}


def _written_value(value: object) -> Any:
    match value:
        case Message():
            return written(value)
        case float() if not math.isfinite(value):  # JSON has no such numbers
            return str(value)
        case str() | int() | float():
            return value
        case Decimal():
            return {"number": f"{value:f}"}
        case dt.date():
            return {"date": value.isoformat()}
        case _:
            return str(value)


def read(stored: str | Mapping[str, Any]) -> str:
    """The sentence that was `written`, by this version or one before it, which kept the text alone."""
    if isinstance(stored, str):
        return stored
    template, values = stored.get("template"), stored.get("values")
    if not isinstance(template, str) or not isinstance(values, Mapping):
        return str(stored.get("message", ""))
    try:
        return Message(template, {name: _read_value(value) for name, value in values.items()})
    except (LookupError, ValueError, ArithmeticError):  # stored by a newer version
        return str(stored.get("message", ""))


def _read_value(value: Any) -> Any:
    if not isinstance(value, Mapping):
        return value
    if "number" in value:
        return Decimal(value["number"])
    if "date" in value:
        return dt.date.fromisoformat(value["date"][:10])
    return read(value)


def written_findings(findings: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Findings as JSON: what `written` makes of the message stands beside it."""
    kept = []
    for one in findings:
        text = written(one["message"])
        kept.append({**one, **({"message": text} if isinstance(text, str) else text)})
    return kept


def read_findings(stored: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The findings that were written; ``message`` is a `Message` where it was one."""
    return [
        {**{name: value for name, value in one.items() if name not in ("template", "values")}, "message": read(one)}
        for one in stored
    ]
