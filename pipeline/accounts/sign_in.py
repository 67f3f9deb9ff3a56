"""Name and password, counted and recorded."""

from __future__ import annotations

from sqlalchemy import select

from models.errors import SignInRefused
from models.messages import say
from models.tables import AccountRow
from pipeline.accounts import throttle
from pipeline.accounts.passwords import check_password, fits, hash_password, is_old
from pipeline.accounts.people import clean_name, keep_password
from pipeline.accounts.sessions import begin_session, forget_old
from pipeline.store import Store, clock, record

_WRONG = say("This name and password do not fit together.")


def sign_in(store: Store, name: str, password: str, *, address: str = "", browser: str = "") -> tuple[str, str]:
    """Sign a person in.

    Args:
        store: Where the accounts are.
        name: As typed.
        password: As typed.
        address: Where the request came from.
        browser: The mark that this browser has from before, if any (see `pipeline.accounts.throttle`).

    Returns:
        The cookie of the new session, and the mark for the browser.

    Raises:
        TooManyTries: wait; the password was not looked at.
        SignInRefused: name and password do not fit, or the account is disabled; which, is not told.
    """
    name = clean_name(name)
    row = _proved(store, name, password, address, browser)
    renewed = hash_password(password) if row.password and is_old(row.password) else None
    with store.transaction() as session:
        throttle.take_back(session, throttle.buckets(store.settings, name, address, browser))
        forget_old(session, store.settings)
        kept = session.get_one(AccountRow, row.id, with_for_update=True)
        if kept.disabled or kept.password != row.password:  # in the meantime
            raise SignInRefused(_WRONG)
        kept.password = renewed or kept.password
        kept.signed_in_at = clock.now()
        record(session, None, row.name, "signed-in", address=address)
        return begin_session(session, row.id), throttle.mark(store.settings, row.name)


def change_password(store: Store, name: str, old: str, new: str, *, address: str = "", browser: str = "") -> str:
    """Change one's own password; every session of the account ends, and the cookie of a new one is returned.

    Raises:
        TooManyTries, SignInRefused: the old one is not right.
        InvalidValue: the new one is too short or easy to guess.
    """
    name = clean_name(name)
    row = _proved(store, name, old, address, browser)
    check_password(new, row.name, row.title)
    hashed = hash_password(new)
    with store.transaction() as session:
        throttle.take_back(session, throttle.buckets(store.settings, name, address, browser))
        kept = session.get_one(AccountRow, row.id, with_for_update=True)
        if kept.disabled or kept.password != row.password:
            raise SignInRefused(_WRONG)
        keep_password(session, kept, hashed, row.name)
        return begin_session(session, row.id)


def _proved(store: Store, name: str, password: str, address: str, browser: str) -> AccountRow:
    """The row of the account whose password this is; counts the try."""
    counted = throttle.buckets(store.settings, name, address, browser)
    with store.transaction() as session:
        throttle.count_try(session, counted)
    with store.reading() as session:
        row = session.scalar(select(AccountRow).where(AccountRow.name == name))
    if not fits(password, row.password if row else None) or row is None or row.disabled:
        with store.transaction() as session:  # of an unknown name nothing is kept: it may be a password
            full = {"throttled": True} if throttle.is_full(session, counted) else {}
            record(session, None, row.name if row else "unknown", "sign-in-refused", address=address, **full)
        raise SignInRefused(_WRONG)
    return row
