"""Commands that look at what the store holds: status, queue, quarantine."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table
from sqlalchemy import select

from flows.cli.common import STYLES, Home, Json, out, password, settings_for
from models.errors import NotFound
from models.states import State
from models.tables import DocumentRow, DropRow
from pipeline.intake import advice
from pipeline.store import Store


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    for command in (status, queue, quarantine):
        app.command()(command)


def status(home: Home = None, as_json: Json = False) -> None:
    """Count the documents by state.

    With --json: {"states": {"received": n, "read": n, "understood": n, "review": n, "loaded": n, "rejected": n,
    "quarantined": n}}; the states do not change between versions.
    """
    from pipeline.process import summary

    settings = settings_for(home)
    with Store.open(settings) as store:
        states = summary(store)
    if as_json:
        typer.echo(json.dumps({"states": states}))
        return
    for state, count in states.items():
        out.print(f"[{STYLES.get(state, 'default')}]{state:<12}[/] {count:>7}", highlight=False)
    out.print(f"Home {settings.home.absolute()}", highlight=False, soft_wrap=True)


def _rows(store: Store, state: State, limit: int) -> list[DocumentRow]:
    with store.reading() as session:
        query = select(DocumentRow).where(DocumentRow.state == state).order_by(DocumentRow.id).limit(limit)
        return list(session.scalars(query))


Limit = Annotated[int, typer.Option(help="At most so many, oldest first.", min=1)]


def queue(home: Home = None, as_json: Json = False, limit: Limit = 100) -> None:
    """List the documents that wait for a person, with the reasons. `podatelna serve` opens the desk for them."""
    with Store.open(settings_for(home)) as store:
        rows = _rows(store, State.REVIEW, limit)
    if as_json:
        keys = ("id", "name", "type", "type_confidence", "reasons")
        typer.echo(json.dumps([{key: getattr(row, key) for key in keys} for row in rows], ensure_ascii=False, indent=1))
        return
    if not rows:
        out.print("Nothing waits for a person.")
        return
    table = Table("id", "document", "type", "why")
    for row in rows:
        table.add_row(str(row.id), escape(row.name), row.type, escape("; ".join(row.reasons)))
    out.print(table)


def quarantine(
    home: Home = None,
    as_json: Json = False,
    limit: Limit = 100,
    release: Annotated[list[int] | None, typer.Option(help="Try this document again; may be given often.")] = None,
    unlock: Annotated[int | None, typer.Option(help="Open this locked PDF; asks for its password.")] = None,
) -> None:
    """List what could not be read or was sent back, with the reason; or release some, or unlock one, to be read."""
    from pipeline.intake import release as release_document

    with Store.open(settings_for(home)) as store:
        if unlock is not None:
            _unlock(store, unlock)
            return
        for document_id in release or []:
            try:
                release_document(store, document_id, "operator")
            except NotFound as error:
                raise NotFound(f"{error} `podatelna quarantine` lists those that can be released.") from error
        if release:
            out.print(f"Released {len(release)}; the next run tries them again.")
            return
        found = _refused(store, limit)
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False, indent=1))
        return
    if not found:
        out.print("Nothing is in quarantine, and nothing was sent back.")
        return
    table = Table("id", "document", "code", "what happened", "what to do")
    for row in found:
        number = "" if row["id"] is None else str(row["id"])
        table.add_row(number, escape(row["name"]), row["code"], escape(row["message"]), row["to_do"])
    out.print(table)


def _unlock(store: Store, document_id: int) -> None:
    """Ask for the password of a locked file, and make an unlocked copy of it a new document."""
    from pipeline.rearrange import unlock

    with store.reading() as session:
        row = session.get(DocumentRow, document_id)
    if row is None or row.state != State.QUARANTINED or row.quarantine_code != "password":
        raise NotFound(f"There is no locked document {document_id}. `podatelna quarantine` lists them by their id.")
    said = password("Password of the file", otherwise="Do it at a terminal, or at the desk.")
    made = unlock(store, document_id, row.version, "operator", said)
    out.print(f"An unlocked copy is document {made} now; the next run reads it.")


def _refused(store: Store, limit: int) -> list[dict[str, Any]]:
    """Documents in quarantine or sent back, then drops that were never opened: these have no id to release them by."""
    rows = [*_rows(store, State.QUARANTINED, limit), *_rows(store, State.REJECTED, limit)]
    found: list[tuple[int | None, str, str, str]] = [
        (row.id, row.name, row.quarantine_code or "", row.quarantine_message or "") for row in rows
    ]
    with store.reading() as session:
        query = select(DropRow).where(DropRow.refused.is_not(None)).order_by(DropRow.id).limit(limit)
        found += [(None, drop.name, drop.refused or "", "it was never opened") for drop in session.scalars(query)]
    keys = ("id", "name", "code", "message", "to_do")
    return [dict(zip(keys, (*one, advice(one[2], one[3])[0]), strict=True)) for one in found[:limit]]
