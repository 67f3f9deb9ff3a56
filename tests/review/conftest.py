from __future__ import annotations

import datetime as dt

import pytest
from argon2 import PasswordHasher

from pipeline.accounts import passwords
from pipeline.review import desk
from pipeline.store import clock


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch):
    """Real Argon2id, with the least memory that it takes: the tests make many accounts."""
    monkeypatch.setattr(passwords, "hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture
def later(monkeypatch):
    """Moves the clock."""
    real = clock.now

    def move(seconds):
        monkeypatch.setattr(clock, "now", lambda: real() + dt.timedelta(seconds=seconds))

    return move


@pytest.fixture
def app(store):
    """The desk of the store."""
    app = desk.create_app(store.settings)
    yield app
    app.state.store.close()
