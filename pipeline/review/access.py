"""What a visitor may see and do, asked once for all routes of a router.

A router is made with one of these as its dependency, so a new route in it is guarded without a thought: the
document in its path must be within the visitor's scope, else it does not exist for them (404); then the visitor
must have the right (403). What a list shows is limited by the query itself (`pipeline.accounts.visible`).
"""

from __future__ import annotations

import hmac
from typing import Any

from fastapi import Depends, Request, Security
from fastapi.security import APIKeyCookie, HTTPBearer
from starlette.datastructures import FormData

from models.errors import Conflict, Forbidden, NotFound
from models.messages import say
from models.roles import Right
from models.tables import DocumentRow
from pipeline.accounts import is_visible
from pipeline.review.guard import COOKIE
from pipeline.review.screen import store_of, visitor_of
from pipeline.store import record

_MAX_FIELDS = 20_000
_READS = ("GET", "HEAD")


def _documents(request: Request) -> None:
    """Seeing needs SEE, changing DECIDE; a document in the path must be visible."""
    visitor = visitor_of(request)
    number = request.path_params.get("document_id")
    if number is not None:
        _find(request, str(number))
    right = Right.SEE if request.method in _READS else Right.DECIDE
    if not visitor.may(right):
        raise Forbidden(say("Your account may look at documents, but not decide on them."))


def _find(request: Request, number: str) -> None:
    """Raise `NotFound` unless the document is there for this visitor; one that is kept from them is noted."""
    visitor = visitor_of(request)
    if number.isdecimal() and len(number) < 19:
        with store_of(request).reading() as session:
            if is_visible(session, int(number), visitor.scope):
                return
            kept_from = session.get(DocumentRow, int(number)) is not None
        if kept_from:
            with store_of(request).transaction() as session:
                record(session, int(number), visitor.name, "access-refused")
    raise NotFound(say("There is no such document."))


def supervising(request: Request) -> None:
    """What only supervisors may do.

    Raises:
        Forbidden: the visitor is none.
    """
    if not visitor_of(request).may(Right.SUPERVISE):
        raise Forbidden(say("Only a supervisor may do this."))


def _accounts(request: Request) -> None:
    if not visitor_of(request).may(Right.ACCOUNTS):
        raise NotFound(say("There is no such page."))


def _own(request: Request) -> None:
    visitor_of(request)


def _csrf(request: Request) -> None:
    """A browser's session must send its form token with whatever changes something; a program has no cookie."""
    visitor = visitor_of(request)
    if request.method not in _READS and visitor.csrf:
        sent = request.headers.get("x-csrf-token", "")
        if not hmac.compare_digest(sent.encode(), visitor.csrf.encode()):
            raise Conflict(say("Send the form token of the session as X-CSRF-Token."))


about_documents: list[Any] = [Depends(_documents)]
"""For routers whose routes show or change documents."""
_token = HTTPBearer(auto_error=False, scheme_name="token", description="A token of `podatelna tokens add`.")
_session = APIKeyCookie(name=COOKIE, auto_error=False, scheme_name="session", description="A browser that signed in.")
# the guard has let the caller in already; the first two say so in the API's description
about_documents_by_program: list[Any] = [Security(_token), Security(_session), Depends(_csrf), Depends(_documents)]
"""The same for the API, where the form token comes in a header."""
about_accounts: list[Any] = [Depends(_accounts)]
"""For routers that manage accounts."""
about_oneself: list[Any] = [Depends(_own)]
"""For routers that concern the visitor's own account alone."""


async def form_of(request: Request) -> FormData:
    """The form that was sent, once its token shows that our own page sent it.

    Raises:
        Conflict: the token is missing or of another session.
    """
    form = await request.form(max_fields=_MAX_FIELDS, max_files=0)
    visitor = visitor_of(request)
    if not visitor.csrf or not hmac.compare_digest(text_of(form, "csrf").encode(), visitor.csrf.encode()):
        raise Conflict(say("This form is from an older session. Go back, load the page again and repeat."))
    return form


def text_of(form: FormData, name: str) -> str:
    """A text field of a form; empty where it is missing."""
    value = form.get(name, "")
    return value if isinstance(value, str) else ""
