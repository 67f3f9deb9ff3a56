"""What a supervisor watches: what waits and for how long, what arrived and what became of it, what reviewing costs.

Numbers of what waits are exact up to `pipeline.review.queue.COUNTED`. The rest is asked at most once in `FRESH`
seconds for each scope, beside the page, so that one on a million documents does not wait for it.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from time import monotonic

from sqlalchemy import ColumnElement, case, exists, func, select
from sqlalchemy.orm import Session

from models.document_types import document_types
from models.errors import PodatelnaError
from models.messages import say
from models.records import Route
from models.roles import EVERYTHING, Scope
from models.states import State
from models.tables import DocumentRow, EffortRow
from pipeline.accounts import visible
from pipeline.review.order import IN_REVIEW
from pipeline.review.queue import COUNTED
from pipeline.store import Store, clock

DAYS = 28
"""So many days, today the last of them, are drawn."""
FRESH = 60.0
_AGES = ((1, say("today")), (2, say("since yesterday")), (7, say("this week")), (None, say("longer")))  # days, in words
_PRIORITIES = range(1, 10)


@dataclass(frozen=True, slots=True)
class Waits:
    """What of one type waits for a person: how many, and since when the oldest."""

    type: str
    title: str
    count: int
    oldest: dt.datetime | None
    oldest_id: int | None


@dataclass(frozen=True, slots=True)
class Day:
    """The documents that arrived on one day (UTC), by what became of them until now."""

    day: dt.date
    alone: int = 0  # loaded without a person
    reviewed: int = 0  # loaded by a person
    waiting: int = 0  # for a person, or still being processed
    returned: int = 0  # sent back or in quarantine

    @property
    def arrived(self) -> int:
        """All of them."""
        return self.alone + self.reviewed + self.waiting + self.returned


@dataclass(frozen=True, slots=True)
class Cost:
    """What reviewing cost on one day: documents that a person decided on, and medians of it per document."""

    day: dt.date
    documents: int
    seconds: float
    keystrokes: float


@dataclass(frozen=True, slots=True)
class Figures:
    """All of one supervisor's page; ``at`` is when it was asked."""

    at: dt.datetime
    waiting: tuple[Waits, ...]
    ages: tuple[tuple[str, int], ...]
    days: tuple[Day, ...]
    costs: tuple[Cost, ...]

    @property
    def straight_through(self) -> float | None:
        """The share of what arrived and is loaded that no person touched; None where nothing is loaded."""
        loaded = sum(one.alone + one.reviewed for one in self.days)
        return sum(one.alone for one in self.days) / loaded if loaded else None

    @property
    def arrived(self) -> int:
        """What arrived in these days."""
        return sum(one.arrived for one in self.days)

    @property
    def oldest(self) -> Waits | None:
        """Of which type the document is that waits longest."""
        return min((one for one in self.waiting if one.oldest), key=lambda one: str(one.oldest), default=None)

    def _median(self, of: Callable[[Cost], float]) -> float | None:
        weighed = sorted((of(one), one.documents) for one in self.costs)
        half = sum(count for _, count in weighed) / 2
        for value, count in weighed:
            half -= count
            if half <= 0:
                return value
        return None

    @property
    def seconds(self) -> float | None:
        """Human seconds per document: the median of the days, weighed by their documents."""
        return self._median(lambda one: one.seconds)

    @property
    def keystrokes(self) -> float | None:
        """Keystrokes per document, likewise."""
        return self._median(lambda one: one.keystrokes)


@dataclass
class Kept:
    """Figures by scope; older than `FRESH`, they are shown once more while a thread asks anew."""

    store: Store
    _held: dict[Scope, tuple[float, Figures]] = field(default_factory=dict)
    _asking: set[Scope] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def of(self, scope: Scope) -> Figures:
        """The figures for what is within ``scope``."""
        held = self._held.get(scope)
        if held is None:
            return self._ask(scope)
        with self._lock:
            stale = monotonic() - held[0] > FRESH and scope not in self._asking
            if stale:
                self._asking.add(scope)
        if stale:
            threading.Thread(target=self._ask_again, args=(scope,), name="figures", daemon=True).start()
        return held[1]

    def _ask(self, scope: Scope) -> Figures:
        shown = figures(self.store, scope)
        self._held[scope] = (monotonic(), shown)
        return shown

    def _ask_again(self, scope: Scope) -> None:
        try:
            with contextlib.suppress(PodatelnaError):  # the old ones say how old they are
                self._ask(scope)
        finally:
            self._asking.discard(scope)


def figures(store: Store, scope: Scope = EVERYTHING, days: int = DAYS) -> Figures:
    """Ask for all figures of the last ``days`` days."""
    now = clock.now()
    since = dt.datetime.combine(now.date() - dt.timedelta(days=days - 1), dt.time())
    with store.reading() as session:
        return Figures(
            now,
            tuple(_waiting(session, scope)),
            tuple(_ages(session, scope, now)),
            tuple(_days(session, scope, since, days)),
            tuple(_costs(session, scope, since)),
        )


def _waiting(session: Session, scope: Scope) -> Iterable[Waits]:
    for name, kind in document_types().items():
        if not scope.has_type(name):
            continue
        here = (IN_REVIEW, DocumentRow.type == name, *visible(scope))
        some = select(DocumentRow.id).where(*here).limit(COUNTED + 1)
        count = session.scalar(select(func.count()).select_from(some.subquery())) or 0
        if not count:
            continue
        # the least id of each priority is one step in the queue's index
        least = [
            session.scalar(select(func.min(DocumentRow.id)).where(*here, DocumentRow.priority == one))
            for one in _PRIORITIES
        ]
        first = min((one for one in least if one is not None), default=None)
        received = session.scalar(select(DocumentRow.received_at).where(DocumentRow.id == first))
        yield Waits(name, kind.title["en"], count, received, first)


def _ages(session: Session, scope: Scope, now: dt.datetime) -> Iterable[tuple[str, int]]:
    """How many wait since when; ids grow with the time of receipt."""
    today = dt.datetime.combine(now.date(), dt.time())
    above: int | None = None
    for days, words in _AGES:
        where: list[ColumnElement[bool]] = [IN_REVIEW, *visible(scope)]
        first = None
        if days is not None:
            start = today - dt.timedelta(days=days - 1)
            first = session.scalar(
                select(DocumentRow.id)
                .where(DocumentRow.received_at >= start)
                .order_by(DocumentRow.received_at)
                .limit(1)
            )
            if first is None:
                yield words, 0
                continue
            where.append(DocumentRow.id >= first)
        if above is not None:
            where.append(DocumentRow.id < above)
        above = first if first is not None else above
        some = select(DocumentRow.id).where(*where).limit(COUNTED + 1)
        yield words, session.scalar(select(func.count()).select_from(some.subquery())) or 0


def _days(session: Session, scope: Scope, since: dt.datetime, days: int) -> Iterable[Day]:
    became = case(
        ((DocumentRow.state == State.LOADED) & (DocumentRow.route == Route.AUTO.value), "alone"),
        (DocumentRow.state == State.LOADED, "reviewed"),
        (DocumentRow.state.in_((State.REJECTED, State.QUARANTINED)), "returned"),
        else_="waiting",
    ).label("became")
    for number in range(days):  # each a range of the index, which holds all that is asked
        start = since + dt.timedelta(days=number)
        of_day = (DocumentRow.received_at >= start, DocumentRow.received_at < start + dt.timedelta(days=1))
        still = DocumentRow.state != State.REPLACED  # what was made of it is counted, with its time of receipt
        query = select(became, func.count()).where(*of_day, still, *visible(scope)).group_by(became)
        yield Day(start.date(), **{str(name): count for name, count in session.execute(query)})


def _costs(session: Session, scope: Scope, since: dt.datetime) -> Iterable[Cost]:
    """Medians are made here: neither database has one that the other knows. A decision is one row."""
    seen = select(EffortRow.at, EffortRow.seconds, EffortRow.keystrokes).where(
        EffortRow.at >= since, EffortRow.field == "", EffortRow.outcome.in_(("accepted", "rejected"))
    )
    if scope.limited:
        seen = seen.where(exists().where(DocumentRow.id == EffortRow.document_id, *visible(scope)))
    by_day: dict[dt.date, list[tuple[float, int]]] = {}
    for at, seconds, keystrokes in session.execute(seen):
        by_day.setdefault(at.date(), []).append((seconds, keystrokes))
    for date, looks in sorted(by_day.items()):
        middle = len(looks) // 2
        seconds = sorted(one for one, _ in looks)[middle]
        yield Cost(date, len(looks), seconds, sorted(one for _, one in looks)[middle])
