"""The review desk: a small web page over `pipeline.review.queue`, for one office.

Bind it to a loopback address, and put a proxy that speaks TLS in front of it (``desk_url``) where others are to reach
it. See `pipeline.review.guard` and `pipeline.accounts` for the threat and what stands against it.
"""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

from fastapi import FastAPI, Request
from fastapi.exception_handlers import http_exception_handler
from fastapi.responses import JSONResponse, Response
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.staticfiles import StaticFiles

from models.errors import (
    Blocked,
    Conflict,
    Forbidden,
    InvalidValue,
    NotFound,
    PodatelnaError,
    SignInRefused,
    TooManyTries,
    UnreadableDocument,
)
from models.messages import say
from models.roles import EVERYTHING
from models.settings import Settings
from pipeline.accounts import nobody_yet
from pipeline.accounts.passwords import fits
from pipeline.review import ahead, api, choices, described, downloads, languages, manage, overview, pages, sign_in, why
from pipeline.review.figures import Kept
from pipeline.review.guard import STATIC, Guard, KeyFilter
from pipeline.review.images import Renditions
from pipeline.review.reader import Reader
from pipeline.review.rearranging import api as rearranging_api
from pipeline.review.rearranging import router as rearranging_router
from pipeline.review.screen import compile_templates, page
from pipeline.store import Store, secret
from pipeline.tools import cage

_STATUS: dict[type[PodatelnaError], int] = {
    TooManyTries: 429,  # before what it is a kind of
    SignInRefused: 403,
    Forbidden: 403,
    NotFound: 404,
    Conflict: 409,
    InvalidValue: 422,
    Blocked: 422,
    UnreadableDocument: 422,
}


def _tell(request: Request, error: Exception) -> Response:
    """The one place that turns our exceptions into answers."""
    assert isinstance(error, PodatelnaError)
    status = next((status for kind, status in _STATUS.items() if isinstance(error, kind)), 503)
    if not request.url.path.startswith("/api/"):
        return page(request, "message.html", status=status, message=str(error))
    body: dict[str, object] = {"code": error.code, "message": languages.tell(str(error))}
    if isinstance(error, InvalidValue):
        body["problems"] = {name: languages.tell(problem) for name, problem in error.problems.items()}
    if isinstance(error, Blocked):
        body["findings"] = [
            {"code": one.code, "severity": one.severity, "message": one.message, "fields": one.fields}
            for one in error.findings
        ]
    return JSONResponse(body, status)


async def _nowhere(request: Request, error: Exception) -> Response:
    """What is said of an address that there is not: to people by a page."""
    assert isinstance(error, HTTPException)
    path = request.url.path
    if error.status_code != 404 or path.startswith(("/api/", "/static/")):
        return await http_exception_handler(request, error)
    return page(request, "message.html", status=404, message=say("There is no such page."))


def address(settings: Settings, path: str = "/") -> str:
    """Where browsers find the desk."""
    return (settings.desk_url or f"http://{settings.host}:{settings.desk_port}").rstrip("/") + path


def way_in(store: Store) -> tuple[str, bool]:
    """The address of the desk, and whether it is one that makes the first account: then it is not for logs."""
    if nobody_yet(store):
        return address(store.settings, f"/welcome?key={secret(sign_in.first_key_path(store.settings))}"), True
    return address(store.settings), False


def _warm(figures: Kept) -> None:
    """What the first request would wait for: templates, the cage, the hash that unknown names are compared with.

    The supervisor's figures, too, which take a second on a million documents.
    """
    fits("", None)
    compile_templates()
    cage.warm()
    with contextlib.suppress(PodatelnaError, SQLAlchemyError):  # whoever opens the page is told
        figures.of(EVERYTHING)


def create_app(settings: Settings) -> FastAPI:
    """The desk of one home as an ASGI application; it opens the store at once and closes it at shutdown.

    Raises:
        StoreUnavailable: the database can't be reached or is newer than we are.
    """
    store = Store.open(settings)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        threading.Thread(target=_warm, args=(app.state.figures,), name="warm", daemon=True).start()
        yield
        store.close()

    named = urlsplit(settings.desk_url).hostname
    hosts = sorted({"127.0.0.1", "localhost", settings.host} | ({named} if named else set()))
    app = FastAPI(
        title="Podatelna review desk",
        version="1",
        description=described.ABOUT,
        openapi_tags=described.TAGS,
        generate_unique_id_function=described.operation_id,
        openapi_url="/api/openapi.json",
        docs_url=None,  # its page loads scripts from elsewhere
        redoc_url=None,
        lifespan=lifespan,
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=hosts), Middleware(Guard, store=store)],
    )
    app.add_exception_handler(PodatelnaError, _tell)
    app.add_exception_handler(HTTPException, _nowhere)
    app.state.store, app.state.renditions, app.state.figures = store, Renditions(store), Kept(store)
    app.state.reader = Reader(store)
    app.mount(STATIC, StaticFiles(directory=Path(__file__).parent / "static"), name="static")
    for router in (
        sign_in.door,
        sign_in.own,
        pages.router,
        downloads.router,
        overview.router,
        why.router,
        manage.router,
    ):
        app.include_router(router, include_in_schema=False)
    app.include_router(rearranging_router, include_in_schema=False)
    app.include_router(api.router)
    app.include_router(rearranging_api)
    app.include_router(ahead.router)
    app.include_router(choices.router)
    app.include_router(downloads.api)
    logging.getLogger("uvicorn.access").addFilter(KeyFilter())
    return app
