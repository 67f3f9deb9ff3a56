"""Counting wrong tries to sign in, so that guessing is slow and nobody can lock out an office.

A browser in which somebody has signed in before carries a signed mark for that account; it is counted by itself.
So an attacker who fills up an account or an address (an office behind one address has only one) keeps out strangers,
and never a person on their usual browser. After "device cookies", OWASP, "Slow Down Online Guessing Attacks".

| tries counted together              | wrong ones allowed |
|-------------------------------------|--------------------|
| a known browser, for its account    | 10 in 15 minutes   |
| one account from one address        | 5 in 5 minutes     |
| one account from all addresses      | 30 in an hour      |
| one address for all accounts        | 100 in an hour     |
| a locked file, by one account       | 5 in 5 minutes     |
| a locked file, by all accounts      | 30 in an hour      |

A try counts *before* the password is looked at and is taken back when it was right, so that many at once are no
way around. Where a bucket is full, nothing is looked at and nothing more is counted.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import secrets
from pathlib import Path

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from models.errors import TooManyTries
from models.settings import Settings
from models.tables import TryRow
from pipeline.store import clock, insert_into, lock, secret

_BROWSER, _PAIR, _ACCOUNT, _ADDRESS = (10, 900), (5, 300), (30, 3600), (100, 3600)
_LONGEST = 3600
Bucket = tuple[str, int, int]
"""Hash, tries allowed, seconds."""


def key_path(settings: Settings) -> Path:
    """Where the key stands that signs the marks of known browsers; a new one forgets them."""
    return settings.home / "browsers.key"


def _sign(settings: Settings, text: str) -> str:
    return hmac.new(secret(key_path(settings)).encode(), text.encode(), hashlib.sha256).hexdigest()


def mark(settings: Settings, name: str) -> str:
    """The mark of a browser in which ``name`` has signed in, as the value of a cookie."""
    text = f"{base64.urlsafe_b64encode(name.encode()).decode()}~{secrets.token_urlsafe(12)}"
    return f"{text}~{_sign(settings, text)}"


def _is_marked(settings: Settings, cookie: str, name: str) -> bool:
    text, _, signature = cookie.rpartition("~")
    own = base64.urlsafe_b64encode(name.encode()).decode()
    return text.partition("~")[0] == own and hmac.compare_digest(signature.encode(), _sign(settings, text).encode())


def _bucket(limit: tuple[int, int], *parts: str) -> Bucket:
    return hashlib.sha256("\0".join(parts).encode(errors="replace")).hexdigest(), *limit


def buckets(settings: Settings, name: str, address: str, browser: str) -> list[Bucket]:
    """Where a try counts; ``browser`` is the cookie that the mark may be in."""
    if _is_marked(settings, browser, name):
        return [_bucket(_BROWSER, "browser", browser)]
    return [
        _bucket(_PAIR, "pair", name, address),
        _bucket(_ACCOUNT, "account", name),
        _bucket(_ADDRESS, "address", address),
    ]


def buckets_of_file(document_id: int, name: str) -> list[Bucket]:
    """Where a try of ``name`` to open a locked file counts."""
    return [_bucket(_PAIR, "file", name, str(document_id)), _bucket(_ACCOUNT, "file", str(document_id))]


def count_try(session: Session, counted: list[Bucket]) -> None:
    """Count a try in all its buckets; commit it before the password is looked at.

    Raises:
        TooManyTries: one of them is full; nothing was counted.
    """
    lock(session, "sign-in")
    session.connection()  # whoever waits for the database must not read the clock before
    now = clock.now()
    session.execute(delete(TryRow).where(TryRow.since < now - dt.timedelta(seconds=_LONGEST)))
    hashes = [bucket for bucket, _, _ in counted]
    known = {row.bucket: row for row in session.scalars(select(TryRow).where(TryRow.bucket.in_(hashes)))}
    wait = 0
    for bucket, allowed, seconds in counted:
        row = known.get(bucket)
        age = (now - row.since).total_seconds() if row else 0
        if row and abs(age) < seconds:  # a row from the future is of another machine's clock
            if row.count >= allowed:
                wait = max(wait, int(seconds - max(age, 0)) + 1)
        else:
            known.pop(bucket, None)
    if wait:
        raise TooManyTries(wait)
    for bucket, _, _ in counted:
        fresh = insert_into(session, TryRow).values(bucket=bucket, count=1, since=now)
        values = {"count": TryRow.count + 1} if bucket in known else {"count": 1, "since": now}
        session.execute(fresh.on_conflict_do_update(index_elements=[TryRow.bucket], set_=values))


def is_full(session: Session, counted: list[Bucket]) -> bool:
    """Whether the next such try would be refused unseen."""
    allowed = {bucket: most for bucket, most, _ in counted}
    rows = session.scalars(select(TryRow).where(TryRow.bucket.in_(allowed)))
    return any(row.count >= allowed[row.bucket] for row in rows)


def take_back(session: Session, counted: list[Bucket]) -> None:
    """The try was right: the browser and the pair begin anew, the others lose this one."""
    for bucket, allowed, _ in counted:
        if allowed in (_BROWSER[0], _PAIR[0]):
            session.execute(delete(TryRow).where(TryRow.bucket == bucket))
        else:
            session.execute(
                update(TryRow).where(TryRow.bucket == bucket, TryRow.count > 0).values(count=TryRow.count - 1)
            )
