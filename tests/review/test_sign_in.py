"""The pages about oneself, and the supervisor's pages about accounts."""

from __future__ import annotations

import re
import stat

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from models.roles import Role, Scope
from models.tables import EventRow
from pipeline import accounts
from pipeline.accounts import throttle
from pipeline.review import desk, guard
from pipeline.review.sign_in import first_key_path

from .people import BASE, PASSWORD, account, client_of, form_of

WORDS = "seven blue kettles"


@pytest.fixture
def dialect():
    """The screens don't know the database; the accounts under them are tested on both."""
    return "sqlite"


@pytest.fixture
def stranger(app):
    with TestClient(app, base_url=BASE, follow_redirects=False) as client:
        yield client


def sign_in(client, name="anna", password=PASSWORD, **more):
    return client.post("/login", data={"name": name, "password": password}, **more)


def key_of(address):
    return re.search(r"key=([\w-]+)", address)[1]


# ---- sign in and out


def test_sign_in_gives_a_cookie_that_scripts_and_other_sites_do_not_get(store, stranger):
    account(store, "Anna")
    answer = sign_in(stranger)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    for cookie in answer.headers.get_list("set-cookie"):
        assert {"HttpOnly", "SameSite=strict", "Path=/"} <= set(cookie.split("; ")), cookie
    assert "Max-Age" not in answer.headers["set-cookie"].split(",")[0], "it ends with the browser"
    assert stranger.get("/").status_code == 200


def test_behind_tls_the_cookies_are_bound_to_the_host(app, store):
    account(store, "Anna")
    with TestClient(app, base_url="https://127.0.0.1", follow_redirects=False) as client:
        answer = sign_in(client)
        for cookie in answer.headers.get_list("set-cookie"):
            assert cookie.startswith("__Host-")
            assert "Secure" in cookie
        assert client.get("/").status_code == 200
        assert "max-age" in client.get("/").headers["strict-transport-security"]
        client.post("/logout", data={"csrf": form_of(client.get("/"))["csrf"]})
        assert client.get("/").status_code == 303


def test_every_sign_in_is_a_new_session_and_signing_out_ends_it(app, store, stranger):
    account(store, "Anna")
    planted = "x" * 43
    stranger.cookies.set(guard.COOKIE, planted, domain="127.0.0.1")
    sign_in(stranger)
    first = stranger.cookies[guard.COOKIE]
    assert first != planted
    sign_in(stranger)
    assert stranger.cookies[guard.COOKIE] != first
    stolen = stranger.cookies[guard.COOKIE]
    stranger.post("/logout", data={"csrf": form_of(stranger.get("/"))["csrf"]})
    assert guard.COOKIE not in stranger.cookies
    assert stranger.get("/", headers={"Cookie": f"{guard.COOKIE}={stolen}"}).status_code == 303, "not only the cookie"
    assert stranger.get("/", headers={"Cookie": f"{guard.COOKIE}={first}"}).status_code == 200, (
        "another browser's stays"
    )


def test_the_throttle_says_when_to_come_back(store, stranger, later):
    account(store, "Anna")
    for _ in range(5):
        assert sign_in(stranger, password="a wrong password").status_code == 403
    answer = sign_in(stranger)
    assert answer.status_code == 429
    assert "Try again in 5 minutes" in answer.text
    assert 0 < int(answer.headers["retry-after"]) <= 301
    later(302)
    assert sign_in(stranger).status_code == 303
    for _ in range(5):  # this browser is known now: others fill the address, it still gets in
        sign_in(TestClient(stranger.app, base_url=BASE), password="a wrong password")
    assert sign_in(TestClient(stranger.app, base_url=BASE)).status_code == 429
    assert sign_in(stranger).status_code == 303


def test_a_silent_browser_is_signed_out(app, store, later):
    client = client_of(app, store, "Anna")
    assert client.get("/").status_code == 200
    later(store.settings.session_idle_seconds + 61)
    assert client.get("/").headers["location"] == "/login"


def test_a_session_outlives_a_restart_of_the_desk(app, store):
    client = client_of(app, store, "Anna")
    with TestClient(desk.create_app(store.settings), base_url=BASE, cookies=client.cookies) as again:
        assert "Nothing is waiting" in again.get("/").text


def test_what_is_typed_is_never_shown_as_markup_or_kept(store, stranger):
    account(store, "Anna")
    answer = sign_in(stranger, name='"><script>alert(1)</script>', password="my-typed-password")
    assert "<script>alert" not in answer.text
    assert "my-typed-password" not in answer.text
    with store.reading() as session:
        assert "my-typed" not in str([(one.actor, one.data) for one in session.scalars(select(EventRow))])


def test_the_name_of_the_desk_is_allowed_as_a_host(store, make_store):
    named = make_store(desk_url="https://desk.office.example/")
    app = desk.create_app(named.settings)
    with TestClient(app, base_url="https://desk.office.example") as client:
        assert client.get("/login").status_code == 200
    with TestClient(app, base_url="https://evil.example") as client:
        assert client.get("/login").status_code == 400
    assert desk.address(named.settings, "/x") == "https://desk.office.example/x"


# ---- the first account, invitations, one's own password


def test_the_first_account_by_the_printed_link_and_never_again(store, stranger):
    assert "There is no account yet" in stranger.get("/login").text
    where, first = desk.way_in(store)
    assert first
    key = key_of(where)
    assert stat.S_IMODE(first_key_path(store.settings).stat().st_mode) == 0o600
    for wrong in ("", "x", key[:-1]):
        assert stranger.get(f"/welcome?key={wrong}").status_code == 403
        sent = {"key": wrong, "name": "eve", "password": WORDS, "again": WORDS}
        assert stranger.post("/welcome", data=sent).status_code == 403
    assert accounts.nobody_yet(store)
    sent = {"key": key, "name": "Sue", "title": "Sue <b>", "password": WORDS, "again": WORDS + "x"}
    assert stranger.get(f"/welcome?key={key}").status_code == 200
    czech = stranger.get(f"/welcome?key={key}&language=cs")
    assert czech.headers["location"] == f"/welcome?key={key}"
    assert 'lang="cs"' in stranger.get(czech.headers["location"]).text
    assert stranger.get(f"/welcome?key={key}&language=en").status_code == 303
    assert "differ" in stranger.post("/welcome", data=sent).text
    assert stranger.post("/welcome", data=sent | {"password": "short", "again": "short"}).status_code == 422
    answer = stranger.post("/welcome", data=sent | {"again": WORDS})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "Sue &lt;b&gt;" in stranger.get("/").text
    assert accounts.account_named(store, "sue").roles == {Role.SUPERVISOR}
    assert not first_key_path(store.settings).exists()
    assert desk.way_in(store) == (desk.address(store.settings), False)
    assert stranger.post("/welcome", data=sent | {"name": "eve", "again": WORDS}).status_code == 403


def test_a_supervisor_invites_and_the_person_chooses(app, store, stranger):
    sue = client_of(app, store, "Sue", Role.SUPERVISOR)
    sent = {"csrf": form_of(sue.get("/accounts/new"))["csrf"], "name": "Anna", "title": "Anna Malá", "role": "reviewer"}
    assert sue.post("/accounts/new", data=sent | {"type": "nonsense"}).status_code == 422
    assert sue.post("/accounts/new", data=sent).status_code == 422, "no type at all"
    made = sue.post("/accounts/new", data=sent | {"type": ["receipt", "invoice"], "stations": "north\r\n(inbox)\r\n"})
    key = key_of(made.text)
    scope = Scope(types=frozenset({"receipt", "invoice"}), stations=frozenset({"north", ""}))
    assert accounts.account_named(store, "anna").scope == scope
    assert key not in sue.get("/accounts/of/anna").text, "shown once"
    assert sue.post("/accounts/new", data=sent | {"all_types": "on"}).status_code == 422, "the name is taken"
    assert 'value="anna"' in stranger.get(f"/welcome?key={key}").text
    sent = {"key": key, "name": "sue", "password": WORDS, "again": WORDS}  # the name is the invitation's
    assert stranger.post("/welcome", data=sent).headers["location"] == "/"
    assert "Anna Malá" in stranger.get("/").text
    assert stranger.post("/welcome", data=sent).status_code == 403
    assert sign_in(stranger, "anna", WORDS).status_code == 303


def test_ones_own_password(app, store):
    client, elsewhere = client_of(app, store, "Anna"), client_of(app, store, "Anna")
    sent = {"csrf": form_of(client.get("/me"))["csrf"], "old": PASSWORD, "password": WORDS, "again": WORDS}
    assert client.post("/me/password", data=sent | {"old": "a wrong password"}).status_code == 403
    assert client.post("/me/password", data=sent | {"again": ""}).status_code == 422
    assert client.post("/me/password", data=sent | {"csrf": "x"}).status_code == 409
    assert elsewhere.get("/").status_code == 200
    answer = client.post("/me/password", data=sent)
    assert answer.headers["location"] == "/me?changed=true"
    assert "Your password is changed" in client.get(answer.headers["location"]).text
    assert elsewhere.get("/").status_code == 303
    guesses = [client.post("/me/password", data=sent | {"csrf": form_of(client.get("/me"))["csrf"]}) for _ in range(6)]
    assert [one.status_code for one in guesses] == [403] * 5 + [429], "the old one can't be guessed here either"


def test_sign_out_everywhere(app, store):
    client, elsewhere, other = (client_of(app, store, name) for name in ("Anna", "Anna", "Bert"))
    csrf = form_of(client.get("/me"))["csrf"]
    assert client.post("/me/sign-out", data={"csrf": "x"}).status_code == 409
    assert client.post("/me/sign-out", data={"csrf": csrf}).headers["location"] == "/login"
    assert [one.get("/").status_code for one in (client, elsewhere, other)] == [303, 303, 200]


# ---- the supervisor's pages


def test_rights_are_changed_and_shown(app, store):
    sue = client_of(app, store, "Sue", Role.SUPERVISOR)
    account(store, "Anna")
    csrf = form_of(sue.get("/accounts/of/anna"))["csrf"]
    sent = {"csrf": csrf, "title": "Anna N.", "role": ["auditor", "station"], "type": "receipt", "stations": "north"}
    assert sue.post("/accounts/of/anna", data=sent).headers["location"] == "/accounts/of/anna?saved=true"
    html = sue.get("/accounts").text
    assert "Anna N." in html
    assert "Station, Auditor" in html
    assert "from north" in html
    answer = sue.post("/accounts/of/anna", data={"csrf": csrf, "title": "A"})
    assert answer.status_code == 422
    assert "needs a role" in answer.text
    answer = sue.post("/accounts/of/anna", data=sent | {"role": "supervisor"})
    assert "manages all accounts" in answer.text
    assert sue.post("/accounts/of/anna", data=sent | {"csrf": "x"}).status_code == 409
    assert sue.get("/accounts/of/nobody").status_code == 404


def test_disable_and_enable(app, store):
    sue, anna = client_of(app, store, "Sue", Role.SUPERVISOR), client_of(app, store, "Anna")
    csrf = form_of(sue.get("/accounts/of/anna"))["csrf"]
    assert anna.get("/").status_code == 200
    sue.post("/accounts/of/anna/disabled", data={"csrf": csrf, "disabled": "yes"})
    assert anna.get("/").status_code == 303
    assert "Enable the account" in sue.get("/accounts/of/anna").text
    sue.post("/accounts/of/anna/disabled", data={"csrf": csrf, "disabled": "no"})
    assert accounts.account_named(store, "anna").disabled is False
    answer = sue.post("/accounts/of/sue/disabled", data={"csrf": csrf, "disabled": "yes"})
    assert answer.status_code == 409
    assert "last supervisor" in answer.text


def test_tokens_are_shown_once_and_revoked(app, store, stranger):
    sue = client_of(app, store, "Sue", Role.SUPERVISOR)
    account(store, "Robot", Role.INTEGRATOR)
    csrf = form_of(sue.get("/accounts/of/robot"))["csrf"]
    sent = {"csrf": csrf, "token": "nightly <export>", "role": "integrator", "days": "30"}
    for wrong in ({"role": "reviewer"}, {"role": ""}, {"days": "x"}, {"days": "9999"}, {"token": " "}):
        assert sue.post("/accounts/of/robot/tokens", data=sent | wrong).status_code == 422, wrong
    token = re.search(r'value="(pdt_[\w-]+)"', sue.post("/accounts/of/robot/tokens", data=sent).text)[1]
    by_token = {"Authorization": f"Bearer {token}"}
    assert stranger.get("/api/documents", headers=by_token).status_code == 200
    assert stranger.get("/", headers=by_token).status_code == 303, "the pages are for people"
    html = sue.get("/accounts/of/robot").text
    assert token not in html
    assert "nightly &lt;export&gt;" in html
    number = accounts.tokens(store)[0].id
    assert sue.post(f"/accounts/of/sue/tokens/{number}/revoke", data={"csrf": csrf}).status_code == 404
    sue.post(f"/accounts/of/robot/tokens/{number}/revoke", data={"csrf": csrf})
    assert stranger.get("/api/documents", headers=by_token).status_code == 401


def test_the_key_of_known_browsers_is_private(store):
    throttle.mark(store.settings, "anna")
    assert stat.S_IMODE(throttle.key_path(store.settings).stat().st_mode) == 0o600
