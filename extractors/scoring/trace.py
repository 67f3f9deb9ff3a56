"""What was tried for every field, for the eyes of a person."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from extractors.scoring.model import Model
from extractors.scoring.option import Option
from models.records import Box

SHOWN = 6
"""So many options of a field are kept."""


@dataclass(frozen=True, slots=True)
class Tried:
    """One option of a field: where it stands, how probable it was, and what speaks for and against it.

    ``contributions`` are log-odds by feature, ``""`` being what is true of any candidate; empty where no model scored
    it. ``box`` is in points from the top left of the page.
    """

    value: str
    raw: str
    page: int | None
    box: Box | None
    probability: float
    features: Mapping[str, float]
    contributions: Mapping[str, float]
    chosen: bool = False


@dataclass
class Trace:
    """Give an empty one to `extractors.extract`: ``fields`` then has what was tried by field, the chosen one first.

    ``rows`` has the features of the table's rows (`extractors.table.features`), in their order.
    """

    fields: dict[str, list[Tried]] = field(default_factory=dict)
    rows: list[Mapping[str, float]] = field(default_factory=list)

    def note(
        self,
        name: str,
        options: Iterable[Option],
        chosen: Option | None,
        model: Model | None = None,
        place: Callable[[Box, int], Box] | None = None,
    ) -> None:
        """Keep the best options of field ``name``.

        Args:
            name: the field.
            options: all that were scored for it; ``chosen`` may be among them.
            chosen: the one that became the field's value; None where it was left empty.
            model: scored them; without it there are no contributions.
            place: turns a box of the layout into one on the page (`extractors.page.layout.Layout.on_page`).
        """
        ranked = sorted((one for one in options if one is not chosen), key=lambda one: -one.probability)
        first = [chosen] if chosen is not None else []
        self.fields[name] = [
            Tried(
                one.candidate.value, one.candidate.raw, one.candidate.page,
                place(one.candidate.box, one.candidate.page) if place else one.candidate.box,
                one.probability, dict(one.features), model.contributions(one.features) if model else {},
                one is chosen,
            )
            for one in [*first, *ranked][:SHOWN]
        ]  # fmt: skip
