"""Pages for the supervisor: the accounts, their roles and limits, links for a password, tokens."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import FormData

from models.document_types import document_types
from models.errors import Conflict, InvalidValue
from models.messages import say
from models.roles import Role, Scope
from pipeline import accounts
from pipeline.accounts.people import INVITED_HOURS
from pipeline.accounts.tokens import DAYS
from pipeline.review.access import about_accounts, form_of, text_of
from pipeline.review.screen import page, store_of, visitor_of

router = APIRouter(prefix="/accounts", dependencies=about_accounts)
INBOX = "(inbox)"
"""How people write the station of what lies directly in the inbox."""
Sent = Annotated[FormData, Depends(form_of)]


def stations_of(lines: list[str]) -> frozenset[str] | None:
    """Station names as people write them; None where there is none, for all stations."""
    names = frozenset("" if line.strip() == INBOX else line.strip() for line in lines if line.strip())
    return names or None


def _path(name: str) -> str:
    return f"/accounts/of/{quote(name, safe='')}"


def _rights(form: FormData) -> tuple[frozenset[Role], Scope]:
    roles = frozenset(Role(one) for one in map(str, form.getlist("role")) if one in set(Role))
    types = None if "all_types" in form else frozenset(map(str, form.getlist("type")))
    return roles, Scope(types, stations_of(text_of(form, "stations").splitlines()))


@router.get("")
def listed(request: Request) -> Response:
    """All accounts."""
    return page(request, "accounts.html", rows=accounts.accounts(store_of(request)), types=_types())


def _types() -> dict[str, str]:
    return {name: kind.title["en"] for name, kind in document_types().items()}


# ---- a new one


@router.get("/new")
def new(request: Request) -> Response:
    """The form for a new account."""
    return _form(request, frozenset({Role.REVIEWER}), Scope())


@router.post("/new")
def add(request: Request, form: Sent) -> Response:
    """Make an account and show the link with which its person chooses a password."""
    store, actor = store_of(request), visitor_of(request).name
    roles, scope = _rights(form)
    name, title = text_of(form, "name"), text_of(form, "title")
    try:
        account = accounts.add(store, name, title=title, roles=roles, scope=scope, actor=actor)
    except (InvalidValue, Conflict) as error:
        problems = error.problems if isinstance(error, InvalidValue) else {"name": str(error)}
        typed = {"name": name, "title": title}
        return _form(request, roles, scope, status=422, message=str(error), problems=problems, typed=typed)
    return _one(request, account.name, link=_link(request, account.name))


def _form(request: Request, roles: frozenset[Role], scope: Scope, *, status: int = 200, **more: Any) -> Response:
    context = {"message": "", "problems": {}, "typed": {"name": "", "title": ""}} | more
    return page(
        request, "account_new.html", status=status, roles=roles, scope=scope, types=_types(), inbox=INBOX, **context
    )


# ---- one of them


@router.get("/of/{name}")
def one(request: Request, name: str, saved: bool = False) -> Response:
    """One account."""
    return _one(request, name, saved=saved)


def _one(request: Request, name: str, *, status: int = 200, **more: Any) -> Response:
    store = store_of(request)
    account = accounts.account_named(store, name)
    context = {"message": "", "problems": {}, "saved": False, "link": "", "token": ""} | more
    context = {"roles": account.roles, "scope": account.scope, "title": account.title} | context
    return page(
        request,
        "account.html",
        status=status,
        account=account,
        path=_path(account.name),
        tokens=accounts.tokens(store, account.name),
        types=_types(),
        inbox=INBOX,
        hours=INVITED_HOURS,
        days=DAYS,
        **context,
    )


@router.post("/of/{name}")
def change(request: Request, name: str, form: Sent) -> Response:
    """Change its display name, roles and limits."""
    roles, scope = _rights(form)
    title = text_of(form, "title")
    try:
        accounts.change(store_of(request), name, actor=visitor_of(request).name, title=title, roles=roles, scope=scope)
    except (InvalidValue, Conflict) as error:
        problems = error.problems if isinstance(error, InvalidValue) else {}
        typed = {"roles": roles, "scope": scope, "title": title}
        return _one(request, name, status=422, message=str(error), problems=problems, **typed)
    return RedirectResponse(f"{_path(name)}?saved=true", 303)


@router.post("/of/{name}/disabled")
def disable(request: Request, name: str, form: Sent) -> Response:
    """Disable an account, which signs it out everywhere, or enable it again."""
    disabled = text_of(form, "disabled") == "yes"
    try:
        accounts.change(store_of(request), name, actor=visitor_of(request).name, disabled=disabled)
    except Conflict as error:
        return _one(request, name, status=409, message=str(error))
    return RedirectResponse(f"{_path(name)}?saved=true", 303)


@router.post("/of/{name}/invite", dependencies=[Depends(form_of)])
def invite(request: Request, name: str) -> Response:
    """Show a one-time link with which the person chooses a new password."""
    return _one(request, name, link=_link(request, name))


def _link(request: Request, name: str) -> str:
    store = store_of(request)
    base = store.settings.desk_url or str(request.base_url)
    return f"{base.rstrip('/')}/welcome?key={accounts.invite(store, name, actor=visitor_of(request).name)}"


# ---- tokens of one of them


@router.post("/of/{name}/tokens")
def issue(request: Request, name: str, form: Sent) -> Response:
    """Show a new token, once."""
    days, role = text_of(form, "days"), text_of(form, "role")
    try:
        if role not in set(Role):
            raise InvalidValue(say("Choose a role for the token."), {"role": say("Choose one.")})
        token = accounts.issue_token(
            store_of(request),
            name,
            text_of(form, "token"),
            Role(role),
            days=int(days) if days.isdecimal() and len(days) < 6 else 0,
            actor=visitor_of(request).name,
        )
    except InvalidValue as error:
        return _one(request, name, status=422, message=str(error), problems=error.problems)
    return _one(request, name, token=token)


@router.post("/of/{name}/tokens/{token_id}/revoke", dependencies=[Depends(form_of)])
def revoke(request: Request, name: str, token_id: int) -> Response:
    """End a token."""
    accounts.revoke_token(store_of(request), token_id, actor=visitor_of(request).name, account=name)
    return RedirectResponse(f"{_path(name)}?saved=true", 303)
