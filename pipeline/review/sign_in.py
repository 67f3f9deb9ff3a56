"""Pages about oneself: sign in, the first account, an invitation, one's own password, sign out."""

from __future__ import annotations

import getpass
import hmac
from pathlib import Path
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import FormData

from models.errors import InvalidValue, SignInRefused, TooManyTries
from models.messages import say
from models.settings import Settings
from pipeline import accounts
from pipeline.review import languages
from pipeline.review.access import about_oneself, form_of, text_of
from pipeline.review.guard import (
    BROWSER_COOKIE,
    COOKIE,
    cookie,
    drop_session,
    keep_browser,
    keep_language,
    keep_session,
)
from pipeline.review.screen import page, store_of, visitor_of
from pipeline.store import secret

door = APIRouter()
"""What is open to everybody."""
own = APIRouter(dependencies=about_oneself)
"""What is open to everybody who is signed in."""


def first_key_path(settings: Settings) -> Path:
    """Where the one-time secret stands that makes the first account; gone once there is one."""
    return settings.home / "first-account.key"


async def _plain_form(request: Request) -> FormData:
    return await request.form(max_fields=10, max_files=0)


def address_of(request: Request) -> str:
    """Where a request came from; a proxy on the same machine is believed by the server (``X-Forwarded-For``)."""
    return request.client.host if request.client else ""


# ---- sign in and out


@door.get("/login")
def login(request: Request, language: str = "") -> Response:
    """Ask for name and password; ``language`` says in which language, from now on in this browser."""
    if language in languages.LANGUAGES:
        answer = RedirectResponse("/login", 303)
        keep_language(request, answer, language)
        return answer
    return page(request, "login.html", name="", message="", first=accounts.nobody_yet(store_of(request)))


@door.post("/login")
def login_sent(request: Request, form: Annotated[FormData, Depends(_plain_form)]) -> Response:
    """Take name and password."""
    name, store = text_of(form, "name"), store_of(request)
    try:
        session, mark = accounts.sign_in(
            store,
            name,
            text_of(form, "password"),
            address=address_of(request),
            browser=cookie(request, BROWSER_COOKIE),
        )
    except SignInRefused as error:
        status = 429 if isinstance(error, TooManyTries) else 403
        answer = page(request, "login.html", status=status, name=name, message=str(error), first=False)
        if isinstance(error, TooManyTries):
            answer.headers["Retry-After"] = str(error.seconds)
        return answer
    return _enter(request, session, mark)


def _enter(request: Request, session: str, mark: str = "") -> Response:
    answer = RedirectResponse("/", 303)
    keep_session(request, answer, session)
    if mark:
        keep_browser(request, answer, mark)
    return answer


@own.post("/logout", dependencies=[Depends(form_of)])
def logout(request: Request) -> Response:
    """End the session."""
    accounts.end_session(store_of(request), cookie(request, COOKIE))
    answer = RedirectResponse("/login", 303)
    drop_session(request, answer)
    return answer


@own.post("/me/sign-out", dependencies=[Depends(form_of)])
def sign_out_everywhere(request: Request) -> Response:
    """End all sessions of the account, this one too."""
    accounts.end_all_sessions(store_of(request), visitor_of(request).name)
    answer = RedirectResponse("/login", 303)
    drop_session(request, answer)
    return answer


# ---- the first account, and invitations


def _invitation(request: Request, key: str) -> str | None:
    """For whom a link is: the name of an invited account, or None for the first account.

    Raises:
        SignInRefused: the link opens nothing.
    """
    store = store_of(request)
    if not accounts.nobody_yet(store):
        return accounts.invited(store, key).name
    if hmac.compare_digest(key.encode(), secret(first_key_path(store.settings)).encode()):
        return None
    try:
        return accounts.invited(store, key).name
    except SignInRefused as error:
        message = say("This link does not open this desk. `podatelna serve` prints the right one.")
        raise SignInRefused(message) from error


@door.get("/welcome")
def welcome(request: Request, key: str = "", language: str = "") -> Response:
    """Ask for the password of an invited account, or for the first account; ``language`` as in `login`."""
    if language in languages.LANGUAGES:
        answer = RedirectResponse(f"/welcome?key={quote(key, safe='')}", 303)
        keep_language(request, answer, language)
        return answer
    return _welcome(request, key, name=_default_name(), title="")


def _welcome(request: Request, key: str, *, name: str, title: str, status: int = 200, message: str = "") -> Response:
    invited = _invitation(request, key)
    shown = {"invited": invited, "name": invited or name, "title": title, "message": message}
    return page(request, "welcome.html", status=status, key=key, **shown)


def _default_name() -> str:
    try:
        name = getpass.getuser()
    except (KeyError, OSError):  # no such account, as in some containers
        return ""
    return "" if name == "root" else name  # nobody is called so


@door.post("/welcome")
def welcome_sent(request: Request, form: Annotated[FormData, Depends(_plain_form)]) -> Response:
    """Take the password, once; then one is signed in."""
    store, key = store_of(request), text_of(form, "key")
    name, title, password = text_of(form, "name"), text_of(form, "title"), text_of(form, "password")
    try:
        invited = _invitation(request, key)
        _repeated(form)
        if invited is None:
            accounts.create_first(store, name, title, password)
            first_key_path(store.settings).unlink(missing_ok=True)
        else:
            name = accounts.take_invitation(store, key, password).name
    except InvalidValue as error:
        return _welcome(request, key, name=name, title=title, status=422, message=str(error))
    session, mark = accounts.sign_in(store, name, password, address=address_of(request))
    return _enter(request, session, mark)


def _repeated(form: FormData) -> None:
    if text_of(form, "password") != text_of(form, "again"):
        raise InvalidValue(say("The two passwords differ. Type the same one twice."), {"again": say("It differs.")})


# ---- one's own account


@own.get("/me")
def me(request: Request, changed: bool = False) -> Response:
    """One's own account: what one may do, and the form for a new password."""
    return _me(request, changed=changed)


@own.get("/me/session")
def session_token(request: Request) -> dict[str, str]:
    """Who is signed in, and the form token: for a page that was open while one signed in anew."""
    visitor = visitor_of(request)
    return {"name": visitor.name, "csrf": visitor.csrf}


def _me(request: Request, *, status: int = 200, message: str = "", changed: bool = False) -> Response:
    account = accounts.account_named(store_of(request), visitor_of(request).name)
    return page(request, "me.html", status=status, account=account, message=message, changed=changed)


@own.post("/me/language")
def language(request: Request, form: Annotated[FormData, Depends(form_of)]) -> Response:
    """Choose the language of the desk; none of ours: what the browser asks for."""
    wanted = text_of(form, "language")
    accounts.choose_language(
        store_of(request), visitor_of(request).name, wanted if wanted in languages.LANGUAGES else None
    )
    return RedirectResponse("/me", 303)


@own.post("/me/password")
def password(request: Request, form: Annotated[FormData, Depends(form_of)]) -> Response:
    """Change one's own password; every other browser is signed out."""
    try:
        _repeated(form)
        session = accounts.change_password(
            store_of(request),
            visitor_of(request).name,
            text_of(form, "old"),
            text_of(form, "password"),
            address=address_of(request),
            browser=cookie(request, BROWSER_COOKIE),
        )
    except InvalidValue as error:
        return _me(request, status=422, message=str(error))
    except TooManyTries as error:
        return _me(request, status=429, message=str(error))
    except SignInRefused:
        return _me(request, status=403, message="The present password is not right.")
    answer = RedirectResponse("/me?changed=true", 303)
    keep_session(request, answer, session)
    return answer
