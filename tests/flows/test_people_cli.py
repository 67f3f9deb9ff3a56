"""``podatelna users`` and ``podatelna tokens``: no password is ever an argument."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from typer.testing import CliRunner

from flows.cli import app
from models.errors import Conflict, InvalidValue, PodatelnaError
from models.roles import Role
from models.settings import Settings
from pipeline import accounts
from pipeline.accounts import passwords
from pipeline.review.desk import way_in
from pipeline.store import Store

PASSWORD = "four quiet cooks 7"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Runs a command on a home of its own; returns what it printed on standard output."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(passwords, "hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))

    def command(*arguments: str, typed: str = "") -> str:
        told = CliRunner().invoke(app, [*arguments, "--home", str(tmp_path / "home")], input=typed)
        if isinstance(told.exception, PodatelnaError):
            raise told.exception
        assert told.exit_code == 0, told.output
        assert PASSWORD not in told.output
        return told.stdout

    return command


@pytest.fixture
def store(tmp_path: Path):
    with Store.open(Settings(home=tmp_path / "home")) as store:
        yield store


def test_users(run, store):
    run("users", "add", "sue", "--role", "supervisor", "--title", "Sue N.", typed=f"{PASSWORD}\n{PASSWORD}\n")
    assert accounts.sign_in(store, "sue", PASSWORD)
    run("users", "add", "anna", "--type", "receipt", "--station", "north", "--station", "(inbox)", "--stdin",
        typed=f"{PASSWORD}\n")  # fmt: skip
    assert accounts.sign_in(store, "anna", PASSWORD)
    rows = {row["name"]: row for row in json.loads(run("users", "list", "--json"))}
    assert (rows["sue"]["title"], rows["sue"]["roles"], rows["sue"]["types"]) == ("Sue N.", ["supervisor"], None)
    assert (rows["anna"]["types"], rows["anna"]["stations"]) == (["receipt"], ["", "north"])
    assert "anna" in run("users", "list")

    changed = json.loads(run("users", "roles", "anna", "--role", "auditor", "--type", "invoice"))
    assert (changed["roles"], changed["types"], changed["stations"]) == (["auditor"], ["invoice"], ["", "north"])
    changed = json.loads(run("users", "roles", "anna", "--unlimited"))
    assert (changed["roles"], changed["types"], changed["stations"]) == (["auditor"], None, None)

    run("users", "password", "anna", "--stdin", typed="seven blue kettles\n")
    assert accounts.sign_in(store, "anna", "seven blue kettles")
    run("users", "disable", "anna")
    assert accounts.account_named(store, "anna").disabled
    run("users", "disable", "anna", "--undo")
    assert not accounts.account_named(store, "anna").disabled
    with pytest.raises(Conflict, match="last supervisor"):
        run("users", "disable", "sue")
    with pytest.raises(InvalidValue):
        run("users", "add", "bert", "--stdin", typed="short\n")


def test_a_wrong_type_is_refused_before_a_password_is_asked_for(tmp_path):
    wrong = ["users", "add", "anna", "--type", "recepit", "--home", str(tmp_path / "home")]
    told = CliRunner().invoke(app, wrong)
    assert told.exit_code == 2
    assert "recepit" in told.output
    assert "receipt" in told.output
    assert "Password" not in told.output


def test_a_link_instead_of_a_password(run, store):
    link = run("users", "add", "anna", "--link").splitlines()[-1]
    assert link.startswith("http://127.0.0.1:8800/welcome?key=")
    assert accounts.invited(store, link.partition("key=")[2]).name == "anna"
    newer = run("users", "password", "anna", "--link").splitlines()[-1]
    assert accounts.take_invitation(store, newer.partition("key=")[2], PASSWORD).name == "anna"


def test_tokens(run, store):
    run("users", "add", "erp", "--role", "integrator", "--no-password")
    token = run("tokens", "add", "erp", "nightly export", "--days", "7").strip()
    assert accounts.visitor_of_token(store, token).roles == {Role.INTEGRATOR}
    (row,) = json.loads(run("tokens", "list", "--json"))
    assert (row["account"], row["name"], row["opens"]) == ("erp", "nightly export", True)
    assert token not in run("tokens", "list")
    run("tokens", "revoke", str(row["id"]))
    assert accounts.visitor_of_token(store, token) is None
    with pytest.raises(InvalidValue):
        run("tokens", "add", "erp", "x", "--role", "reviewer")


def test_what_serve_and_demo_print(store):
    where, first = way_in(store)
    assert first
    assert "/welcome?key=" in where
    accounts.create_first(store, "sue", "", PASSWORD)
    assert way_in(store) == ("http://127.0.0.1:8800/", False)
