"""Accounts without a screen, on both databases."""

from __future__ import annotations

import threading

import pytest
from argon2 import PasswordHasher
from sqlalchemy import func, select

from models.errors import Conflict, InvalidValue, NotFound, SignInRefused, TooManyTries
from models.roles import EVERYTHING, RIGHTS, Right, Role, Scope
from models.tables import AccountRow, EventRow, SessionRow, TokenRow, TryRow
from pipeline import accounts
from pipeline.accounts import passwords, throttle
from pipeline.review import queue

from .people import PASSWORD, account, session_of
from .rows import add_invoice


def sign_in(store, name="anna", password=PASSWORD, address="10.0.0.1", browser=""):
    return accounts.sign_in(store, name, password, address=address, browser=browser)


def wrong(store, times, name="anna", address="10.0.0.1", browser=""):
    for _ in range(times):
        with pytest.raises(SignInRefused) as caught:
            sign_in(store, name, "a wrong password", address, browser)
        assert not isinstance(caught.value, TooManyTries)


def row_of(store, name="anna"):
    with store.reading() as session:
        return session.scalar(select(AccountRow).where(AccountRow.name == name))


def events(store, kind):
    with store.reading() as session:
        return [(one.actor, one.data) for one in session.scalars(select(EventRow).where(EventRow.kind == kind))]


# ---- passwords and names


def test_a_password_is_kept_as_argon2id_and_nothing_else_opens(store):
    account(store, "Anna")
    kept = row_of(store).password
    assert kept.startswith("$argon2id$")
    assert PASSWORD not in kept
    assert sign_in(store)
    wrong(store, 1)
    for nearly in (PASSWORD + " ", PASSWORD.upper(), ""):
        with pytest.raises(SignInRefused):
            sign_in(store, password=nearly)


def test_the_name_is_typed_in_any_case_and_the_password_on_any_keyboard(store):
    account(store, "Anna", password="žluťoučký kůň pěl")
    decomposed = "z\u030clut\u030couc\u030cky\u0301 ku\u030an\u030c pe\u030cl"
    assert sign_in(store, " ANNA ", decomposed)


@pytest.mark.parametrize(
    "easy",
    ["short", "x" * 300, "aaaaaaaaaaaaaa", "abcabcabcabcabc", "123456789012", "qwertzuiopasdf", "Password1234!",
     "podatelna2026", "annanova-1999", "heslo heslo 12"],
)  # fmt: skip
def test_easy_passwords_are_no_passwords(easy):
    with pytest.raises(InvalidValue):
        passwords.check_password(easy, "anna", "annanova")
    passwords.check_password(PASSWORD, "anna", "annanova")


def test_an_easy_password_is_refused_when_chosen(store):
    with pytest.raises(InvalidValue):
        accounts.add(store, "anna", roles={Role.REVIEWER}, password="123456789012", actor="operator")
    assert accounts.nobody_yet(store)
    name = account(store, "Anna")
    with pytest.raises(InvalidValue):
        accounts.change_password(store, name, PASSWORD, "123456789012")
    with pytest.raises(InvalidValue):
        accounts.set_password(store, name, "anna anna 1234", actor="operator")


def test_a_hash_of_other_parameters_is_renewed_at_sign_in(store, monkeypatch):
    account(store, "Anna")
    old = row_of(store).password
    monkeypatch.setattr(passwords, "hasher", PasswordHasher(time_cost=2, memory_cost=16, parallelism=1))
    sign_in(store)
    assert "m=16,t=2" in row_of(store).password != old
    assert sign_in(store)


def test_the_hashes_of_the_shipped_parameters_are_those_of_the_rfc(monkeypatch):
    monkeypatch.undo()  # the cheap ones of the tests
    kept = passwords.hash_password(PASSWORD)
    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert passwords.fits(PASSWORD, kept)


def test_names_that_would_confuse_the_ledger_are_refused(store):
    for name in ["", "machine", "Intake", "a b", "../x", "-x", "x" * 49, "a\0b", "<b>"]:
        with pytest.raises(InvalidValue):
            accounts.add(store, name, roles={Role.REVIEWER}, actor="operator")
    assert accounts.nobody_yet(store)


def test_a_name_is_given_once(store):
    account(store, "Anna")
    with pytest.raises(Conflict):
        accounts.add(store, "ANNA", roles={Role.REVIEWER}, actor="operator")


def test_rights_that_make_no_sense_are_refused(store):
    for roles, scope in (
        (set(), EVERYTHING),
        ({Role.SUPERVISOR}, Scope(types=frozenset({"invoice"}))),
        ({Role.STATION}, EVERYTHING),
        ({Role.REVIEWER}, Scope(types=frozenset({"poem"}))),
        ({Role.REVIEWER}, Scope(types=frozenset())),
    ):
        with pytest.raises(InvalidValue):
            accounts.add(store, "anna", roles=roles, scope=scope, actor="operator")


def test_only_two_roles_decide_and_one_gives_out_accounts():
    assert {role for role in Role if Right.DECIDE in RIGHTS[role]} == {Role.REVIEWER, Role.SUPERVISOR}
    assert {role for role in Role if Right.ACCOUNTS in RIGHTS[role]} == {Role.SUPERVISOR}
    assert set(RIGHTS) == set(Role)


# ---- the throttle


def test_five_wrong_tries_then_nothing_is_looked_at(store, later):
    account(store, "Anna")
    wrong(store, 5)
    with pytest.raises(TooManyTries) as caught:
        sign_in(store)
    told = [data.get("throttled", False) for _, data in events(store, "sign-in-refused")]
    assert told == [False, False, False, False, True], "that somebody was kept out is on record, once"
    assert 0 < caught.value.seconds <= 301
    later(290)
    with pytest.raises(TooManyTries):
        sign_in(store)
    later(301)
    assert sign_in(store)


def test_the_count_outlives_a_restart_and_is_shared_by_desks(store, make_store):
    account(store, "Anna")
    wrong(store, 3)
    other = make_store()
    wrong(other, 2)
    with pytest.raises(TooManyTries):
        sign_in(store)


def test_a_right_password_begins_the_count_anew(store):
    account(store, "Anna")
    for _ in range(4):
        wrong(store, 4)
        sign_in(store)
    assert len(events(store, "sign-in-refused")) == 16


def test_an_attacker_keeps_strangers_out_and_nobody_on_their_own_browser(store):
    account(store, "Anna")
    account(store, "Bert")
    _, known = sign_in(store)
    wrong(store, 5)  # from the office's one address
    with pytest.raises(TooManyTries):
        sign_in(store)
    assert sign_in(store, browser=known), "Anna's own browser"
    assert sign_in(store, "bert"), "Bert, from the same address"


def test_many_addresses_are_no_way_around(store, monkeypatch):
    monkeypatch.setattr(throttle, "_ACCOUNT", (12, 3600))
    account(store, "Anna")
    for number in range(12):
        wrong(store, 1, address=f"10.0.1.{number}")
    with pytest.raises(TooManyTries):
        sign_in(store, address="10.0.2.1")


def test_many_names_are_no_way_around(store, later, monkeypatch):
    monkeypatch.setattr(throttle, "_ADDRESS", (12, 3600))
    account(store, "Anna")
    for number in range(12):
        wrong(store, 1, name=f"guess{number}")
    with pytest.raises(TooManyTries):
        sign_in(store)
    assert sign_in(store, address="10.0.0.2"), "another address"
    later(3700)
    sign_in(store)
    with store.reading() as session:
        assert session.scalar(select(func.count()).select_from(TryRow)) <= 3, "what is over is forgotten"


def test_a_forged_mark_of_a_browser_is_none(store):
    for number, forged in enumerate(("", "~", "x~y~z", "YW5uYQ==~abc~0", "é~é~é")):
        name = account(store, f"Anna{number}")
        wrong(store, 5, name, browser=forged)
        with pytest.raises(TooManyTries):
            sign_in(store, name, browser=forged)


def test_the_mark_of_another_account_is_none(store):
    account(store, "Anna")
    account(store, "Eve")
    _, eves = sign_in(store, "eve")
    wrong(store, 5, browser=eves)
    with pytest.raises(TooManyTries):
        sign_in(store, browser=eves)


def test_even_a_known_browser_does_not_guess_on_and_on(store):
    account(store, "Anna")
    _, known = sign_in(store)
    wrong(store, 10, browser=known)
    with pytest.raises(TooManyTries):
        sign_in(store, browser=known)


def test_many_tries_at_once_are_counted_one_by_one(store):
    account(store, "Anna")
    start, outcomes = threading.Barrier(12), []

    def work():
        start.wait()
        try:
            sign_in(store, password="a wrong password")
        except SignInRefused as error:
            outcomes.append(type(error))

    threads = [threading.Thread(target=work) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count(SignInRefused) == 5
    assert outcomes.count(TooManyTries) == 7


def test_an_unknown_name_is_refused_in_the_same_words_and_not_kept(store):
    account(store, "Anna")
    told = set()
    for name in ("anna", "my-secret-typed-here"):
        with pytest.raises(SignInRefused) as caught:
            sign_in(store, name, "a wrong password")
        told.add(str(caught.value))
    assert len(told) == 1
    assert events(store, "sign-in-refused") == [("anna", {"address": "10.0.0.1"}), ("unknown", {"address": "10.0.0.1"})]


# ---- sessions


def test_a_session_ends_by_silence_and_in_any_case(store, later):
    settings = store.settings
    secret = session_of(store, account(store, "Anna"))
    step = settings.session_idle_seconds - 1
    later(step)
    assert accounts.visitor_of_session(store, secret).name == "anna"
    later(2 * step)
    assert accounts.visitor_of_session(store, secret), "it was used in between"
    later(3 * step + 2)
    assert accounts.visitor_of_session(store, secret) is None, "silent for too long"
    secret, now = session_of(store, "anna"), 3 * step + 2
    while now < 3 * step + settings.session_seconds - step:
        now += step
        later(now)
        assert accounts.visitor_of_session(store, secret)
    later(3 * step + 3 + settings.session_seconds)
    assert accounts.visitor_of_session(store, secret) is None, "used all the time, and yet"


def test_a_clock_that_is_set_back_keeps_no_session_alive(store, later):
    secret = session_of(store, account(store, "Anna"))
    later(-86_400)
    assert accounts.visitor_of_session(store, secret) is None


def test_only_the_hash_of_a_session_is_kept(store):
    secret = session_of(store, account(store, "Anna"))
    with store.reading() as session:
        (kept,) = session.scalars(select(SessionRow.id))
    assert kept != secret
    assert accounts.visitor_of_session(store, kept) is None
    for forged in ("", "x", secret[:-1], secret + "a", "\0", "é"):
        assert accounts.visitor_of_session(store, forged) is None


def test_old_sessions_are_forgotten_at_the_next_sign_in(store, later):
    session_of(store, account(store, "Anna"))
    later(store.settings.session_seconds + 1)
    sign_in(store)
    with store.reading() as session:
        assert session.scalar(select(func.count()).select_from(SessionRow)) == 1


def test_a_new_password_signs_out_everywhere(store):
    name = account(store, "Anna")
    before = [session_of(store, name), session_of(store, name)]
    others = session_of(store, account(store, "Bert"))
    fresh = accounts.change_password(store, name, PASSWORD, "seven blue kettles")
    assert [accounts.visitor_of_session(store, one) for one in before] == [None, None]
    assert accounts.visitor_of_session(store, fresh).name == name
    assert accounts.visitor_of_session(store, others).name == "bert"
    with pytest.raises(SignInRefused):
        sign_in(store)
    assert sign_in(store, password="seven blue kettles")
    with pytest.raises(SignInRefused):
        accounts.change_password(store, name, PASSWORD, "nine green ladders")
    accounts.set_password(store, name, "nine green ladders", actor="operator")
    assert accounts.visitor_of_session(store, fresh) is None


def test_a_change_of_an_account_counts_at_once(store):
    name = account(store, "Anna", Role.REVIEWER, Role.AUDITOR)
    account(store, "Sue", Role.SUPERVISOR)
    secret = session_of(store, name)
    assert accounts.visitor_of_session(store, secret).may(Right.DECIDE)
    scope = Scope(types=frozenset({"receipt"}))
    accounts.change(store, name, roles={Role.AUDITOR}, scope=scope, actor="sue")
    visitor = accounts.visitor_of_session(store, secret)
    assert not visitor.may(Right.DECIDE)
    assert visitor.scope == scope
    accounts.change(store, name, disabled=True, actor="sue")
    assert accounts.visitor_of_session(store, secret) is None
    with pytest.raises(SignInRefused):
        sign_in(store)
    accounts.change(store, name, disabled=False, actor="sue")
    assert accounts.visitor_of_session(store, secret) is None, "an old session does not come back"
    assert sign_in(store)
    assert [data for _, data in events(store, "account-changed")] == [
        {"account": "anna", "roles": ["auditor"], "types": ["receipt"]},
        {"account": "anna", "disabled": True},
        {"account": "anna", "disabled": False},
    ]


def test_what_one_held_is_free_when_one_is_gone(store):
    account(store, "Sue", Role.SUPERVISOR)
    name, document_id = account(store, "Anna"), add_invoice(store)

    def held():
        assert queue.claim(store, document_id, name)
        return queue.claim(store, document_id, "bert")

    assert not held()
    first, second = session_of(store, name), session_of(store, name)
    accounts.end_session(store, first)
    assert not queue.claim(store, document_id, "bert"), "another browser of hers is open"
    accounts.end_session(store, second)
    accounts.end_session(store, second)
    assert queue.claim(store, document_id, "bert")
    queue.release(store, document_id, "bert")
    for change in ({"disabled": True}, {"disabled": False, "roles": {Role.AUDITOR}}):
        assert not held()
        accounts.change(store, name, actor="sue", **change)
        assert queue.claim(store, document_id, "bert")
        queue.release(store, document_id, "bert")


def test_the_last_supervisor_stays(store):
    account(store, "Sue", Role.SUPERVISOR)
    for change in ({"disabled": True}, {"roles": {Role.REVIEWER}}):
        with pytest.raises(Conflict):
            accounts.change(store, "sue", actor="sue", **change)
    account(store, "Tom", Role.SUPERVISOR)
    accounts.change(store, "sue", disabled=True, actor="tom")
    with pytest.raises(Conflict):
        accounts.change(store, "tom", disabled=True, actor="tom")


# ---- the first account, invitations


def test_the_first_account_is_made_once(store):
    made = accounts.create_first(store, "Sue", "Sue Novak", PASSWORD)
    assert (made.name, made.roles, made.scope) == ("sue", {Role.SUPERVISOR}, EVERYTHING)
    with pytest.raises(SignInRefused):
        accounts.create_first(store, "eve", "", PASSWORD)


def test_only_one_of_two_makes_the_first_account(store):
    start, made = threading.Barrier(2), []

    def work(name):
        start.wait()
        try:
            made.append(accounts.create_first(store, name, "", PASSWORD).name)
        except SignInRefused:
            made.append(None)

    threads = [threading.Thread(target=work, args=(name,)) for name in ("sue", "eve")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made.count(None) == 1


def test_an_invitation_works_once_and_for_three_days(store, later):
    accounts.add(store, "anna", roles={Role.REVIEWER}, actor="sue")
    with pytest.raises(SignInRefused):
        sign_in(store, password="")
    stale = accounts.invite(store, "anna", actor="sue")
    secret = accounts.invite(store, "anna", actor="sue")
    with pytest.raises(SignInRefused):
        accounts.invited(store, stale)
    assert accounts.invited(store, secret).name == "anna"
    with pytest.raises(InvalidValue):
        accounts.take_invitation(store, secret, "short")
    accounts.take_invitation(store, secret, PASSWORD)
    assert sign_in(store)
    with pytest.raises(SignInRefused):
        accounts.take_invitation(store, secret, "seven blue kettles")
    secret = accounts.invite(store, "anna", actor="sue")
    later(72 * 3600 + 1)
    with pytest.raises(SignInRefused):
        accounts.take_invitation(store, secret, "seven blue kettles")
    assert secret not in str(events(store, "account-invited"))


def test_a_disabled_account_can_not_be_invited_back(store):
    account(store, "Sue", Role.SUPERVISOR)
    name = account(store, "Anna")
    secret = accounts.invite(store, name, actor="sue")
    accounts.change(store, name, disabled=True, actor="sue")
    with pytest.raises(SignInRefused):
        accounts.take_invitation(store, secret, "seven blue kettles")
    with pytest.raises(Conflict):
        accounts.invite(store, name, actor="sue")


# ---- tokens


def test_a_token_acts_in_its_role_until_it_runs_out(store, later):
    scope = Scope(types=frozenset({"invoice"}))
    name = account(store, "Robot", Role.REVIEWER, Role.INTEGRATOR, scope=scope)
    secret = accounts.issue_token(store, name, "nightly", Role.INTEGRATOR, days=2, actor="sue")
    visitor = accounts.visitor_of_token(store, secret)
    assert (visitor.name, visitor.roles, visitor.scope, visitor.csrf) == (name, {Role.INTEGRATOR}, scope, "")
    assert not visitor.may(Right.DECIDE), "less than its account may"
    later(2 * 86_400 - 1)
    assert accounts.visitor_of_token(store, secret)
    assert accounts.tokens(store, name)[0].opens
    later(2 * 86_400)
    assert accounts.visitor_of_token(store, secret) is None
    assert not accounts.tokens(store, name)[0].opens
    with store.reading() as session:
        (kept,) = session.scalars(select(TokenRow.secret))
    assert secret not in kept
    assert accounts.visitor_of_token(store, kept) is None


def test_a_token_ends_with_its_role_its_account_or_by_hand(store):
    account(store, "Sue", Role.SUPERVISOR)
    name = account(store, "Robot", Role.REVIEWER, Role.INTEGRATOR)
    first, second = (accounts.issue_token(store, name, one, Role.INTEGRATOR, actor="sue") for one in "ab")
    newest = accounts.tokens(store)[0]
    assert newest.name == "b"
    with pytest.raises(NotFound):
        accounts.revoke_token(store, newest.id, actor="sue", account="sue")
    accounts.revoke_token(store, newest.id, actor="sue")
    accounts.revoke_token(store, newest.id, actor="sue")
    assert accounts.visitor_of_token(store, second) is None
    assert accounts.visitor_of_token(store, first)
    accounts.change(store, name, roles={Role.REVIEWER}, actor="sue")
    assert accounts.visitor_of_token(store, first) is None
    accounts.change(store, name, roles={Role.INTEGRATOR}, actor="sue")
    assert accounts.visitor_of_token(store, first)
    accounts.change(store, name, disabled=True, actor="sue")
    assert accounts.visitor_of_token(store, first) is None
    assert len(events(store, "token-revoked")) == 1


def test_tokens_that_make_no_sense_are_refused(store):
    account(store, "Robot")
    for name, role, days in ((" ", Role.REVIEWER, 9), ("a", Role.AUDITOR, 9), ("a", Role.REVIEWER, 9999)):
        with pytest.raises(InvalidValue):
            accounts.issue_token(store, "robot", name, role, days=days, actor="sue")
    assert accounts.tokens(store) == []


def test_reviewers_alone_leave_the_first_link_and_can_be_shut_out(store):
    accounts.add(store, "anna", roles={Role.REVIEWER}, actor="operator")
    assert accounts.nobody_yet(store)
    assert accounts.change(store, "anna", disabled=True, actor="operator").disabled
    accounts.create_first(store, "eva", "Eva", "correct horse battery")
    assert not accounts.nobody_yet(store)
    with pytest.raises(SignInRefused):
        accounts.create_first(store, "ivan", "Ivan", "correct horse battery")
    with pytest.raises(Conflict):
        accounts.change(store, "eva", disabled=True, actor="operator")
