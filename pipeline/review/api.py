"""The same actions for programs, as JSON under ``/api``; described in ``/api/openapi.json``.

A program sends ``Authorization: Bearer TOKEN`` with a token of `podatelna tokens add`; it acts for the token's account
in the token's role. A browser's session works too; it sends its form token as ``X-CSRF-Token`` with everything that
changes something.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, replace
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from models.errors import NotFound
from models.messages import say
from models.records import LINE_ITEM_COLUMNS, Box, Finding, Word
from models.states import State
from pipeline.accounts import titles
from pipeline.explain import Explanation
from pipeline.review import languages, queue
from pipeline.review.access import about_documents_by_program, supervising
from pipeline.review.capture import captured, rows_at, words_on
from pipeline.review.described import ANSWERS, LARGEST, After, Before, DocumentId, FieldName, Limit, PageNumber, example
from pipeline.review.effort import Effort, Look, looks
from pipeline.review.figures import Figures, Kept
from pipeline.review.local import shown, shown_cell
from pipeline.review.notes import COMMENT_LENGTH
from pipeline.review.places import Place
from pipeline.review.records import Aside, ReviewDocument, WaitingDocument
from pipeline.review.screen import store_of, visitor_of
from pipeline.review.weigh import Said as Judged
from pipeline.review.why import TypeName, asked
from pipeline.search import Found, Wanted, find
from pipeline.store import record

router = APIRouter(
    prefix="/api",
    tags=["review"],
    dependencies=about_documents_by_program,
    responses=ANSWERS,
)


class Claimed(BaseModel):
    """Whether the caller holds a document now; if not, who does, and how it stands.

    A ``version`` other than the one that was seen: the document is not as it was. ``until`` (UTC) is when the caller
    holds it no more.
    """

    id: int
    held: bool
    held_by: str | None = None
    who: str | None = None
    state: str
    version: int
    until: dt.datetime | None = None


class Outcome(BaseModel):
    """What became of the document. ``second_person``: the decision is kept, but somebody else must confirm it."""

    id: int
    state: str
    second_person: bool = False


class _Sent(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Typed(_Sent):
    """The form as it stands. Fields that are not named stay; ``line_items`` replaces all rows.

    A row's ``origin`` is the position it had before; corrected, it keeps its place on the page.
    """

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra=example(
            values={"gross_total": "1 234,50", "issue_date": "3. 11. 2026"},
            line_items=[{"origin": 0, "description": "Paper A4", "quantity": "10", "net_amount": "450.00"}],
        ),
    )
    values: dict[str, str] = {}
    line_items: list[dict[str, str | int | None]] | None = None
    type: str | None = None


class Pointed(_Sent):
    """A point (a box without extent) or a box on a page, in points of the upright page from its top left.

    ``target`` is the name of a field, or ``line_items.COLUMN``.
    """

    model_config = ConfigDict(
        extra="forbid", json_schema_extra=example(page=1, box=[455.0, 448.0, 510.0, 460.0], target="gross_total")
    )
    page: int = Field(ge=1, le=LARGEST)
    box: Box
    target: str
    type: str | None = None


class Taken(BaseModel):
    """What stands there: ``raw`` as written, ``value`` its normal form (null where it has none), the words' box.

    ``shown`` is the value as the desk writes it.
    """

    value: str | None
    shown: str | None
    raw: str
    box: Box
    confidence: float


class Region(_Sent):
    """A box on a page, around rows of a table; ``type`` as if the document were of that type."""

    model_config = ConfigDict(extra="forbid", json_schema_extra=example(page=1, box=[40.0, 316.0, 550.0, 356.0]))
    page: int = Field(ge=1, le=LARGEST)
    box: Box
    type: str | None = None


class ReadRow(BaseModel):
    """One row that stands there: its cells in normal form and as the desk writes them, and where it stands."""

    cells: dict[str, str]
    shown: dict[str, str]
    page: int
    box: Box
    confidence: float


class At(_Sent):
    """A place on a page: its number from 1, and a box in points of the upright page."""

    page: int = Field(ge=1, le=LARGEST)
    box: Box


class Acceptance(Typed):
    """What a reviewer saw and typed; ``places`` says where on the pages values were taken from.

    ``load_anyway`` loads in spite of what the checks found; where that is an error, ``override`` says why.
    """

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra=example(version=3, values={"gross_total": "1234.50"}, override="The paper says so too"),
    )
    version: int
    load_anyway: bool = False
    override: str = Field("", max_length=4000)
    places: dict[str, At] = {}
    effort: Effort | None = None


class Added(BaseModel):
    """What the rows come to, and how much more the net total is (null where there is none); ``told`` says both."""

    sum: str
    difference: str | None
    told: str


class Checked(BaseModel):
    """What the checks say: normal forms, values that have none, all findings, and those that would keep it back.

    ``shown`` are the values as the desk writes them and ``told`` sums it up; to programs both speak English.
    """

    values: dict[str, str]
    shown: dict[str, str]
    told: str
    problems: dict[str, str]
    findings: list[Finding]
    against: list[Finding]
    lines: Added | None = None


class Rejection(_Sent):
    """Why a document goes back."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra=example(version=3, reason="Page 2 is missing; scan all of it")
    )
    version: int
    reason: str = Field(min_length=1)
    effort: Effort | None = None


class PutAside(_Sent):
    """What a document waits for."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra=example(version=3, note="Waits for the buyer's order number")
    )
    version: int
    note: str = Field(min_length=1)
    effort: Effort | None = None


class AsideDocument(BaseModel):
    """A document that was put aside."""

    id: int
    name: str
    aside: Aside


class Said(_Sent):
    """A comment."""

    text: str = Field(min_length=1, max_length=COMMENT_LENGTH)


class Commented(BaseModel):
    """A comment that was kept; ``shown`` is when, as the desk writes it."""

    id: int
    by: str
    at: dt.datetime
    text: str
    shown: str


class Urgency(_Sent):
    """1 first, 9 last."""

    priority: int = Field(ge=1, le=9)


class Recall(_Sent):
    """Why a loaded document is taken back."""

    model_config = ConfigDict(extra="forbid", json_schema_extra=example(version=5, reason="Booked twice"))
    version: int
    reason: str = Field(min_length=1)


class TakenBack(_Sent):
    """Which version of the document was seen."""

    version: int


@router.get("/documents")
def waiting(request: Request, limit: Limit = 100, after: After = 0) -> list[WaitingDocument]:
    """The documents that wait for review, the most urgent and oldest first; page on with the last id as ``after``."""
    return queue.waiting(store_of(request), limit, after, visitor_of(request).scope)


@router.get("/documents/{document_id}")
def document(request: Request, document_id: DocumentId) -> ReviewDocument:
    """One document with its fields, the doubtful first; does not claim it."""
    with store_of(request).transaction() as session:
        record(session, document_id, visitor_of(request).name, "looked-at")
    return queue.open_document(store_of(request), document_id)


@router.get("/search")
def search(  # noqa: PLR0917 - what the address may hold
    request: Request,
    q: Annotated[
        str,
        Query(max_length=500, description="Words, amounts, dates, `field:word`.", examples=["seller:papír 1234.50"]),
    ] = "",
    state: Annotated[State | None, Query(description="Only documents in this state.")] = None,
    type_name: Annotated[
        str | None, Query(alias="type", description="Only of this type.", examples=["invoice"])
    ] = None,
    since: Annotated[dt.date | None, Query(description="Received on this day or later.")] = None,
    until: Annotated[dt.date | None, Query(description="Received on this day or earlier.")] = None,
    limit: Limit = 50,
    before: Before = None,
) -> list[Found]:
    """Documents by what stands on them, state, type and day of receipt; the newest first.

    ``q`` holds words (beginnings, where no whole word is found), ``field:word``, amounts and dates; all must be there.
    Page on with the last id as ``before``.
    """
    wanted = Wanted(q, state.value if state else None, type_name, since, until)
    return find(store_of(request), wanted, limit, before, visitor_of(request).scope)


@router.get("/figures", dependencies=[Depends(supervising)])
def figures(request: Request) -> Figures:
    """What waits, what arrived and became of it, what reviewing costs; at most a minute old. For supervisors."""
    kept: Kept = request.app.state.figures
    return kept.of(visitor_of(request).scope)


def _claimed(request: Request, document_id: DocumentId) -> Claimed:
    store, name = store_of(request), visitor_of(request).name
    now = queue.standing(store, document_id, name)
    who = None
    if now.held_by is not None:
        with store.reading() as session:
            who = titles(session, [now.held_by])[now.held_by]
    stands = {"state": now.state, "version": now.version, "until": now.until}
    return Claimed(id=document_id, held=now.held, held_by=now.held_by, who=who, **stands)


@router.post("/next")
def take_next(
    request: Request,
    after: Annotated[int, Query(ge=0, le=LARGEST, description="The document that was just closed.")] = 0,
) -> Claimed | None:
    """Hold the most urgent document that is free, the oldest of them; null where there is none.

    ``after`` skips what stands up to that document; it comes when there is nothing behind it.
    """
    visitor = visitor_of(request)
    found = queue.claim_next(store_of(request), visitor.name, after, visitor.scope)
    return None if found is None else _claimed(request, found)


@router.post("/documents/{document_id}/claim")
def claim(request: Request, document_id: DocumentId) -> Claimed:
    """Hold a document, so that nobody else decides on it; again, to hold it longer."""
    queue.claim(store_of(request), document_id, visitor_of(request).name)
    return _claimed(request, document_id)


@router.post("/documents/{document_id}/release")
def release(
    request: Request,
    document_id: DocumentId,
    until: Annotated[dt.datetime | None, Query(description="As `claim` told it.")] = None,
) -> Claimed:
    """Give a document back undecided; one that somebody else holds is left alone.

    With ``until``, as `claim` told it: only where it was not claimed again since.
    """
    queue.release(store_of(request), document_id, visitor_of(request).name, until=until)
    return _claimed(request, document_id)


@router.post("/documents/{document_id}/check")
def check(request: Request, document_id: DocumentId, sent: Typed) -> Checked:
    """What the checks say to values that somebody is typing; nothing is saved."""
    _type_within(request, sent.type)
    return told_of(queue.check_typed(store_of(request), document_id, sent.values, sent.line_items, sent.type))


def told_of(said: Judged) -> Checked:
    """What the checks say, in the language that is spoken now."""
    count = len(said.against) + len(said.problems)
    told = languages.ngettext("The checks object to %(num)s thing.", "The checks object to %(num)s things.", count)
    sums = said.lines
    return Checked(
        values=dict(said.values),
        shown={name: shown(said.kind.fields[name].kind, value) for name, value in said.values.items()},
        told=told % {"num": count} if count else languages.gettext("The checks have nothing against it."),
        problems={name: languages.tell(problem) for name, problem in said.problems.items()},
        findings=[replace(one, message=languages.tell(one.message)) for one in said.findings],
        against=[replace(one, message=languages.tell(one.message)) for one in said.against],
        lines=Added(sum=sums.sum, difference=sums.difference, told=languages.tell(sums.told)) if sums else None,
    )


@router.get("/documents/{document_id}/pages/{number}/words")
def words(request: Request, document_id: DocumentId, number: PageNumber) -> list[Word]:
    """The words that were read on a page, with their boxes in points of the upright page from its top left."""
    return list(words_on(store_of(request), document_id, number))


@router.post("/documents/{document_id}/capture")
def take(request: Request, document_id: DocumentId, sent: Pointed) -> Taken | None:
    """What stands at a place, as a value of a field; null where nothing does. Nothing is saved.

    A box in which no word was read is read on the spot.
    """
    _type_within(request, sent.type)
    found = captured(store_of(request), document_id, Place(sent.page, sent.box), sent.target, sent.type)
    if found is None:
        return None
    as_shown = None if found.value is None else shown(found.kind, found.value)
    return Taken(value=found.value, shown=as_shown, raw=found.raw, box=found.box, confidence=found.confidence)


@router.post("/documents/{document_id}/rows")
def rows(request: Request, document_id: DocumentId, sent: Region) -> list[ReadRow]:
    """The rows of the table in a box, for the line items; empty where none stand there. Nothing is saved.

    A box in which no word was read is read on the spot. Sent back as a line item, a row keeps where it stands if its
    ``place`` is its page and the four sides of its box, parted by blanks.
    """
    _type_within(request, sent.type)
    found = rows_at(store_of(request), document_id, Place(sent.page, sent.box), sent.type)
    told = []
    for row in found:
        cells = {column: getattr(row, column) or "" for column in LINE_ITEM_COLUMNS}
        shown_cells = {column: shown_cell(column, text) for column, text in cells.items()}
        box = row.box or sent.box
        told.append(ReadRow(cells=cells, shown=shown_cells, page=sent.page, box=box, confidence=row.confidence))
    return told


@router.get("/documents/{document_id}/fields/{field}/why")
def explanation(request: Request, document_id: DocumentId, field: FieldName, type_name: TypeName = None) -> Explanation:
    """Why a field has its value, or none: what vouches for it, its probability, what else was tried.

    The first option is the chosen one, where one was; ``weight`` says in log-odds how much a reason speaks for it.
    """
    return asked(request, document_id, field, type_name)


def _type_within(request: Request, name: str | None) -> None:
    if name is not None and not visitor_of(request).scope.has_type(name):
        raise NotFound(say("There is no such document type."))


@router.post("/documents/{document_id}/accept")
def accept(request: Request, document_id: DocumentId, sent: Acceptance) -> Outcome:
    """Load a document. 409: someone else decided or holds it; 422: see ``problems`` or ``findings``.

    Where two people are needed, the first one's decision leaves it in review, and nobody but a second account may
    load it, by accepting the same values.
    """
    _type_within(request, sent.type)
    state = queue.decide_accept(
        store_of(request),
        document_id,
        sent.version,
        visitor_of(request).name,
        sent.values,
        sent.line_items,
        type_name=sent.type,
        load_anyway=sent.load_anyway,
        override=sent.override,
        cost=sent.effort,
        places={name: Place(one.page, one.box) for name, one in sent.places.items()},
    )
    return Outcome(id=document_id, state=state.value, second_person=state == State.REVIEW)


@router.post("/documents/{document_id}/take-back")
def take_back(request: Request, document_id: DocumentId, sent: TakenBack) -> Outcome:
    """Take one's own decision back: a first one while a second person is waited for, or a sending back."""
    queue.take_back(store_of(request), document_id, sent.version, visitor_of(request).name)
    return Outcome(id=document_id, state=State.REVIEW.value)


@router.post("/documents/{document_id}/reject")
def reject(request: Request, document_id: DocumentId, sent: Rejection) -> Outcome:
    """Send a document back with a reason."""
    name = visitor_of(request).name
    queue.decide_reject(store_of(request), document_id, sent.version, name, sent.reason, sent.effort)
    return Outcome(id=document_id, state=State.REJECTED.value)


@router.get("/aside")
def aside(request: Request, limit: Limit = 100, after: After = 0) -> list[AsideDocument]:
    """What the caller has put aside, by id; page on with the last id as ``after``."""
    visitor = visitor_of(request)
    rows = queue.put_aside_by(store_of(request), visitor.name, limit, after, visitor.scope)
    return [AsideDocument(id=document_id, name=name, aside=note) for document_id, name, note in rows]


@router.post("/documents/{document_id}/aside")
def put_aside(request: Request, document_id: DocumentId, sent: PutAside) -> Outcome:
    """Put a document aside with a note; `next` gives it to nobody until it is brought back or its time has passed."""
    name = visitor_of(request).name
    queue.put_aside(store_of(request), document_id, sent.version, name, sent.note, sent.effort)
    return Outcome(id=document_id, state=State.REVIEW.value)


@router.post("/documents/{document_id}/bring-back")
def bring_back(request: Request, document_id: DocumentId) -> Claimed:
    """End a putting aside."""
    queue.bring_back(store_of(request), document_id, visitor_of(request).name)
    return _claimed(request, document_id)


@router.post("/documents/{document_id}/comments")
def comment(request: Request, document_id: DocumentId, sent: Said) -> Commented:
    """Say something about a document; it is shown with it from then on."""
    made = queue.comment(store_of(request), document_id, visitor_of(request).name, sent.text)
    return Commented(**asdict(made), shown=f"{languages.moment(made.at)} UTC")


@router.post("/documents/{document_id}/priority", dependencies=[Depends(supervising)])
def prioritise(request: Request, document_id: DocumentId, sent: Urgency) -> Claimed:
    """Say how urgent a document is. For supervisors."""
    queue.prioritise(store_of(request), document_id, sent.priority, visitor_of(request).name)
    return _claimed(request, document_id)


@router.post("/documents/{document_id}/recall", dependencies=[Depends(supervising)])
def recall(request: Request, document_id: DocumentId, sent: Recall) -> Outcome:
    """Take a loaded document back: its row goes, `recalled_rows` gets a reversing entry. For supervisors."""
    queue.recall(store_of(request), document_id, sent.version, visitor_of(request).name, sent.reason)
    return Outcome(id=document_id, state=State.REVIEW.value)


@router.get("/documents/{document_id}/effort", dependencies=[Depends(supervising)])
def effort(request: Request, document_id: DocumentId) -> list[Look]:
    """What reviewing the document cost, look by look. For supervisors."""
    return list(looks(store_of(request), document_id))
