"""API tokens: a program acts for an account, in one of its roles, until a day. Shown once; the hash is kept."""

from __future__ import annotations

import datetime as dt
import secrets
from dataclasses import dataclass

from sqlalchemy import select, update

from models.errors import InvalidValue, NotFound
from models.messages import say
from models.roles import Role
from models.tables import AccountRow, TokenRow
from pipeline.accounts.people import clean_name
from pipeline.accounts.sessions import Visitor, digest, visitor_from
from pipeline.store import Store, clock, record

DAYS = 90
MOST_DAYS = 730
_MARK = "pdt_"  # so that a scanner for leaked secrets knows one
_NOTED_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Token:
    """A token as a list shows it; the secret itself is not known any more."""

    id: int
    account: str
    name: str
    role: Role
    created_at: dt.datetime
    expires_at: dt.datetime
    used_at: dt.datetime | None
    revoked: bool

    @property
    def opens(self) -> bool:
        """Whether it is neither revoked nor run out."""
        return not self.revoked and clock.now() < self.expires_at


def issue_token(store: Store, account: str, name: str, role: Role, *, days: int = DAYS, actor: str) -> str:
    """A new token of an account; what it returns is shown once and can't be had again.

    Raises:
        NotFound: there is no such account.
        InvalidValue: no name, an account without that role, or too long a life.
    """
    name = " ".join("".join(char if char.isprintable() else " " for char in name).split())[:96]
    if not name:
        raise InvalidValue(say("Say what the token is for."), {"token": say("Say what it is for.")})
    if not 1 <= days <= MOST_DAYS:
        raise InvalidValue(
            say("A token lives 1 to {days} days.", days=MOST_DAYS), {"days": say("1 to {days}.", days=MOST_DAYS)}
        )
    secret, now = _MARK + secrets.token_urlsafe(32), clock.now()
    with store.transaction() as session:
        row = session.scalar(select(AccountRow).where(AccountRow.name == clean_name(account)))
        if row is None:
            raise NotFound(say("There is no account {name}.", name=repr(account)))
        if role not in row.roles:
            told = f"The account {row.name!r} is no {role}; its roles are {', '.join(row.roles)}."
            raise InvalidValue(told, {"role": told})
        token = TokenRow(
            account_id=row.id,
            name=name,
            role=role.value,
            secret=digest(secret),
            created_at=now,
            expires_at=now + dt.timedelta(days=days),
        )
        session.add(token)
        session.flush()
        record(session, None, actor, "token-issued", account=row.name, token=token.id, role=role.value, days=days)
    return secret


def tokens(store: Store, account: str | None = None) -> list[Token]:
    """The tokens of one account or of all, the newest first."""
    query = select(TokenRow, AccountRow.name.label("owner")).join(AccountRow, AccountRow.id == TokenRow.account_id)
    if account is not None:
        query = query.where(AccountRow.name == clean_name(account))
    with store.reading() as session:
        return [
            Token(row.id, owner, row.name, Role(row.role), row.created_at, row.expires_at, row.used_at, row.revoked)
            for row, owner in session.execute(query.order_by(TokenRow.id.desc()))
        ]


def revoke_token(store: Store, token_id: int, *, actor: str, account: str | None = None) -> None:
    """End a token at once; twice does no harm. With ``account`` only one of that account's.

    Raises:
        NotFound: there is none.
    """
    with store.transaction() as session:
        row = session.get(TokenRow, token_id)
        owner = session.get(AccountRow, row.account_id) if row else None
        if row is None or owner is None or (account is not None and owner.name != clean_name(account)):
            raise NotFound(say("There is no token {token_id}.", token_id=token_id))
        if not row.revoked:
            row.revoked = True
            record(session, None, actor, "token-revoked", account=owner.name, token=row.id)


def visitor_of_token(store: Store, secret: str) -> Visitor | None:
    """For whom a token acts; None where it is none, has run out, or account or role are gone."""
    if not secret.startswith(_MARK):
        return None
    now = clock.now()
    with store.reading() as session:
        found = session.execute(
            select(TokenRow, AccountRow)
            .join(AccountRow, AccountRow.id == TokenRow.account_id)
            .where(TokenRow.secret == digest(secret), TokenRow.revoked.is_(False), AccountRow.disabled.is_(False))
        ).one_or_none()
    if found is None:
        return None
    token, account = found
    if not token.created_at <= now + dt.timedelta(seconds=_NOTED_SECONDS) or now >= token.expires_at:
        return None
    if token.role not in account.roles:
        return None
    if token.used_at is None or (now - token.used_at).total_seconds() >= _NOTED_SECONDS:
        with store.transaction() as session:
            session.execute(update(TokenRow).where(TokenRow.id == token.id).values(used_at=now))
    return visitor_from(account, frozenset({Role(token.role)}))
