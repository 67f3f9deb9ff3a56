"""The accounts themselves: add, change, disable, invite. Every change is in the ledger, without any secret."""

from __future__ import annotations

import datetime as dt
import re
import secrets
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.document_types import document_types
from models.errors import Conflict, InvalidValue, NotFound, SignInRefused
from models.messages import say
from models.roles import EVERYTHING, Right, Role, Scope, rights_of
from models.tables import AccountRow
from pipeline.accounts.passwords import check_password, hash_password
from pipeline.accounts.scope import scope_of
from pipeline.accounts.sessions import digest, end_sessions
from pipeline.store import Store, clock, drop_leases, lock, record

INVITED_HOURS = 72
_NAME = re.compile(r"[\w][\w.@+-]{0,47}")
_MACHINES = frozenset({"machine", "intake", "housekeeping", "operator", "unknown"})  # the ledger's other actors
_TITLE_LENGTH = 96


@dataclass(frozen=True, slots=True)
class Account:
    """One account as a screen shows it. ``name`` signs in and stands in the ledger, ``title`` is what people read."""

    id: int
    name: str
    title: str
    roles: frozenset[Role]
    scope: Scope
    disabled: bool
    has_password: bool
    invited_until: dt.datetime | None
    created_at: dt.datetime
    signed_in_at: dt.datetime | None

    def may(self, right: Right) -> bool:
        """Whether one of its roles gives this right."""
        return not self.disabled and right in rights_of(self.roles)


def _account(row: AccountRow) -> Account:
    return Account(
        row.id,
        row.name,
        row.title,
        frozenset(map(Role, row.roles)),
        scope_of(row),
        row.disabled,
        row.password is not None,
        row.invited_until if row.invitation and row.invited_until and row.invited_until > clock.now() else None,
        row.created_at,
        row.signed_in_at,
    )


def clean_name(text: str) -> str:
    """A name to sign in with, in the form in which it is kept: lower case, NFKC. What was typed need not be allowed."""
    return unicodedata.normalize("NFKC", text).strip().casefold()


def _known(session: Session, name: str, *, for_update: bool = False) -> AccountRow:
    query = select(AccountRow).where(AccountRow.name == clean_name(name))
    row = session.scalar(query.with_for_update() if for_update else query)
    if row is None:
        raise NotFound(say("There is no account {name}.", name=repr(clean_name(name))))
    return row


def account_named(store: Store, name: str) -> Account:
    """One account.

    Raises:
        NotFound: there is none of that name.
    """
    with store.reading() as session:
        return _account(_known(session, name))


def accounts(store: Store) -> list[Account]:
    """All accounts by name, the disabled ones too."""
    with store.reading() as session:
        return [_account(row) for row in session.scalars(select(AccountRow).order_by(AccountRow.name))]


def titles(session: Session, names: Iterable[str]) -> dict[str, str]:
    """What people read for names of the ledger; a name that is of no account stands for itself."""
    told = {name: name for name in names}
    found = session.execute(select(AccountRow.name, AccountRow.title).where(AccountRow.name.in_(told)))
    return told | {row.name: row.title for row in found}


def nobody_yet(store: Store) -> bool:
    """Whether nobody may manage accounts yet: the desk then asks for the first supervisor."""
    with store.reading() as session:
        return not _supervised(session)


def _supervised(session: Session) -> bool:
    return any(Role.SUPERVISOR in roles for roles in session.scalars(select(AccountRow.roles)))


def add(
    store: Store,
    name: str,
    *,
    title: str = "",
    roles: Iterable[Role],
    scope: Scope = EVERYTHING,
    password: str | None = None,
    actor: str,
) -> Account:
    """Make an account; without a password nobody signs in to it until it was invited or given one.

    Raises:
        InvalidValue: a name, role, limit or password can't be taken; ``problems`` names which.
        Conflict: there is one of that name.
    """
    hashed = _checked_hash(password, name, title) if password is not None else None
    with store.transaction() as session:
        lock(session, "accounts")
        return _account(_add(session, name, title, roles=frozenset(roles), scope=scope, password=hashed, actor=actor))


def create_first(store: Store, name: str, title: str, password: str) -> Account:
    """Make the first supervisor, who sees everything. The caller has made sure who asks.

    Raises:
        InvalidValue: the name or the password can't be taken.
        SignInRefused: there is a supervisor already.
    """
    hashed = _checked_hash(password, name, title)
    with store.transaction() as session:
        lock(session, "accounts")
        if _supervised(session):
            raise SignInRefused(say("There is a supervisor already. Sign in, or ask for an account."))
        roles = frozenset({Role.SUPERVISOR})
        actor = clean_name(name)
        return _account(_add(session, name, title, roles=roles, scope=EVERYTHING, password=hashed, actor=actor))


def _checked_hash(password: str, *names: str) -> str:
    check_password(password, *names)
    return hash_password(password)


def _add(
    session: Session,
    name: str,
    title: str,
    *,
    roles: frozenset[Role],
    scope: Scope,
    password: str | None,
    actor: str,
) -> AccountRow:
    name = clean_name(name)
    if name in _MACHINES:
        told = "The machine signs the ledger with this name; take another."
        raise InvalidValue(say("{name} can't be a user name.", name=repr(name)), {"name": told})
    if not _NAME.fullmatch(name):
        told = "Letters, digits and . - _ @ +, at most 48; it begins with a letter or digit."
        raise InvalidValue(say("{name} can't be a user name.", name=repr(name)), {"name": told})
    if session.scalar(select(AccountRow.id).where(AccountRow.name == name)) is not None:
        raise Conflict(say("There is an account {name} already.", name=repr(name)))
    _check_rights(roles, scope)
    row = AccountRow(
        name=name,
        title=_clean_title(title) or name,
        password=password,
        roles=sorted(roles),
        document_types=_sorted(scope.types),
        stations=_sorted(scope.stations),
        disabled=False,
        created_at=clock.now(),
    )
    session.add(row)
    session.flush()
    record(session, None, actor, "account-added", account=name, **_told(row))
    return row


def _clean_title(text: str) -> str:
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())[:_TITLE_LENGTH].strip()


def _sorted(names: frozenset[str] | None) -> list[str] | None:
    return None if names is None else sorted(names)


def _told(row: AccountRow) -> dict[str, Any]:
    return {"roles": list(row.roles), "types": row.document_types, "stations": row.stations}


def _check_rights(roles: frozenset[Role], scope: Scope) -> None:
    if not roles:
        raise InvalidValue(say("An account needs a role."), {"roles": say("Choose at least one.")})
    if scope.types == frozenset():
        raise InvalidValue(
            say("Choose at least one document type, or all of them."), {"types": say("Choose at least one.")}
        )
    strangers = (scope.types or frozenset()) - set(document_types())
    if strangers:
        raise InvalidValue(
            say("There is no document type {types}.", types=", ".join(sorted(strangers))),
            {"types": say("Unknown type.")},
        )
    if Role.SUPERVISOR in roles and scope.limited:
        raise InvalidValue(
            say("A supervisor manages all accounts, so limits would mean nothing. Take the limits or the role away."),
            {"types": say("Not for a supervisor.")},
        )
    if roles == {Role.STATION} and scope.stations is None:
        raise InvalidValue(say("Say which stations it is."), {"stations": say("Name at least one station.")})


def change(
    store: Store,
    name: str,
    *,
    actor: str,
    title: str | None = None,
    roles: Iterable[Role] | None = None,
    scope: Scope | None = None,
    disabled: bool | None = None,
) -> Account:
    """Change an account; None leaves as it is. Counts from its next request on; a disabled one is signed out.

    Raises:
        NotFound: there is none of that name.
        InvalidValue: the rights make no sense.
        Conflict: nobody could manage the accounts any more.
    """
    with store.transaction() as session:
        lock(session, "accounts")
        row = _known(session, name, for_update=True)
        before = {"title": row.title, "disabled": row.disabled} | _told(row)
        manageable = _manageable(session)
        if title is not None:
            row.title = _clean_title(title) or row.name
        if roles is not None:
            row.roles = sorted(frozenset(roles))
        if scope is not None:
            row.document_types, row.stations = _sorted(scope.types), _sorted(scope.stations)
        if disabled is not None:
            row.disabled = disabled
        _check_rights(frozenset(map(Role, row.roles)), scope_of(row))
        session.flush()
        if manageable and not _manageable(session):
            raise Conflict(
                say("This is the last supervisor. Make another one first, or nobody could manage the accounts.")
            )
        if row.disabled:
            end_sessions(session, row.id)
            row.invitation = None
        if row.disabled or roles is not None or scope is not None:
            drop_leases(session, row.name)  # others need not wait for what this account may not decide any more
        after = {"title": row.title, "disabled": row.disabled} | _told(row)
        changed = {key: value for key, value in after.items() if value != before[key]}
        changed.pop("title", None)  # a person's name is no matter for the ledger
        if changed:
            record(session, None, actor, "account-changed", account=row.name, **changed)
        return _account(row)


def choose_language(store: Store, name: str, language: str | None) -> None:
    """The language that an account wants the desk in, by its code; None is what its browser asks for.

    Raises:
        NotFound: there is none of that name.
    """
    with store.transaction() as session:
        _known(session, name, for_update=True).language = language


def _manageable(session: Session) -> bool:
    rows = session.scalars(select(AccountRow).where(AccountRow.disabled.is_(False)))
    return any(Role.SUPERVISOR in row.roles for row in rows)


def set_password(store: Store, name: str, password: str, *, actor: str) -> None:
    """Give an account a new password and sign it out everywhere; an open invitation is void.

    Raises:
        NotFound: there is none of that name.
        InvalidValue: the password is too short or easy to guess.
    """
    account = account_named(store, name)
    hashed = _checked_hash(password, account.name, account.title)
    with store.transaction() as session:
        keep_password(session, _known(session, name, for_update=True), hashed, actor)


def keep_password(session: Session, row: AccountRow, hashed: str, actor: str) -> None:
    """Write a new hash; all sessions and the invitation of the account end."""
    row.password, row.invitation, row.invited_until = hashed, None, None
    end_sessions(session, row.id)
    record(session, None, actor, "password-changed", account=row.name)


def invite(store: Store, name: str, *, actor: str) -> str:
    """A one-time secret with which the person chooses a password; the one before is void. Shown once, never kept.

    Raises:
        NotFound: there is none of that name.
        Conflict: the account is disabled.
    """
    secret = secrets.token_urlsafe(32)
    with store.transaction() as session:
        row = _known(session, name, for_update=True)
        if row.disabled:
            raise Conflict(say("The account {name} is disabled. Enable it first.", name=repr(row.name)))
        row.invitation = digest(secret)
        row.invited_until = clock.now() + dt.timedelta(hours=INVITED_HOURS)
        record(session, None, actor, "account-invited", account=row.name)
    return secret


def _invited_row(session: Session, secret: str, *, for_update: bool = False) -> AccountRow:
    query = select(AccountRow).where(AccountRow.invitation == digest(secret))
    row = session.scalar(query.with_for_update() if for_update else query)
    if row is None or row.disabled or row.invited_until is None or row.invited_until <= clock.now():
        raise SignInRefused(say("This link was used already or has run out. Ask a supervisor for a new one."))
    return row


def invited(store: Store, secret: str) -> Account:
    """Whose invitation a secret is.

    Raises:
        SignInRefused: it was used or has run out.
    """
    with store.reading() as session:
        return _account(_invited_row(session, secret))


def take_invitation(store: Store, secret: str, password: str) -> Account:
    """Choose the password of an invited account; the secret opens nothing after that.

    Raises:
        SignInRefused: it was used or has run out.
        InvalidValue: the password is too short or easy to guess; the invitation still stands.
    """
    account = invited(store, secret)
    hashed = _checked_hash(password, account.name, account.title)
    with store.transaction() as session:
        row = _invited_row(session, secret, for_update=True)
        keep_password(session, row, hashed, row.name)
        return _account(row)
