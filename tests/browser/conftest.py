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

from models.settings import Settings
from models.tables import Base
from pipeline.review.desk import key_path
from pipeline.store import Store

from . import chromium

ROOT = Path(__file__).parents[2]
expect.set_options(timeout=10_000)


class Desk:
    """A home with a desk that is served from another process, and can be killed and started again."""

    def __init__(self, home: Path) -> None:
        self.settings = Settings(home=home)
        self.store = Store.open(self.settings)
        self.kill_file = home / "kill"
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.process = None

    def start(self) -> None:
        arguments = [sys.executable, "-m", "tests.browser.server", self.settings.home, self.port, self.kill_file]
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

    @property
    def key(self) -> str:
        return key_path(self.settings).read_text().strip()


@pytest.fixture(scope="session")
def one_desk(tmp_path_factory):
    one = Desk(tmp_path_factory.mktemp("desk") / "home")
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
    """Makes signed-in reviewers, each in a browser profile of their own; any script error fails the test."""
    contexts, errors = [], []

    def sign_in(name="Anna", **options):
        context = browser.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce", **options)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda said: errors.append(said.text) if "Content Security" in said.text else None)
        page.goto(f"{desk.url}/login")
        page.get_by_label("Key of this desk").fill(desk.key)
        page.get_by_label("Your name").fill(name)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(f"{desk.url}/")
        return page

    yield sign_in
    for context in contexts:
        context.close()
    assert errors == []
