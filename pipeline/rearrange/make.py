"""Making new documents of pages of others: the files first, then one transaction for all that the database knows.

Only somebody who holds the sources may, and only as they were seen. A worker that is killed before the commit leaves
bytes in the vault that are of no document (`pipeline.housekeeping.verify` tells of them) and nothing else.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.errors import Conflict, InvalidValue, NotFound, StoreUnavailable
from models.messages import say
from models.roles import EVERYTHING, Scope
from models.states import State
from models.tables import DocumentRow, DropRow, FieldRow, FourEyesRow, MadeFromRow, PageRow
from pipeline.accounts import is_visible
from pipeline.checkpoint import checkpoint
from pipeline.rearrange import plan
from pipeline.rearrange.compose import PDF, File, Page, compose_caged
from pipeline.rearrange.plan import Output
from pipeline.rearrange.remembered import carry_over
from pipeline.review import four_eyes
from pipeline.review.decide import hold
from pipeline.search.index import index_name
from pipeline.store import Store, clock, drop_lease, insert_into, move, record
from pipeline.tools import images

_NOBODYS = "//"  # between the stations of a document of several: no folder, and so no station, is called so


@dataclass(frozen=True, slots=True)
class Made:
    """The new file: its hash, size and name, and its pages as they go into `MadeFromRow` (source, number, turned)."""

    sha256: str
    size: int
    name: str
    pages: tuple[tuple[int, int, int], ...]


def rearrange(
    store: Store, actor: str, versions: Mapping[int, int], outputs: Sequence[Output], scope: Scope = EVERYTHING
) -> tuple[int, ...]:
    """Put pages of documents that wait for review into new documents; returns the ids of these, in order.

    The sources end as `State.REPLACED`, the new ones are received and wait to be read.

    Args:
        store: Where they are.
        actor: Who does it; must hold the sources, or nobody else may.
        versions: The sources, with the version of each that was seen.
        outputs: What the new documents hold, page by page.
        scope: What the actor may see.

    Raises:
        NotFound: a source is not there for the actor.
        Conflict: somebody else holds or decided on a source, or what would be made is there already.
        InvalidValue: the wishes can't be met (see `plan.check`), or a source has no pages that are its own.
        UnreadableDocument: a new file can't be built or would be too large.
        StoreUnavailable: the disk is full or broken.
    """
    wanted = {source: versions[source] for source in sorted(versions)}
    with store.transaction() as session:
        rows = _held(session, store, wanted, actor, scope)
        sources, turns = _sources(session, rows)
        sizes = {one.id: _sizes(session, one) for one in rows}
    plan.check(outputs, sources, store.settings.limits.pages)
    place = {one.id: index for index, one in enumerate(rows)}
    files: list[File] = [
        (store.vault.path(one.sha256), one.media_type or "", one.sha256, sizes[one.id]) for one in rows
    ]
    orders: list[list[Page]] = [
        [(place[one.source], one.number, _turn(one, turns), one.turn != 0) for one in output] for output in outputs
    ]
    made = []
    try:
        for output, piece in zip(outputs, compose_caged(files, orders, store.settings), strict=True):
            sha256, size = store.vault.put(piece.fileno())
            checkpoint("vaulted")
            pages = tuple((one.source, one.number, _turn(one, turns)) for one in output)
            made.append(Made(sha256, size, plan.name_of(output, sources), pages))
            carry_over(store.settings, {one.id: one for one in rows}, output, sha256)
    except OSError as error:
        raise StoreUnavailable(
            f"The disk of {store.settings.home} can't be used: {error.strerror}. Nothing was changed."
        ) from error
    with store.transaction() as session:
        rows = _held(session, store, wanted, actor, scope)
        new = tuple(add(session, one, rows, actor, scope) for one in made)
        for row in rows:
            _carry_second_person(session, store, row, new)
            drop_lease(session, row.id, actor)
            lost = len(plan.dropped(outputs, {row.id: sources[row.id]}).get(row.id, ()))
            _replace(session, row, actor, new, dropped=lost)
        checkpoint("before_commit")
    checkpoint("after_commit")
    return new


def _held(session: Session, store: Store, versions: Mapping[int, int], actor: str, scope: Scope) -> list[DocumentRow]:
    rows = []
    for document_id, version in versions.items():
        if not is_visible(session, document_id, scope):
            raise NotFound(say("There is no such document."))
        rows.append(hold(session, store, document_id, version, actor))
    return rows


def _sources(
    session: Session, rows: Iterable[DocumentRow]
) -> tuple[dict[int, plan.Source], dict[tuple[int, int], int]]:
    """The sources for the plan, and how each page is turned by the reading of it: so the desk shows it."""
    ids = [row.id for row in rows]
    turned = {
        (one.document_id, one.number): one.turned
        for one in session.execute(
            select(PageRow.document_id, PageRow.number, PageRow.turned).where(PageRow.document_id.in_(ids))
        )
    }
    sources = {}
    for row in rows:
        count = sum(document_id == row.id for document_id, _ in turned)
        if row.media_type not in (PDF, *images.FORMATS) or not count:
            message = say("{name} is made of data; it has no pages that could be put elsewhere.", name=row.name)
            raise InvalidValue(message, {"outputs": message})
        sources[row.id] = plan.Source(row.name, count)
    return sources, turned


def _turn(one: plan.Taken, turned: Mapping[tuple[int, int], int]) -> int:
    """The turn of the page in the file: a page that nobody touched stays, else what the person saw is turned on."""
    return (one.turn + turned.get((one.source, one.number), 0)) % 360 if one.turn else 0


def _sizes(session: Session, row: DocumentRow) -> list[tuple[float, float]]:
    """Of a picture file: the size of its pages as they lie, in points."""
    if row.media_type == PDF:
        return []
    pages = session.scalars(select(PageRow).where(PageRow.document_id == row.id).order_by(PageRow.number))
    return [(one.height, one.width) if one.turned in (90, 270) else (one.width, one.height) for one in pages]


def add(session: Session, made: Made, sources: Sequence[DocumentRow], actor: str, scope: Scope) -> int:
    """The row of a new document, in the caller's transaction; one that was taken back before is revived.

    Raises:
        Conflict: there is another document of these bytes.
    """
    own = [row for row in sources if row.id in {source for source, _, _ in made.pages}]
    now = clock.now()
    types = {row.type for row in own}
    values = {
        "name": made.name,
        "media_type": PDF,
        "size": made.size,
        # who may see all that goes in may see what comes of it, before it is read and finds its own type
        "type": types.pop() if len(types) == 1 else None,
        "type_confidence": None,
        "priority": min(row.priority for row in own),
        "received_at": min(row.received_at for row in own),
        "changed_at": now,
    }
    row_id = session.execute(
        insert_into(session, DocumentRow)
        .values(sha256=made.sha256, state=State.RECEIVED.value, **values)
        .on_conflict_do_nothing(index_elements=[DocumentRow.sha256])
        .returning(DocumentRow.id)
    ).scalar()
    if row_id is None:
        row_id = _revive(session, made, values, actor, scope)
    session.add_all(
        MadeFromRow(document_id=row_id, number=place, source_id=source, source_number=number, turned=turned)
        for place, (source, number, turned) in enumerate(made.pages, start=1)
    )
    _keep_stations(session, row_id, made, own)
    index_name(session, row_id, made.name)
    record(session, row_id, actor, "made", sources=[row.id for row in own], pages=len(made.pages))
    return row_id


def _revive(session: Session, made: Made, values: dict[str, object], actor: str, scope: Scope) -> int:
    """The same wishes were met and taken back before: the document of then is received once more."""
    query = select(DocumentRow).where(DocumentRow.sha256 == made.sha256).with_for_update()
    document = session.scalars(query).one()
    used = select(func.count()).where((MadeFromRow.source_id == document.id) | (MadeFromRow.document_id == document.id))
    if document.state != State.REPLACED or session.scalar(used):
        if is_visible(session, document.id, scope):
            raise Conflict(
                say(
                    "These pages are document {id} already ({name}). Nothing was changed.",
                    id=document.id,
                    name=document.name,
                )
            )
        raise Conflict(say("These pages are another document already. Nothing was changed."))
    for name, value in values.items():
        setattr(document, name, value)
    document.attempts, document.reasons, document.findings, document.route = 0, [], [], None
    document.quarantine_code = document.quarantine_message = None
    move(session, document, State.RECEIVED, actor)
    return document.id


def _keep_stations(session: Session, document_id: int, made: Made, own: Sequence[DocumentRow]) -> None:
    """A drop for each station that may see all of it, so that rights by station hold and a refusal finds its way.

    Where no station dropped all of the sources, the drop is of none of them.
    """
    dropped: list[set[str]] = []
    for row in own:
        stations = session.scalars(select(DropRow.station).where(DropRow.document_id == row.id))
        dropped.append(set(stations))
    if not all(dropped):
        return  # it came by no station, so no station has a right to it
    shared = set.intersection(*dropped) or {_NOBODYS.join(sorted(set.union(*dropped)))}
    known = set(session.scalars(select(DropRow.station).where(DropRow.document_id == document_id)))
    session.add_all(
        DropRow(
            token=secrets.token_hex(16),
            document_id=document_id,
            name=made.name,
            station=station,
            size=made.size,
            received_at=clock.now(),
        )
        for station in sorted(shared - known)
    )


def _carry_second_person(session: Session, store: Store, row: DocumentRow, new: Iterable[int]) -> None:
    """If a source wanted two people, what holds pages of it does: leaving the page with the amount out is no way."""
    machine = four_eyes.values_read(session, row)
    fields = session.execute(select(FieldRow.name, FieldRow.value).where(FieldRow.document_id == row.id))
    now = (machine[0], {one.name: one.value for one in fields})
    reason = four_eyes.wanted(session, row, machine, now, store.settings)
    if reason is None:
        return
    for document_id in new:
        made_of = select(MadeFromRow.source_id).where(MadeFromRow.document_id == document_id)
        if row.id in session.scalars(made_of).all() and session.get(FourEyesRow, document_id) is None:
            session.add(FourEyesRow(document_id=document_id, reason=reason))
            session.flush()


def _replace(session: Session, row: DocumentRow, actor: str, new: Sequence[int], *, dropped: int) -> None:
    made_of = select(MadeFromRow.document_id).where(MadeFromRow.source_id == row.id, MadeFromRow.document_id.in_(new))
    documents = sorted(set(session.scalars(made_of)))
    more = {"dropped": dropped} if dropped else {}
    move(session, row, State.REPLACED, actor, documents=documents, **more)
