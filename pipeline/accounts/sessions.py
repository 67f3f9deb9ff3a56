"""Sessions: a random cookie, its hash in the database, an end by silence and an end in any case.

A session is made anew at every sign-in (nobody can plant one) and looked up at every request, together with its
account: a role that is taken away, an account that is disabled, a password that is changed count at once.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import secrets
from dataclasses import dataclass

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from models.roles import Right, Role, Scope, rights_of
from models.settings import Settings
from models.tables import AccountRow, SessionRow
from pipeline.accounts.scope import scope_of
from pipeline.store import Store, clock, drop_leases, record

_NOTED_SECONDS = 60  # that a session lives is written down so often, not at every request


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who sends a request. ``name`` signs the ledger, ``title`` is read by people.

    ``csrf`` is the token that the forms of a session must send back; empty for a program, which sends no cookie.
    ``language`` is what the account wants the desk in; empty: what its browser asks for.
    """

    name: str
    title: str
    roles: frozenset[Role]
    scope: Scope
    csrf: str = ""
    language: str = ""

    def may(self, right: Right | str) -> bool:
        """Whether one of the roles gives this right."""
        return right in rights_of(self.roles)


def digest(secret: str) -> str:
    """What is kept of a secret of 256 random bits; needs no salt and no slow hash."""
    return hashlib.sha256(secret.encode()).hexdigest()


def visitor_from(row: AccountRow, roles: frozenset[Role], csrf: str = "") -> Visitor:
    """The visitor that an account's row makes, in some of its roles."""
    return Visitor(row.name, row.title, roles, scope_of(row), csrf, row.language or "")


def begin_session(session: Session, account_id: int) -> str:
    """A new session of an account; returns the cookie's value."""
    secret, now = secrets.token_urlsafe(32), clock.now()
    session.add(SessionRow(id=digest(secret), account_id=account_id, began_at=now, seen_at=now))
    return secret


def visitor_of_session(store: Store, secret: str) -> Visitor | None:
    """Whose session a cookie is; None where it is none of ours, has run out or its account is disabled."""
    if not secret:
        return None
    now, settings = clock.now(), store.settings
    with store.reading() as session:
        found = session.execute(
            select(SessionRow, AccountRow)
            .join(AccountRow, AccountRow.id == SessionRow.account_id)
            .where(SessionRow.id == digest(secret), AccountRow.disabled.is_(False))
        ).one_or_none()
    if found is None:
        return None
    kept, account = found
    if not _lives(kept, now, settings):
        return None
    if (now - kept.seen_at).total_seconds() >= min(_NOTED_SECONDS, settings.session_idle_seconds / 4):
        with store.transaction() as session:
            session.execute(update(SessionRow).where(SessionRow.id == kept.id).values(seen_at=now))
    csrf = hmac.new(secret.encode(), b"csrf", hashlib.sha256).hexdigest()
    return visitor_from(account, frozenset(map(Role, account.roles)), csrf)


def _lives(kept: SessionRow, now: dt.datetime, settings: Settings) -> bool:
    # a clock that was set back makes no session young again
    idle, age = (now - kept.seen_at).total_seconds(), (now - kept.began_at).total_seconds()
    return -_NOTED_SECONDS <= idle < settings.session_idle_seconds and -_NOTED_SECONDS <= age < settings.session_seconds


def end_session(store: Store, secret: str) -> None:
    """Sign one browser out; with the last one the documents that the account holds are free again."""
    with store.transaction() as session:
        kept = session.get(SessionRow, digest(secret))
        if kept is None:
            return
        session.delete(kept)
        session.flush()
        if session.scalar(select(SessionRow.id).where(SessionRow.account_id == kept.account_id).limit(1)) is None:
            drop_leases(session, session.get_one(AccountRow, kept.account_id).name)


def end_sessions(session: Session, account_id: int) -> None:
    """Sign an account out everywhere."""
    session.execute(delete(SessionRow).where(SessionRow.account_id == account_id))


def end_all_sessions(store: Store, name: str) -> None:
    """Sign the account of that name out in every browser."""
    with store.transaction() as session:
        for account_id in session.scalars(select(AccountRow.id).where(AccountRow.name == name)):
            end_sessions(session, account_id)
        drop_leases(session, name)
        record(session, None, name, "signed-out-everywhere")


def forget_old(session: Session, settings: Settings) -> None:
    """Delete the sessions that have run out."""
    now = clock.now()
    session.execute(
        delete(SessionRow).where(
            or_(
                SessionRow.seen_at < now - dt.timedelta(seconds=settings.session_idle_seconds),
                SessionRow.began_at < now - dt.timedelta(seconds=settings.session_seconds),
            )
        )
    )
