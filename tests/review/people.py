"""Accounts for the tests, and browsers that are signed in to them."""

from __future__ import annotations

import re

from starlette.testclient import TestClient

from models.roles import EVERYTHING, Role
from pipeline import accounts
from pipeline.review import guard

BASE = "http://127.0.0.1"
PASSWORD = "four quiet cooks 7"


def account(store, title, *roles, scope=EVERYTHING, password=PASSWORD):
    """Make an account whose name is the first word of its title, in lower case; returns the name."""
    name = title.casefold().split()[0]
    if name not in {one.name for one in accounts.accounts(store)}:
        accounts.add(
            store, name, title=title, roles=roles or {Role.REVIEWER}, scope=scope, password=password, actor="operator"
        )
    return name


def session_of(store, name):
    """The cookie of a new session."""
    with store.transaction() as session:
        return accounts.begin_session(session, accounts.account_named(store, name).id)


def client_of(app, store, title, *roles, scope=EVERYTHING):
    """A browser that is signed in to the account of ``title``."""
    client = TestClient(app, base_url=BASE, follow_redirects=False)
    client.cookies.set(guard.COOKIE, session_of(store, account(store, title, *roles, scope=scope)), domain="127.0.0.1")
    return client


def form_of(answer):
    """The hidden fields and values of the forms of a page, as a browser would send them."""
    inputs = re.findall(r"<input ([^>]*)>", answer.text)
    found = {}
    for attributes in inputs:
        name, value = re.search(r'name="([^"]*)"', attributes), re.search(r'value="([^"]*)"', attributes)
        if name and 'type="checkbox"' not in attributes:
            found[name[1]] = value[1] if value else ""
    return found
