from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright
from sqlalchemy import delete

from models.roles import Role
from models.settings import Settings
from models.tables import Base
from pipeline.review.guard import COOKIE
from pipeline.store import Store
from tests.review.people import account, session_of

from . import chromium

ROOT = Path(__file__).parents[2]
expect.set_options(timeout=10_000)


class Desk:
    """A home with a desk that is served from another process, and can be killed and started again."""

    def __init__(self, home: Path, **settings) -> None:
        self.settings = Settings(home=home, **settings)
        self.store = Store.open(self.settings)
        self.kill_file = home / "kill"
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.process = None

    def start(self) -> None:
        arguments = [
            sys.executable,
            "-m",
            "tests.browser.server",
            self.settings.model_dump_json(),
            self.port,
            self.kill_file,
        ]
        environment = os.environ | {"OMP_THREAD_LIMIT": "1"}
        self.process = subprocess.Popen([str(one) for one in arguments], cwd=ROOT, env=environment)
        end = time.monotonic() + 60
        while time.monotonic() < end:
            assert self.process.poll() is None, "the desk did not start"
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                time.sleep(0.05)
        raise TimeoutError("the desk did not answer")

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(20)

    def cookie(self, title: str, *roles: Role, **more) -> dict[str, str]:
        """The session of an account, as Playwright takes it; the account is made where there is none."""
        secret = session_of(self.store, account(self.store, title, *roles, **more))
        return {"name": COOKIE, "value": secret, "url": self.url}


@pytest.fixture(scope="session")
def one_desk(tmp_path_factory):
    one = Desk(tmp_path_factory.mktemp("desk") / "home", four_eyes_types=("credit_note",))
    one.start()
    yield one
    one.stop()
    one.store.close()


@pytest.fixture
def desk(one_desk):
    """The desk, with an empty database."""
    with one_desk.store.transaction() as session:
        for table in reversed(Base.metadata.sorted_tables):
            session.execute(delete(table))
    return one_desk


@pytest.fixture(scope="session")
def browser():
    if not chromium.find():
        pytest.skip("no Chromium: install it or set CHROMIUM to its path")
    with sync_playwright() as playwright:
        one = chromium.launch(playwright)
        yield one
        one.close()


@pytest.fixture
def reviewer(browser, desk):
    """Makes signed-in people, each in a browser profile of their own; any script error fails the test.

    An empty name is nobody.
    """
    contexts, errors = [], []

    def sign_in(name="Anna", *roles, page="/", **options):
        options = {"viewport": {"width": 1280, "height": 800}} | options
        context = browser.new_context(reduced_motion="reduce", **options)
        contexts.append(context)
        if name:
            context.add_cookies([desk.cookie(name, *roles)])
        one = context.new_page()
        one.on("pageerror", lambda error: errors.append(str(error)))
        one.on("console", lambda said: errors.append(said.text) if "Content Security" in said.text else None)
        one.goto(f"{desk.url}{page}")
        return one

    yield sign_in
    for context in contexts:
        context.close()
    assert errors == []
