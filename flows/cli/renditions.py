"""Commands that make something of a file alone: a searchable PDF."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from flows.cli.common import err, settings_for
from flows.cli.files import media_type_of

Source = Annotated[
    Path, typer.Argument(metavar="IN", help="PDF, TIFF, PNG, JPEG or WebP.", exists=True, dir_okay=False)
]
Target = Annotated[Path, typer.Argument(metavar="OUT", help="The PDF to write.", dir_okay=False)]
Force = Annotated[bool, typer.Option("--force", help="Replace OUT if it is there.")]


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.command()(searchable)


def searchable(source: Source, target: Target, force: Force = False) -> None:
    """Write a searchable PDF: the pages as they are, with what was read as invisible text behind them.

    Pages that have text of their own stay as they are, attachments and annotations too; pages that lay or stood on
    their head are set upright. OUT appears when it is whole, and nothing is replaced without --force.
    """
    from pipeline.caged import searchable_caged
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
