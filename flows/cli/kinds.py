"""The command that lists what the office knows: document types and their fields."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer
from rich.table import Table

from flows.cli.common import Json, err, out
from models.document_types import DocumentType, document_types


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command(name="types")(show_types)


def type_as_dict(kind: DocumentType) -> dict[str, Any]:
    """The stable JSON form of one type."""
    return {
        "name": kind.name,
        "title": kind.title,
        "table": kind.table,
        "line_table": kind.line_table,
        "business_key": [part if isinstance(part, str) else list(part) for part in kind.business_key],
        "checks": list(kind.checks),
        "fields": {
            name: {"kind": spec.kind.value, "required": spec.required, "title": spec.title, "labels": spec.labels}
            for name, spec in kind.fields.items()
        },
    }


def show_types(
    names: Annotated[list[str] | None, typer.Argument(metavar="TYPE", help="Only these, with their labels.")] = None,
    as_json: Json = False,
) -> None:
    """List the document types; of those that are named, every field with its kind and the labels it is found by.

    Each is a YAML file in `models/document_types` and a table of the database. With `--json`: an object by name, with
    title, table, line_table, business_key, checks, and fields (kind, required, title, labels by language).
    """
    known = document_types()
    if strangers := sorted(set(names or ()) - set(known)):
        err.print(f"There is no type {', '.join(strangers)}. There are: {', '.join(known)}.", highlight=False)
        raise typer.Exit(2)
    chosen = {name: known[name] for name in names or known}
    if as_json:
        out.print_json(json.dumps({name: type_as_dict(kind) for name, kind in chosen.items()}), indent=2)
        return
    out.print(_overview(chosen))
    for kind in chosen.values() if names else ():
        out.print(_fields(kind))


def _overview(types: dict[str, DocumentType]) -> Table:
    table = Table(expand=False)
    for heading in ("type", "title", "table", "its rows", "fields (* needed)"):
        table.add_column(heading, overflow="fold")
    for name, kind in types.items():
        fields = ", ".join(f"{field}{'*' if spec.required else ''}" for field, spec in kind.fields.items())
        table.add_row(name, kind.title["en"], kind.table, kind.line_table or "", fields)
    return table


def _fields(kind: DocumentType) -> Table:
    table = Table(title=f"{kind.title['en']} ({kind.name})", title_justify="left", expand=False)
    for heading in ("field", "kind", "needed", "title", "labels"):
        table.add_column(heading, overflow="fold")
    for name, spec in kind.fields.items():
        labels = "; ".join(f"{language}: {', '.join(found)}" for language, found in spec.labels.items())
        table.add_row(name, spec.kind.value, "yes" if spec.required else "", spec.title["en"], labels)
    return table
