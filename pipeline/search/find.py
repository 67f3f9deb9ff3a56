"""Asking for documents."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, cast, column, desc, false, func, literal, select, table, tuple_
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session

from models.roles import EVERYTHING, Scope
from models.tables import DocumentRow
from pipeline.accounts import visible
from pipeline.search.facts import NOTHING, facts
from pipeline.search.index import TABLE
from pipeline.search.terms import Term, asked, opened
from pipeline.store import Store

Groups = tuple[tuple[Term, ...], ...]
_WORDS = table("search_words", column("term"))  # of SQLite: the vocabulary of `TABLE`
_COLUMNS = (DocumentRow.id, DocumentRow.name, DocumentRow.state, DocumentRow.type, DocumentRow.received_at)
_FEW = 32
_SORTED = 2000  # documents that are put in order quicker than a million are walked along
_SAMPLE, _RARE = 1000, 0.003  # documents that are looked at, and the share of them that must hold a word to be usual


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for; all that is given must hold. See `pipeline.search.terms.asked` for ``text``.

    ``since`` and ``until`` are the days, in UTC, of which a document was received, both included.
    """

    text: str = ""
    state: str | None = None
    type: str | None = None
    since: dt.date | None = None
    until: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """One document that was found, with what tells it from others: who it is from, its date, amount and number."""

    id: int
    name: str
    state: str
    type: str | None
    received_at: dt.datetime
    party: str = ""
    date: str = ""
    amount: str = ""
    number: str = ""


def find(
    store: Store, wanted: Wanted, limit: int = 50, before: int | None = None, scope: Scope = EVERYTHING
) -> list[Found]:
    """The documents that fit, the newest first, those behind the document ``before``.

    Words are whole ones; where no document has them all, beginnings of words. Where days are asked for and no words,
    the newest is what was received last: what was made of other documents' pages stands where those do.
    """
    groups = asked(wanted.text)
    if wanted.text.strip() and not groups:
        return []  # there is no word in it
    with store.reading() as session:
        rows = session.execute(_query(session, groups, wanted, scope, before).limit(limit)).all()
        if not rows and groups and (before is None or not _any(session, groups, wanted, scope)):
            wider = _in_full(session, opened(groups))
            if wider is not None:
                rows = session.execute(_query(session, wider, wanted, scope, before).limit(limit)).all()
        known = facts(session, [row.id for row in rows])
    told = ((row, known.get(row.id, NOTHING)) for row in rows)
    return [Found(*row, **asdict(one)) for row, one in told]


def _any(session: Session, groups: Groups, wanted: Wanted, scope: Scope) -> bool:
    """Whether whole words find anything at all: then a further page does not change to beginnings."""
    return session.execute(_query(session, groups, wanted, scope, None).limit(1)).first() is not None


def _in_full(session: Session, groups: Groups) -> Groups | None:
    """Beginnings as the words that begin so, where these are few; None where nothing begins as one must.

    SQLite makes the whole list of documents for a beginning before it gives the first, for words it walks along it.
    PostgreSQL does neither.
    """
    if session.get_bind().dialect.name != "sqlite":
        return groups
    found: list[tuple[Term, ...]] = []
    for group in groups:
        terms: list[Term] = []
        for one in group:
            begun = _begun(session, one.text) if one.open else [one.text]
            terms += [Term(word) for word in begun] if len(begun) <= _FEW else [one]
        if not terms:
            return None
        found.append(tuple(terms))
    return tuple(found)


def _begun(session: Session, beginning: str) -> list[str]:
    """The words of the index that begin so, no more than `_FEW` and one."""
    end = beginning[:-1] + chr(ord(beginning[-1]) + 1)
    words = select(_WORDS.c.term).where(_WORDS.c.term >= beginning, _WORDS.c.term < end).limit(_FEW + 1)
    return list(session.scalars(words))


def _query(session: Session, groups: Groups, wanted: Wanted, scope: Scope, before: int | None) -> Select[Any]:
    if not groups and (wanted.since or wanted.until):
        return _by_receipt(session, wanted, scope, before)
    query = select(*_COLUMNS).where(*visible(scope), *_conditions(wanted), *_days(wanted))
    number: ColumnElement[int] = DocumentRow.__table__.c.id
    if groups and session.get_bind().dialect.name == "sqlite":
        number = TABLE.c.rowid
        query = query.join(TABLE, number == DocumentRow.id).where(_matches(groups, sqlite=True))
    elif groups and _are_rare(session, groups, before):
        held = select(TABLE.c.document_id).where(_matches(groups, sqlite=False)).cte("held").prefix_with("MATERIALIZED")
        query = query.join(held, held.c.document_id == DocumentRow.id)
        number = held.c.document_id + 0  # not a column that an index has in order: it would be walked along after all
    elif groups:
        number = TABLE.c.document_id
        query = query.join(TABLE, number == DocumentRow.id).where(_matches(groups, sqlite=False))
    if before is not None:
        query = query.where(number < before, DocumentRow.id < before)
    return query.order_by(desc(number))


def _by_receipt(session: Session, wanted: Wanted, scope: Scope, before: int | None) -> Select[Any]:
    """The query for what was received in some days: a walk along the index of that, begun at the last of them."""
    received, number = DocumentRow.received_at, DocumentRow.id
    # SQLite thinks an equation better than an order: of a few that is right, of a million it would sort all
    plain = session.get_bind().dialect.name != "sqlite" or _is_rare_state(session, wanted.state)
    query = select(*_COLUMNS).where(*visible(scope), *_conditions(wanted, plain=plain), *_days(wanted))
    if before is not None:
        place = session.scalar(select(received).where(number == before))
        if place is None:
            return query.where(false())
        query = query.where(received <= place, tuple_(received, number) < tuple_(literal(place), literal(before)))
    return query.order_by(desc(received), desc(number))


def _is_rare_state(session: Session, state: str | None) -> bool:
    """Whether no more than `_SORTED` documents are in a state; of no state: no."""
    if not state:
        return False
    some = select(DocumentRow.id).where(DocumentRow.state == state).limit(_SORTED + 1)
    return (session.scalar(select(func.count()).select_from(some.subquery())) or 0) <= _SORTED


def _are_rare(session: Session, groups: Groups, before: int | None) -> bool:
    """Whether few documents hold the words, to judge by those that come first.

    PostgreSQL guesses wrong how many hold several words, and walks along all documents for the one that does; told that
    they are few, it asks the index of words first.
    """
    number = TABLE.c.document_id
    end = (session.scalar(select(func.max(number))) or 0) + 1 if before is None else before
    some = (number >= end - _SAMPLE, number < end, _matches(groups, sqlite=False))
    return (session.scalar(select(func.count()).select_from(TABLE).where(*some)) or 0) < _RARE * _SAMPLE


def _matches(groups: Groups, *, sqlite: bool) -> ColumnElement[bool]:
    """Terms hold letters, digits, ``=``, ``.`` and ``-`` only, so quoting them is enough."""
    if sqlite:
        parts = [" OR ".join(f'"{one.text}"{"*" if one.open else ""}' for one in group) for group in groups]
        return TABLE.c.search_texts.op("MATCH")(" AND ".join(f"({part})" for part in parts))
    parts = [" | ".join(f"'{one.text}'{':*' if one.open else ''}" for one in group) for group in groups]
    return TABLE.c.words.op("@@")(cast(literal(" & ".join(f"({part})" for part in parts)), postgresql.TSQUERY))


def _conditions(wanted: Wanted, *, plain: bool = True) -> list[ColumnElement[bool]]:
    """State and type. With ``plain`` off they are no columns, so no index is taken for them."""
    asked_for = ((DocumentRow.state, wanted.state), (DocumentRow.type, wanted.type))
    return [(column if plain else column + "") == value for column, value in asked_for if value]


def _days(wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.since:
        found.append(DocumentRow.received_at >= dt.datetime.combine(wanted.since, dt.time()))
    if wanted.until and wanted.until < dt.date.max:
        found.append(DocumentRow.received_at < dt.datetime.combine(wanted.until + dt.timedelta(days=1), dt.time()))
    return found
