"""Who may look: the access key, sessions, the throttle and the headers of every answer.

Threat: any page that the reviewer's browser visits, and any program or account of the same machine, can send
requests to a loopback port. So everything but the log-in and the style sheet needs the key that stands in
``desk.key`` in the home (readable by its owner alone); a session is a cookie that other sites can't cause to be
sent, and every form carries a token of its session. Accepted for this first cut: whoever has the key may take
any reviewer's name; accounts and roles come with the real desk.
"""

from __future__ import annotations

import base64
import getpass
import hashlib
import hmac
import json
import logging
import re
import secrets
import threading
from collections import deque
from dataclasses import dataclass
from pathlib import Path

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pipeline.store import clock, secret

COOKIE = "podatelna"
SESSION_SECONDS = 12 * 3600
NAME_LENGTH = 48
_MACHINE_NAMES = frozenset({"machine", "intake", "housekeeping", "operator"})  # the ledger's other actors
_TRIES, _TRY_SECONDS = 5, 60.0
_FORM_BYTES, _LOGIN_BYTES = 4 * 1024 * 1024, 16 * 1024
_OPEN = ("/login", "/static/")

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who sends a request. ``csrf`` is the token that forms must send back; empty for a bearer of the key."""

    name: str
    csrf: str


def clean_name(text: str) -> str:
    """A reviewer's name as typed: one line, no control characters, at most `NAME_LENGTH` long; may be empty.

    Nobody signs the ledger as the machine.
    """
    name = " ".join("".join(char if char.isprintable() else " " for char in text).split())[:NAME_LENGTH].strip()
    return f"{name} (person)" if name.casefold() in _MACHINE_NAMES else name


def default_name() -> str:
    """The name of the account that runs the desk."""
    try:
        return clean_name(getpass.getuser()) or "reviewer"
    except (KeyError, OSError):  # no such account, as in some containers
        return "reviewer"


class Keys:
    """The access key of a home, and the sessions that it signs. A new key ends all sessions."""

    def __init__(self, path: Path) -> None:
        self._key = secret(path).encode()
        self._failures: deque[float] = deque(maxlen=_TRIES)
        self._lock = threading.Lock()

    def opens(self, typed: str) -> bool | None:
        """Whether ``typed`` is the key; None, without looking, after five wrong ones within a minute."""
        now = clock.now().timestamp()
        with self._lock:
            if len(self._failures) == _TRIES and 0 <= now - self._failures[0] < _TRY_SECONDS:
                return None
            if hmac.compare_digest(typed.strip().encode(), self._key):
                return True
            self._failures.append(now)
            return False

    def _sign(self, purpose: str, text: str) -> str:
        return hmac.new(self._key, f"{purpose}:{text}".encode(), hashlib.sha256).hexdigest()

    def session(self, name: str) -> str:
        """A new session of a reviewer, as the value of the cookie."""
        content = json.dumps([name, int(clock.now().timestamp()), secrets.token_urlsafe(16)]).encode()
        text = base64.urlsafe_b64encode(content).decode()
        return f"{text}.{self._sign('session', text)}"

    def visitor(self, cookie: str) -> Visitor | None:
        """Whose session a cookie is; None where it is not ours or has run out."""
        text, _, signature = cookie.rpartition(".")
        if not hmac.compare_digest(signature.encode(), self._sign("session", text).encode()):
            return None
        name, begun, _nonce = json.loads(base64.urlsafe_b64decode(text))
        if not 0 <= clock.now().timestamp() - begun < SESSION_SECONDS:
            return None
        return Visitor(name, self._sign("csrf", text))


class Guard:
    """ASGI middleware: no session or key, no answer; and the headers of every answer.

    Puts the `Visitor` into ``request.state.visitor``. Pages are sent to the log-in, the API gets 401.
    """

    def __init__(self, app: ASGIApp, keys: Keys) -> None:
        self.app = app
        self.keys = keys

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        path: str = scope["path"]

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers[name] = value
                if not path.startswith("/static/"):
                    headers["Cache-Control"] = "no-store"
            await send(message)

        connection = HTTPConnection(scope)
        answer: ASGIApp = self.app
        refusal = _too_large(connection, path)
        visitor = None if refusal else self._visitor(connection)
        scope.setdefault("state", {})["visitor"] = visitor
        if refusal:
            answer = PlainTextResponse("The request is too large.", refusal)
        elif visitor is None and not path.startswith(_OPEN) and not (path == "/" and "key" in connection.query_params):
            if path.startswith("/api/"):
                answer = JSONResponse(
                    {"code": "sign-in", "message": "Send the key of desk.key as a bearer token."},
                    401,
                    {"WWW-Authenticate": "Bearer"},
                )
            else:
                answer = RedirectResponse("/login", 303)
        await answer(scope, receive, send_with_headers)

    def _visitor(self, connection: HTTPConnection) -> Visitor | None:
        kind, _, key = connection.headers.get("authorization", "").partition(" ")
        if kind.lower() == "bearer" and connection.url.path.startswith("/api/"):
            if self.keys.opens(key):
                return Visitor(clean_name(connection.headers.get("x-reviewer", "")) or "api", "")
            return None
        return self.keys.visitor(connection.cookies.get(COOKIE, ""))


def _too_large(connection: HTTPConnection, path: str) -> int | None:
    """The status that refuses a body: its length must be told, and be within bounds."""
    if "transfer-encoding" in connection.headers:
        return 411
    length = connection.headers.get("content-length", "0")
    limit = _LOGIN_BYTES if path.startswith(_OPEN) else _FORM_BYTES
    return None if length.isdecimal() and int(length) <= limit else 413


class KeyFilter(logging.Filter):
    """Keeps the key of ``/?key=…`` out of a server's access log."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Mask the key in the record's arguments; every record stays."""
        if isinstance(record.args, tuple):
            record.args = tuple(
                re.sub(r"([?&]key=)[^&\s]*", r"\1***", arg) if isinstance(arg, str) else arg for arg in record.args
            )
        return True
