"""What reviewing costs: seconds, keystrokes and clicks, by document and by field. Never what was typed.

The page counts and sends it with the decision; what it sends is a claim of a browser, so it is bounded, and what is
not understood is left out: no decision fails because of it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.document_types import document_types
from models.tables import EffortRow
from pipeline.store import Store, clock

LINES = "line_items"
_FIELDS = {name for kind in document_types().values() for name in kind.fields} | {LINES}
_DAY = 86_400.0


class FieldEffort(BaseModel):
    """One field: whether the cursor stood in it, whether it was changed, seconds in it and keys pressed there."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    seen: bool = False
    changed: bool = False
    seconds: float = Field(0.0, ge=0, le=_DAY, allow_inf_nan=False)
    keystrokes: int = Field(0, ge=0, le=1_000_000)


class Effort(BaseModel):
    """One look at a document, from its first picture to the decision; ``fields`` by name, ``line_items`` as one."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    seconds: float = Field(0.0, ge=0, le=_DAY, allow_inf_nan=False)
    keystrokes: int = Field(0, ge=0, le=1_000_000)
    clicks: int = Field(0, ge=0, le=1_000_000)
    fields: dict[str, FieldEffort] = Field(default_factory=dict, max_length=200)


@dataclass(frozen=True, slots=True)
class Look:
    """What one look cost, as it is shown; ``fields`` are those that were seen or changed."""

    by: str
    at: dt.datetime
    outcome: str
    seconds: float
    keystrokes: int
    clicks: int
    fields: tuple[tuple[str, FieldEffort], ...]


def understood(text: str) -> Effort | None:
    """What a form sent, or None where it is not understood."""
    try:
        return Effort.model_validate_json(text) if text else None
    except ValidationError:
        return None


def keep(  # noqa: PLR0917
    session: Session,
    document_id: int,
    by: str,
    outcome: str,
    effort: Effort | None,
    corrected: Iterable[str] | None = None,
) -> None:
    """Write it down with the decision. ``corrected``, where it is known, is what really changed."""
    if effort is None:
        return
    shared = {"document_id": document_id, "by": by, "at": clock.now(), "outcome": outcome}
    known = {name: one for name, one in effort.fields.items() if name in _FIELDS}
    changed = {name for name, one in known.items() if one.changed} if corrected is None else set(corrected)
    whole = EffortRow(
        **shared,
        field="",
        seen=True,
        changed=bool(changed),
        seconds=effort.seconds,
        keystrokes=effort.keystrokes,
        clicks=effort.clicks,
    )
    session.add(whole)
    for name, one in known.items():
        if one.seen or name in changed:
            session.add(
                EffortRow(
                    **shared,
                    field=name,
                    seen=one.seen,
                    changed=name in changed,
                    seconds=one.seconds,
                    keystrokes=one.keystrokes,
                )
            )


def looks(store: Store, document_id: int) -> tuple[Look, ...]:
    """Every look at a document, the first one first."""
    with store.reading() as session:
        query = select(EffortRow).where(EffortRow.document_id == document_id).order_by(EffortRow.id)
        rows = list(session.scalars(query))
    found: list[tuple[EffortRow, list[tuple[str, FieldEffort]]]] = []
    for row in rows:
        if not row.field:
            found.append((row, []))
        elif found:
            one = FieldEffort(seen=row.seen, changed=row.changed, seconds=row.seconds, keystrokes=row.keystrokes)
            found[-1][1].append((row.field, one))
    return tuple(
        Look(row.by, row.at, row.outcome, row.seconds, row.keystrokes, row.clicks, tuple(fields))
        for row, fields in found
    )
