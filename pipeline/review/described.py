"""What ``/api/openapi.json`` tells a program besides the routes: the way in, errors, paging, parameters, examples."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Path, Query
from fastapi.routing import APIRoute
from pydantic import BaseModel
from pydantic.config import JsonDict

from models.records import Finding

ABOUT = """\
The same actions as at the desk, for programs.

**Way in.** Send `Authorization: Bearer TOKEN`; `podatelna tokens add NAME WHAT --role ROLE` makes a token. It acts for
its account, in its role, and sees only the document types and stations of that account: of all else the answer is 404.
A browser that is signed in may ask too, and sends its form token as `X-CSRF-Token` with all that changes something.

**The loop.** `POST /api/next` holds the most urgent document for you, `GET /api/documents/{id}` shows it,
`POST .../check` weighs what you would send, and `POST .../accept` or `.../reject` decides, with the `version` that you
saw. A document is held for some minutes; `POST .../claim` holds it longer, `POST .../release` gives it back.

**Errors.** Every refusal is a `Problem`: a `code` that stays, and a sentence for people. 409 means that you were not
alone: look at the document again. 422 names the fields in `problems`, or what the checks object to in `findings`.
A request that does not fit this description gets 422 with `detail` instead. 503: try again later; a
decision that was kept though its answer got lost is told by 409 then.

**Forms.** Amounts `1234.50`, dates `2026-11-23`, moments in UTC, boxes `[x0, y0, x1, y1]` in points (1/72 inch) from
the top left of the upright page. Lists go on with the last id that you got.
"""
TAGS = [
    {"name": "review", "description": "What waits, what was found in it, and decisions on it."},
    {"name": "pages", "description": "Pages into other documents: turn, split, join, leave out; locked files."},
    {"name": "files", "description": "The bytes: the file as it was dropped, and pictures of its pages."},
]

LARGEST = 2**63 - 1
"""The largest number that both databases know."""

DocumentId = Annotated[int, Path(description="The id of a document, as lists and searches tell it.", examples=[17])]
PageNumber = Annotated[int, Path(le=LARGEST, description="The number of the page in its file, from 1.", examples=[1])]
FieldName = Annotated[str, Path(description="The name of a field of the document's type.", examples=["gross_total"])]
Limit = Annotated[int, Query(ge=1, le=500, description="At most so many.")]
After = Annotated[int, Query(ge=0, le=LARGEST, description="The last id of the page before; 0 for the first page.")]
Before = Annotated[int | None, Query(ge=0, le=LARGEST, description="The last id of the page before.")]


class Problem(BaseModel):
    """Why something was refused: ``code`` stays the same between versions, ``message`` is for people.

    ``problems`` has a message by field (``line_items.2.quantity`` for a cell), ``findings`` what the checks object to.
    """

    code: str
    message: str
    problems: dict[str, str] | None = None
    findings: list[Finding] | None = None


class Misfit(BaseModel):
    """What of a request does not fit this description; each entry has the place (``loc``) and what is wrong there."""

    detail: list[dict[str, Any]]


def _problem(description: str, **example: Any) -> dict[str, Any]:
    return {
        "model": Problem,
        "description": description,
        "content": {"application/json": {"example": example}},
    }


_CONFLICT = _problem(
    "Somebody else decided on it, holds it or has changed it: look at it again.",
    code="conflict",
    message="This document was changed since you opened it. Look at it again.",
)
_INVALID = _problem(
    "A value has no normal form, a check objects, or the request does not fit this description.",
    code="invalid-value",
    message="Some values can't be understood; see the marked fields.",
    problems={"gross_total": "This is no amount."},
) | {"model": Problem | Misfit}
ANSWERS: dict[int | str, dict[str, Any]] = {
    401: _problem(
        "No token and no session, or one that has run out.",
        code="sign-in",
        message="Send a token as a bearer; `podatelna tokens add` makes one.",
    ),
    403: _problem(
        "The account may see the document, but not do this.",
        code="forbidden",
        message="Your account may look at documents, but not decide on them.",
    ),
    404: _problem(
        "There is no such document for this account.", code="not-found", message="There is no such document."
    ),
    409: _CONFLICT,
    422: _INVALID,
    503: _problem(
        "The database or the disk does not answer; what was not kept yet is as before.",
        code="store",
        message="The database does not answer. Try again in a moment.",
    ),
}
"""What the API may answer to any request."""
TOO_MANY: dict[int | str, dict[str, Any]] = {
    429: _problem("Too many wrong tries.", code="too-many-tries", message="Too many tries. Wait 30 seconds.")
}
PNG: dict[int | str, dict[str, Any]] = {200: {"description": "A picture.", "content": {"image/png": {}}}}
BYTES: dict[int | str, dict[str, Any]] = {
    200: {"description": "The bytes as they were dropped.", "content": {"application/octet-stream": {}}}
}


def operation_id(route: APIRoute) -> str:
    """A name for a client's function, of the method and the end of the path: ``post_accept``, ``get_documents``."""
    parts = route.path.removeprefix("/api").strip("/").split("/")
    named = [part for part in parts if not part.startswith("{")]
    last = named[-1] if parts[-1] == named[-1] else named[-1].removesuffix("s")
    return f"{min(route.methods or {''}).lower()}_{last}".replace("-", "_")


def example(**values: Any) -> JsonDict:
    """For a model's ``json_schema_extra``: what is sent for instance."""
    return {"examples": [values]}
