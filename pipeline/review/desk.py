"""The review desk: a small web page over `pipeline.review.queue`, for one office on one machine.

Bind it to a loopback address. See `pipeline.review.guard` for the threat and what stands against it.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.staticfiles import StaticFiles

from models.errors import Blocked, Conflict, InvalidValue, NotFound, PodatelnaError, UnreadableDocument
from models.settings import Settings
from pipeline.review import api, pages
from pipeline.review.guard import Guard, KeyFilter, Keys
from pipeline.review.images import Renditions
from pipeline.review.screen import page
from pipeline.store import Store, secret
from pipeline.tools import cage

_STATUS: dict[type[PodatelnaError], int] = {
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
    body: dict[str, object] = {"code": error.code, "message": str(error)}
    if isinstance(error, InvalidValue):
        body["problems"] = error.problems
    if isinstance(error, Blocked):
        body["findings"] = [
            {"code": one.code, "severity": one.severity, "message": one.message, "fields": one.fields}
            for one in error.findings
        ]
    return JSONResponse(body, status)


def key_path(settings: Settings) -> Path:
    """Where the access key of a home stands; it is made when the desk first starts."""
    return settings.home / "desk.key"


def address(settings: Settings) -> str:
    """The desk's address with the access key in it: whoever opens it is let in. Not for logs."""
    return f"http://{settings.host}:{settings.desk_port}/?key={secret(key_path(settings))}"


def create_app(settings: Settings) -> FastAPI:
    """The desk of one home as an ASGI application; it opens the store at once and closes it at shutdown.

    Raises:
        StoreUnavailable: the database can't be reached or is newer than we are.
    """
    store = Store.open(settings)
    keys = Keys(key_path(settings))

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        threading.Thread(target=cage.warm, name="warm", daemon=True).start()  # or the first page waits for seconds
        yield
        store.close()

    hosts = sorted({"127.0.0.1", "localhost", settings.host})
    app = FastAPI(
        title="Podatelna review desk",
        version="1",
        openapi_url="/api/openapi.json",
        docs_url=None,  # its page loads scripts from elsewhere
        redoc_url=None,
        lifespan=lifespan,
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=hosts), Middleware(Guard, keys=keys)],
    )
    app.add_exception_handler(PodatelnaError, _tell)
    app.state.store, app.state.keys, app.state.renditions = store, keys, Renditions(store)
    app.mount("/static", StaticFiles(directory=Path(__file__).parent / "static"), name="static")
    app.include_router(pages.router, include_in_schema=False)
    app.include_router(api.router)
    logging.getLogger("uvicorn.access").addFilter(KeyFilter())
    return app
