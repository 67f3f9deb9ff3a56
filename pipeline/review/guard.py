"""The door: no session or token, no answer; what other sites may not cause; and the headers of every answer.

Threat: any page that the reviewer's browser visits, and any program or account of the same machine, can send
requests to a loopback port. So everything but the sign-in and the style sheet needs the session of an account or
a token; a session is a cookie that other sites can't cause to be sent, every form carries a token of its session,
and a request that a browser says another site made changes nothing. What an account may see and do is asked
behind this door, in `pipeline.review.access`.
"""

from __future__ import annotations

import hashlib
import logging
import re
from pathlib import Path
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from models.errors import StoreUnavailable
from pipeline.accounts import Visitor, visitor_of_session, visitor_of_token
from pipeline.review import languages
from pipeline.store import Store

COOKIE = "podatelna"
BROWSER_COOKIE = "podatelna-browser"
LANGUAGE_COOKIE = "podatelna-language"
_BROWSER_SECONDS = 180 * 86_400
_FORM_BYTES, _SIGN_IN_BYTES = 4 * 1024 * 1024, 16 * 1024
_FILES = sorted(one for one in (Path(__file__).parent / "static").iterdir() if one.is_file())
STATIC = f"/static/{hashlib.sha256(b''.join(one.read_bytes() for one in _FILES)).hexdigest()[:12]}"
"""Where pages find scripts and styles."""
OPEN = ("/login", "/welcome", "/static/")

_HEADERS = {
    "Content-Security-Policy": (
        # pictures that a script of ours has fetched ahead are shown from its memory (blob)
        "default-src 'self'; img-src 'self' blob:; object-src 'none'; base-uri 'none'; "
        "form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


def _kept(path: str) -> str:
    """How long a browser may keep an answer: only our own scripts and styles, whose address changes with them."""
    return "public, max-age=31536000, immutable" if path.startswith(STATIC) else "no-store"


def _is_tls(connection: HTTPConnection) -> bool:
    return connection.url.scheme == "https"


def _name(connection: HTTPConnection, name: str) -> str:
    return f"__Host-{name}" if _is_tls(connection) else name  # the prefix needs TLS (RFC 6265bis, 4.1.3.2)


def cookie(connection: HTTPConnection, name: str) -> str:
    """What the browser sent as one of our cookies; empty where nothing."""
    return connection.cookies.get(_name(connection, name), "")


def keep_session(request: HTTPConnection, answer: Response, secret: str) -> None:
    """Send the session's cookie. It ends with the browser; the server ends it sooner (`pipeline.accounts.sessions`)."""
    _set(request, answer, COOKIE, secret)


def keep_browser(request: HTTPConnection, answer: Response, mark: str) -> None:
    """Send the mark of a known browser, which opens nothing (see `pipeline.accounts.throttle`)."""
    _set(request, answer, BROWSER_COOKIE, mark, max_age=_BROWSER_SECONDS)


def _set(request: HTTPConnection, answer: Response, name: str, value: str, **more: Any) -> None:
    answer.set_cookie(
        _name(request, name), value, path="/", httponly=True, samesite="strict", secure=_is_tls(request), **more
    )


def keep_language(request: HTTPConnection, answer: Response, language: str) -> None:
    """Send what the sign-in page is to be in."""
    _set(request, answer, LANGUAGE_COOKIE, language, max_age=_BROWSER_SECONDS)


def drop_session(request: HTTPConnection, answer: Response) -> None:
    """Take the session's cookie away."""
    answer.delete_cookie(_name(request, COOKIE), path="/", httponly=True, samesite="strict", secure=_is_tls(request))


class Guard:
    """ASGI middleware: puts the `Visitor` into ``request.state.visitor``, or answers instead of the application.

    Pages without a session are sent to the sign-in, the API gets 401.
    """

    def __init__(self, app: ASGIApp, store: Store) -> None:
        self.app = app
        self.store = store

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        connection = HTTPConnection(scope)
        path: str = scope["path"]

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers[name] = value
                headers["Cache-Control"] = _kept(path)
                if _is_tls(connection):
                    headers["Strict-Transport-Security"] = "max-age=31536000"
            await send(message)

        scope.setdefault("state", {})["visitor"] = None
        answer = _refused(connection, scope["method"], path) or await self._unknown(connection, scope, path)
        languages.speak(_language(connection, scope["state"]["visitor"], path))
        await (answer or self.app)(scope, receive, send_with_headers)

    async def _unknown(self, connection: HTTPConnection, scope: Scope, path: str) -> Response | None:
        """The answer to someone who is not known, and may not see this without; None: go on."""
        is_api = path.startswith("/api/")
        if not path.startswith("/static/"):
            try:
                scope["state"]["visitor"] = await run_in_threadpool(self._visitor, connection, is_api)
            except StoreUnavailable as error:
                if is_api:
                    return JSONResponse({"code": error.code, "message": str(error)}, 503)
                return PlainTextResponse(str(error), 503)
        if scope["state"]["visitor"] is not None or path.startswith(OPEN):
            return None
        if is_api:
            body = {"code": "sign-in", "message": "Send a token as a bearer; `podatelna tokens add` makes one."}
            return JSONResponse(body, 401, {"WWW-Authenticate": "Bearer"})
        return RedirectResponse("/login", 303)

    def _visitor(self, connection: HTTPConnection, is_api: bool) -> Visitor | None:
        kind, _, secret = connection.headers.get("authorization", "").partition(" ")
        if is_api and kind:
            return visitor_of_token(self.store, secret.strip()) if kind.lower() == "bearer" else None
        return visitor_of_session(self.store, cookie(connection, COOKIE))


def _language(connection: HTTPConnection, visitor: Visitor | None, path: str) -> str:
    """The language to answer in: programs, which come with a token or with nothing, are answered in English."""
    if path.startswith("/api/") and (visitor is None or not visitor.csrf):
        return languages.SOURCE
    asked = connection.headers.get("accept-language", "")
    return languages.choose(visitor.language if visitor else "", cookie(connection, LANGUAGE_COOKIE), accepted=asked)


def _refused(connection: HTTPConnection, method: str, path: str) -> Response | None:
    """The answer to a body whose length is not told or out of bounds, and to what another site sends."""
    if "transfer-encoding" in connection.headers:
        return PlainTextResponse("Tell the length of the request.", 411)
    length = connection.headers.get("content-length", "0")
    limit = _SIGN_IN_BYTES if path.startswith(OPEN) else _FORM_BYTES
    if not length.isdecimal() or int(length) > limit:
        return PlainTextResponse("The request is too large.", 413)
    # Fetch Metadata (W3C): a browser tells who made the request; programs and old browsers tell nothing
    if method not in ("GET", "HEAD") and connection.headers.get("sec-fetch-site") in ("cross-site", "same-site"):
        return PlainTextResponse("This request was made by another site.", 403)
    return None


class KeyFilter(logging.Filter):
    """Keeps the secret of ``/welcome?key=…`` out of a server's access log."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Mask the key in the record's arguments; every record stays."""
        if isinstance(record.args, tuple):
            record.args = tuple(
                re.sub(r"([?&]key=)[^&\s]*", r"\1***", arg) if isinstance(arg, str) else arg for arg in record.args
            )
        return True
