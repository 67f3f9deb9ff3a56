"""The pages of the desk: queue, lists, one document and what is decided on it."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.datastructures import FormData

from models.errors import Blocked, Conflict, Forbidden, InvalidValue, NotFound
from models.messages import Message, say
from models.records import LINE_ITEM_COLUMNS, Box, Finding
from models.roles import Right
from models.states import State
from models.tables import DocumentRow
from pipeline.accounts import Visitor, is_visible
from pipeline.rearrange import links
from pipeline.review import queue
from pipeline.review.access import about_documents, form_of, supervising
from pipeline.review.access import text_of as _text
from pipeline.review.api import told_of
from pipeline.review.described import After, Before
from pipeline.review.effort import Effort, looks, understood
from pipeline.review.four_eyes import first_of
from pipeline.review.history import history
from pipeline.review.local import shown_cell, shown_lines
from pipeline.review.places import Place
from pipeline.review.rearranging import asks_password, has_sheets
from pipeline.review.records import ReviewDocument, ReviewLine, blocking
from pipeline.review.screen import STATE_TITLES, page, store_of, types_for, visitor_of
from pipeline.review.stored import decision_of
from pipeline.review.typed import as_typed
from pipeline.store import Store, record

router = APIRouter(dependencies=about_documents)
_PAGE_ROWS = 50
_IN_PLACE = "x-in-place"  # sent by a script of ours that shows the next document, or objections, on the same page


# ---- lists


@router.get("/")
def home(request: Request, after: After = 0, done: int = 0, told: int = 0) -> Response:
    """The queue."""
    store, scope = store_of(request), visitor_of(request).scope
    rows = queue.waiting(store, _PAGE_ROWS, after, scope)
    return page(
        request,
        "queue.html",
        rows=rows,
        counts=queue.counts(store, scope),
        more=rows[-1].id if len(rows) == _PAGE_ROWS else None,
        notice=_notice(request, done, told),
    )


@router.get("/aside")
def aside(request: Request, everybody: bool = False, after: After = 0) -> Response:
    """What one has put aside; a supervisor may look at everybody's."""
    store, visitor = store_of(request), visitor_of(request)
    everybody = everybody and visitor.may(Right.SUPERVISE)
    rows = queue.put_aside_by(store, None if everybody else visitor.name, _PAGE_ROWS, after, visitor.scope)
    more = rows[-1][0] if len(rows) == _PAGE_ROWS else None
    return page(
        request,
        "aside.html",
        rows=rows,
        facts=queue.facts_of(store, [document_id for document_id, *_ in rows]),
        counts=queue.counts(store, visitor.scope),
        more=more,
        everybody=everybody,
    )


@router.get("/documents")
def listed(request: Request, state: State = State.LOADED, before: Before = None) -> Response:
    """The documents in one state, the newest first."""
    store, scope = store_of(request), visitor_of(request).scope
    rows = queue.documents(store, state, _PAGE_ROWS, before, scope)
    return page(
        request,
        "documents.html",
        rows=rows,
        counts=queue.counts(store, scope),
        state=state.value,
        more=rows[-1].id if len(rows) == _PAGE_ROWS else None,
    )


@router.get("/next")
def next_document(request: Request, after: After = 0, done: int = 0, told: int = 0) -> Response:
    """Claim the most urgent document that is free, and show it."""
    visitor = visitor_of(request)
    if not visitor.may(Right.DECIDE):
        raise Forbidden(say("Your account may look at documents, but not decide on them."))
    return _onward(request, after=after, done=done, told=told)


def _onward(request: Request, *, after: int = 0, done: int = 0, told: int = 0) -> Response:
    """On to the next document, or to the queue where nothing is free; with a word about the one before."""
    visitor = visitor_of(request)
    found = queue.claim_next(store_of(request), visitor.name, after, visitor.scope)
    said = urlencode({name: value for name, value in (("done", done), ("told", told)) if value})
    where = "/" if found is None else f"/documents/{found}"
    address = f"{where}?{said}" if said else where
    if found is None or _IN_PLACE not in request.headers:
        return RedirectResponse(address, 303)
    shown = queue.open_document(store_of(request), found)
    # without the way to the browser and back
    answer = _desk(request, shown, mine=True, notice=_notice(request, done, told))
    answer.headers["Content-Location"] = address
    return answer


def _notice(request: Request, done: int, told: int) -> dict[str, Any] | None:
    """What the document before became: asked from the database, so that no link can make the desk say things."""
    document_id, store = done or told, store_of(request)
    if not document_id:
        return None
    with store.reading() as session:
        if not is_visible(session, document_id, visitor_of(request).scope):
            return None
        row = session.get_one(DocumentRow, document_id)
        decided, first = decision_of(session, document_id), first_of(session, document_id)
    if decided is None and first is None:
        return None
    visitor = visitor_of(request)
    by = decided.by if decided else first.by if first else ""
    back = by == visitor.name and visitor.may(Right.DECIDE) and row.state != State.LOADED
    shown = {"id": document_id, "name": row.name, "version": row.version, "back": back}
    return shown | {"decided": decided, "first": first, "again": bool(told)}


# ---- one document


@router.get("/documents/{document_id}")
def document(
    request: Request,
    document_id: int,
    as_type: Annotated[str | None, Query(alias="type")] = None,
    done: int = 0,
    told: int = 0,
) -> Response:
    """The page and the form; claims the document where it waits and is free."""
    store, visitor = store_of(request), visitor_of(request)
    _within(visitor, as_type)
    mine = visitor.may(Right.DECIDE) and queue.claim(store, document_id, visitor.name)
    shown = queue.open_document(store, document_id, as_type)
    if not mine:
        with store.transaction() as session:  # whoever claims it is in the ledger as such
            record(session, document_id, visitor.name, "looked-at")
    return _desk(request, shown, mine=mine, notice=_notice(request, done, told))


def _within(visitor: Visitor, type_name: str | None) -> None:
    """A type that one may not see can't be tried on, nor a document be moved there."""
    if type_name is not None and not visitor.scope.has_type(type_name):
        raise NotFound(say("There is no such document type."))


def _desk(request: Request, shown: ReviewDocument, *, mine: bool, status: int = 200, **more: Any) -> HTMLResponse:
    store, visitor = store_of(request), visitor_of(request)
    context: dict[str, Any] = {
        "typed": {},
        "places": {},
        "problems": {},
        "findings": shown.findings,
        "against": blocking(shown.findings, shown.findings),
        "refused": False,
        "message": "",
        "reason": "",
        "override": "",
        "effort": "",
        "notice": None,
        "lines": shown_lines(shown.line_items),
        "seen": "",
    } | more
    return page(
        request,
        "document.html",
        twins=_twins(store, visitor, (*context["findings"], *context["against"])),
        status=status,
        document=shown,
        mine=mine,
        types=types_for(visitor),
        made=links(store, shown.id, visitor.scope),
        asks_password=asks_password(store, shown.id),
        has_sheets=has_sheets(shown),
        problem="",
        lease=store.settings.review_lease_seconds,
        until=queue.held_until(store, shown.id, visitor.name) if mine else None,
        aside_hours=store.settings.put_aside_hours,
        looks=looks(store, shown.id) if visitor.may(Right.SUPERVISE) else (),
        **context,
    )


def _twins(store: Store, visitor: Visitor, findings: tuple[Finding, ...]) -> dict[str, int]:
    """The document that a finding calls loaded already, by what the finding says, where the visitor may see it."""
    messages = [one.message for one in findings if one.code == "duplicate" and isinstance(one.message, Message)]
    named = {message: int(message.values["holder"]) for message in messages if "holder" in message.values}
    if not named:
        return {}
    with store.reading() as session:
        return {message: twin for message, twin in named.items() if is_visible(session, twin, visitor.scope)}


@router.post("/documents/{document_id}")
def decided(request: Request, document_id: int, form: Annotated[FormData, Depends(form_of)]) -> Response:
    """Whatever the page of a document can send; on an objection the same page with what was typed and what is wrong."""
    name, action = visitor_of(request).name, _text(form, "action")
    _within(visitor_of(request), _text(form, "type") or None)
    try:
        return _done(request, document_id, form, action)
    except Conflict as error:
        return _second(request, document_id, name, error, form)
    except (InvalidValue, Blocked) as error:
        return _objected(request, document_id, form, error)


def _done(request: Request, document_id: int, form: FormData, action: str) -> Response:
    """Do what the form asks; the exceptions are those of `pipeline.review.queue`."""
    store, name = store_of(request), visitor_of(request).name
    version, cost = _number(_text(form, "version")), understood(_text(form, "effort"))
    here = RedirectResponse(f"/documents/{document_id}", 303)
    if action in ("recall", "priority"):
        supervising(request)
    match action:
        case "skip":
            queue.release(store, document_id, name, cost)
            return _onward(request, after=document_id)
        case "put-aside":
            queue.put_aside(store, document_id, version, name, _text(form, "note"), cost)
            return _onward(request, after=document_id)
        case "bring-back":
            queue.bring_back(store, document_id, name)
            return RedirectResponse("/aside", 303) if "list" in form else here
        case "comment":
            queue.comment(store, document_id, name, _text(form, "text"))
            return here
        case "priority":
            queue.prioritise(store, document_id, _number(_text(form, "priority")), name)
            return here
        case "recall":
            queue.recall(store, document_id, version, name, _text(form, "reason"))
            return here
        case "take-back":
            queue.take_back(store, document_id, version, name)
            return here
        case "reject":
            queue.decide_reject(store, document_id, version, name, _text(form, "reason"), cost)
        case _:
            _accept(request, document_id, version, form, cost)
    return _onward(request, done=document_id)


def _accept(request: Request, document_id: int, version: int, form: FormData, cost: Effort | None) -> None:
    override = _text(form, "override")
    queue.decide_accept(
        store_of(request),
        document_id,
        version,
        visitor_of(request).name,
        _typed(form),
        _rows(_typed_lines(form)) if "lines" in form else None,
        type_name=_text(form, "type") or None,
        load_anyway="load_anyway" in form or bool(override.strip()),
        override=override,
        cost=cost,
        places=_places(form),
    )


def _objected(request: Request, document_id: int, form: FormData, error: InvalidValue | Blocked) -> Response:
    store, type_name = store_of(request), _text(form, "type") or None
    lines = _typed_lines(form)
    said = queue.check_typed(store, document_id, _typed(form), _rows(lines) if "lines" in form else None, type_name)
    in_fields = (said.problems or said.against) and not any("." in name for name in said.problems)
    if _IN_PLACE in request.headers and _text(form, "action") == "accept" and in_fields:  # rows are told by the page
        return JSONResponse(told_of(said).model_dump(mode="json"), 422)
    shown = queue.open_document(store, document_id, type_name)
    blocked = isinstance(error, Blocked)
    if isinstance(error, InvalidValue):
        problems = error.problems
    else:
        problems = {name: one.message for one in said.against for name in one.fields}
    return _desk(
        request,
        shown,
        mine=shown.held_by == visitor_of(request).name,
        status=422,
        problems=problems,
        findings=said.findings if blocked else shown.findings,
        against=said.against,
        refused=blocked or "override" in problems,
        message="" if blocked else str(error),
        reason=_text(form, "reason"),
        **_kept(form, shown, lines),
    )


def _typed(form: FormData) -> dict[str, str]:
    return {key.removeprefix("field."): _text(form, key) for key in form if key.startswith("field.")}


def _places(form: FormData) -> dict[str, Place]:
    """Where values were taken from, by field; names are ``place.FIELD``."""
    sent = {key.removeprefix("place."): Place.parse(_text(form, key)) for key in form if key.startswith("place.")}
    return {name: place for name, place in sent.items() if place is not None}


def _rows(lines: tuple[ReviewLine, ...]) -> list[dict[str, Any]]:
    return [{**line.cells, "origin": line.origin, "place": line.place} for line in lines]


def _kept(form: FormData, shown: ReviewDocument, lines: tuple[ReviewLine, ...]) -> dict[str, Any]:
    """What was typed and seen, for the page that comes back."""
    return {
        "typed": _typed(form),
        "places": {name: _text(form, f"place.{name}") for name in _places(form)},
        "lines": _with_proof(lines, shown.line_items) if "lines" in form else shown_lines(shown.line_items),
        "seen": _text(form, "seen"),
        "override": _text(form, "override"),
        "effort": _text(form, "effort") if understood(_text(form, "effort")) else "",
    }


def _second(request: Request, document_id: int, name: str, error: Conflict, form: FormData) -> Response:
    """Tell who comes second. One's own second click goes on to the next document, with a word about it.

    While the document is still waiting, what was typed stays on the screen.
    """
    store = store_of(request)
    with store.reading() as session:
        before = decision_of(session, document_id) or first_of(session, document_id)
    if before is not None and before.by == name:
        return _onward(request, told=document_id)
    mine = queue.claim(store, document_id, name)
    shown = queue.open_document(store, document_id, _text(form, "type") or None)
    kept: dict[str, Any] = {}
    if shown.state == State.REVIEW and any(key.startswith("field.") for key in form):
        kept = _kept(form, shown, _typed_lines(form))
        error = Conflict(say("{error} What you typed stands below, and is not saved.", error=error))
    return _desk(request, shown, mine=mine, status=409, message=str(error), **kept)


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 10 else -1


def _typed_lines(form: FormData) -> tuple[ReviewLine, ...]:
    """The rows of the line item table as typed, without empty ones; names are ``line.NUMBER.COLUMN``.

    ``line.NUMBER.origin`` is the place that a row had as it was read, ``line.NUMBER.place`` where on a page somebody
    read it from.
    """
    rows: dict[int, dict[str, str]] = {}
    for key in form:
        head, _, rest = key.partition(".")
        number, _, column = rest.partition(".")
        if head == "line" and column in LINE_ITEM_COLUMNS and _number(number) >= 0:
            rows.setdefault(_number(number), dict.fromkeys(LINE_ITEM_COLUMNS, ""))[column] = _text(form, key)
    held = [(number, cells) for number, cells in rows.items() if any(text.strip() for text in cells.values())]
    origins = [_number(_text(form, f"line.{number}.origin")) for number, _ in held]
    return tuple(
        ReviewLine(position, cells, origin if origin >= 0 else None, *_place(_text(form, f"line.{number}.place")))
        for position, ((number, cells), origin) in enumerate(zip(held, origins, strict=True))
    )


def _place(text: str) -> tuple[int | None, Box | None]:
    place = Place.parse(text)
    return (None, None) if place is None else (place.page, place.box)


def _with_proof(typed: tuple[ReviewLine, ...], shown: tuple[ReviewLine, ...]) -> tuple[ReviewLine, ...]:
    """The typed rows with the place on the page, and the doubt, of what they were; a corrected row is in no doubt."""
    lines = []
    for line in typed:
        if line.origin is None or line.origin >= len(shown):
            lines.append(replace(line, origin=None))
            continue
        before = shown[line.origin]
        same = all(
            as_typed(line.cells[column]) in (as_typed(before.cells[column]), shown_cell(column, before.cells[column]))
            for column in LINE_ITEM_COLUMNS
        )
        lines.append(replace(line, page=before.page, box=before.box, doubtful=before.doubtful and same))
    return tuple(lines)


@router.get("/documents/{document_id}/history")
def happened(request: Request, document_id: int) -> Response:
    """All that the ledger says about a document, and the row that it became."""
    told, became = history(store_of(request), document_id)
    return page(request, "history.html", document_id=document_id, history=told, became=became)


assert set(STATE_TITLES) == {state.value for state in State}
