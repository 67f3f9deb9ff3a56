"""The command that says why a field of a document has its value."""

from __future__ import annotations

import dataclasses
import difflib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from flows.cli.common import Home, Json, out, settings_for
from flows.cli.files import kept_or_not, no_folder
from models.errors import NotFound

if TYPE_CHECKING:
    from models.records import Box
    from pipeline.explain import Alternative, Explanation

Source = Annotated[
    Path, typer.Argument(metavar="FILE", help="PDF, image, XML or ISDOCX.", exists=True, callback=no_folder)
]
Name = Annotated[str, typer.Argument(metavar="FIELD", help="The field's name, as `extract` prints it.")]
_REASONS = 8
_RUNNERS_UP = 4


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command()(explain)


def explain(source: Source, name: Name, as_json: Json = False, home: Home = None) -> None:
    """Say why a field has its value, or none: who read it, what vouches for it, what else was tried.

    With --json one object: {"file", "name", "title", "type", "value", "raw", "page", "box", "source", "witnesses",
    "probability", "limit", "verdict", "options": [{"value", "raw", "page", "box", "probability", "chosen", "given_to",
    "reasons": [{"feature", "text", "value", "weight"}]}], "findings", ...}; the first option is the chosen one, a
    weight is in log-odds. Nothing is stored, but the cache of the home.
    """
    from models.document_types import document_types
    from pipeline import explain as explaining
    from pipeline.caged import understand_caged

    _refuse_unknown(name, {field for kind in document_types().values() for field in kind.fields})
    settings = settings_for(home)
    made = kept_or_not(understand_caged, source, settings)
    kind = document_types()[made.classification.type]
    found = explaining.explain(made.reading, kind, made.extraction, made.findings, name=name, settings=settings)
    if as_json:
        typer.echo(json.dumps({"file": str(source)} | dataclasses.asdict(found), ensure_ascii=False))
        return
    sure = f"{made.classification.confidence * 100:.0f} %"
    out.print(f"[bold]{escape(str(source))}[/]  {kind.title['en']} ({sure} sure)", highlight=False)
    _show(found)


def _refuse_unknown(name: str, fields: set[str]) -> None:
    """Whether documents of the file's own type have the field is known once it is read, which may take a while."""
    if name not in fields:
        close = difflib.get_close_matches(name, sorted(fields), n=1)
        meant = f"did you mean {close[0]}?" if close else "`podatelna types` lists the fields of each type."
        raise NotFound(f"No type of document has a field {name!r}; {meant}")


def _show(found: Explanation) -> None:
    value = "left empty" if found.value is None else escape(found.value)
    out.print(f"\n[bold]{escape(found.title)}[/]  [bold green]{value}[/]", highlight=False)
    out.print(f"  {escape(found.verdict)}", highlight=False)
    if found.value is not None:
        where = _where(found.page, found.box)
        written = f", written “{found.raw}”" if found.raw and found.raw != found.value else ""
        said = [part for part in (found.source_words, where) if part]
        out.print(f"  {escape(', '.join(said) + written)}", highlight=False)
        if found.witness_words:
            out.print(f"  vouched for: {escape('; '.join(found.witness_words))}", highlight=False)
    for finding in found.findings:
        out.print(f"  [yellow]{finding.severity.value}[/] {escape(finding.message)}", highlight=False)
    for number, one in enumerate(found.options):
        if number > _RUNNERS_UP:
            break
        heading = "chosen" if one.chosen else ("tried" if not number else "runner-up")
        _show_option(heading, one)


def _show_option(heading: str, one: Alternative) -> None:
    given = f", the value of {one.given_to}" if one.given_to else ""
    where = f"  [dim]{_where(one.page, one.box)}{escape(given)}[/]"
    out.print(f"\n  {heading}: [bold]{escape(one.value)}[/]  {one.probability * 100:.1f} %{where}", highlight=False)
    for reason in one.reasons[:_REASONS]:
        out.print(f"    {_weight(reason.weight)}  {escape(reason.text)}  [dim]{reason.feature}[/]", highlight=False)


def _weight(weight: float | None) -> str:
    if weight is None:
        return "     "
    colour = "green" if weight > 0 else "red" if weight < 0 else "dim"
    return f"[{colour}]{weight:+5.2f}[/]"


def _where(page: int | None, box: Box | None) -> str:
    if page is None:
        return ""
    return f"page {page}" + (f" at {', '.join(f'{side:.0f}' for side in box)}" if box else "")
