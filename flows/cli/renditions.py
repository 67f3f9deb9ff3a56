"""Commands that make something of a file alone: a searchable PDF, its tables."""

from __future__ import annotations

import json
import os
import sys
from csv import writer as csv_writer
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table as RichTable

from flows.cli.common import err, out, settings_for
from flows.cli.files import Jsonl, no_folder
from models.records import Cell, Table

Source = Annotated[
    Path, typer.Argument(metavar="IN", help="PDF, TIFF, PNG, JPEG or WebP.", exists=True, callback=no_folder)
]
Target = Annotated[Path, typer.Argument(metavar="OUT", help="The PDF to write.", dir_okay=False)]
Csv = Annotated[bool, typer.Option("--csv", help="Print comma-separated values.")]
Force = Annotated[bool, typer.Option("--force", help="Replace OUT if it is there.")]


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.command()(searchable)
    app.command()(tables)


def searchable(source: Source, target: Target, force: Force = False) -> None:
    """Write a searchable PDF: the pages as they are, with what was read as invisible text behind them.

    Pages that have text of their own stay as they are, attachments and annotations too; pages that lay or stood on
    their head are set upright. OUT appears when it is whole, and nothing is replaced without --force.
    """
    from pipeline.caged import searchable_caged
    from pipeline.intake import media_type_of
    from pipeline.page_cache import shelf_of

    if target.exists() and source.samefile(target):
        raise typer.BadParameter("IN and OUT are the same file.", param_hint="OUT")
    if target.exists() and not force:
        raise typer.BadParameter(f"{target} is there already; --force replaces it.", param_hint="OUT")
    if not target.parent.is_dir():
        raise typer.BadParameter(f"There is no folder {target.parent}.", param_hint="OUT")
    settings = settings_for(None)
    media_type = media_type_of(source)
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with part.open("xb") as file:
            searchable_caged(source, media_type, settings, file, None, shelf_of(settings, source, media_type))
            file.flush()
            os.fsync(file.fileno())
        _appear(part, target, force)
    finally:
        part.unlink(missing_ok=True)
    err.print(f"{target}: {target.stat().st_size:,} bytes (of {source.stat().st_size:,})", highlight=False)


def _appear(part: Path, target: Path, force: bool) -> None:
    """Give the finished file its name; a file that came there meanwhile is not replaced without ``force``."""
    if not force:
        try:
            os.link(part, target)
        except FileExistsError:
            raise typer.BadParameter(f"{target} has appeared meanwhile.", param_hint="OUT") from None
        except OSError:  # a file system without links
            if target.exists():
                raise typer.BadParameter(f"{target} has appeared meanwhile.", param_hint="OUT") from None
        else:
            return
    part.replace(target)


def tables(source: Source, jsonl: Jsonl = False, csv: Csv = False) -> None:
    """Print the tables of a file, ruled ones and others.

    With --jsonl one object a table: {"page", "box", "ruled", "rows": [[{"text", "box", "column", "columns", "rows"}]]};
    "column" counts from 0, "columns" and "rows" say over how many a cell reaches, boxes are PDF points from the top
    left of the upright page. With --csv the tables follow one another with an empty line between.
    """
    from pipeline.caged import tables_caged
    from pipeline.intake import media_type_of
    from pipeline.page_cache import shelf_of

    if jsonl and csv:
        raise typer.BadParameter("--jsonl or --csv, not both.", param_hint="--csv")
    settings = settings_for(None)
    media_type = media_type_of(source)
    found = tables_caged(source, media_type, settings, None, shelf_of(settings, source, media_type))
    if not found:
        err.print("No tables were found.")
    writer = csv_writer(sys.stdout, lineterminator="\n")
    for number, table in enumerate(found):
        if jsonl:
            typer.echo(json.dumps(_as_dict(table), ensure_ascii=False))
            continue
        columns = max(cell.column + cell.columns for row in table.rows for cell in row)
        lines = [_line(row, columns) for row in table.rows]
        if csv:
            if number:
                typer.echo("")
            writer.writerows(lines)
            continue
        kind = "ruled" if table.ruled else "without rules"
        shown = RichTable(title=f"page {table.page}, {kind}", title_justify="left", show_header=False)
        for line in lines:
            shown.add_row(*map(escape, line))
        out.print(shown)


def _line(row: tuple[Cell, ...], columns: int) -> list[str]:
    line = [""] * columns
    for cell in row:
        line[cell.column] = cell.text
    return line


def _as_dict(table: Table) -> dict[str, Any]:
    return {
        "page": table.page,
        "box": [round(side, 2) for side in table.box],
        "ruled": table.ruled,
        "rows": [
            [
                {
                    "text": cell.text,
                    "box": [round(side, 2) for side in cell.box],
                    "column": cell.column,
                    "columns": cell.columns,
                    "rows": cell.rows,
                }
                for cell in row
            ]
            for row in table.rows
        ],
    }
