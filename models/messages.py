"""Sentences for people that can be said in another language later: the English text remembers how it was made.

``say("Net total {net} and tax {tax} make {sum}.", net=..., tax=..., sum=...)`` is a plain ``str`` (the English
sentence), so it may be printed, compared and logged like any other; it also keeps the template and the values. The
desk looks the template up in its catalogue (`pipeline.review.languages`) and fills it anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class Message(str):
    """An English sentence with its ``template`` and the ``values`` in it (all as text)."""

    template: str
    values: Mapping[str, str]

    def __new__(cls, template: str, values: Mapping[str, str]) -> Message:
        """Fill ``template``; see `say`."""
        made = super().__new__(cls, template.format(**values) if values else template)
        made.template, made.values = template, values
        return made

    def __reduce__(self) -> tuple[Any, ...]:
        return Message, (self.template, dict(self.values))


def say(template: str, /, **values: object) -> Message:
    """A sentence in English; ``{name}`` in the template stands for a value. Templates are literals: Babel finds them.

    Raises:
        KeyError: the template names a value that is not given.
    """
    return Message(template, {name: str(value) for name, value in values.items()})
