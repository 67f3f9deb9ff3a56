"""The command that shows a page as the clean-up sees it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from flows.cli.common import err, out, settings_for
from flows.cli.files import no_folder
from models.errors import UnreadableDocument

Source = Annotated[
    Path | None, typer.Argument(metavar="FILE", help="PDF, TIFF, PNG, JPEG or WebP.", exists=True, callback=no_folder)
]
Number = Annotated[int, typer.Argument(metavar="PAGE", help="The page, from 1.", min=1)]
Stage = Annotated[str, typer.Option("--stage", help="After which step; `--stage list` tells all.")]
Target = Annotated[
    Path | None,
    typer.Option("-o", "--output", help="The PNG to write. [default: FILE-PAGE-STAGE.png here]", dir_okay=False),
]
_PICTURES = ("application/pdf", "image/tiff", "image/png", "image/jpeg", "image/webp")


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command()(show)


def show(source: Source = None, number: Number = 1, stage: Stage = "words", target: Target = None) -> None:
    """Write the picture of a page as it is after a step of the clean-up, by default with the words that were read.

    `podatelna show --stage list` names the steps. An older picture of the same name is replaced.
    """
    from pipeline.caged import show_caged
    from pipeline.intake import media_type_of
    from pipeline.reading.shown import STAGES

    if stage == "list":
        for name, what in STAGES.items():
            out.print(f"{name:9} {what}", highlight=False)
        return
    if stage not in STAGES:
        raise typer.BadParameter(f"There is no step {stage!r}; these are: {', '.join(STAGES)}.", param_hint="--stage")
    if source is None:
        raise typer.BadParameter("Which file?", param_hint="FILE")
    target = target or Path(f"{source.stem}-{number}-{stage}.png")
    if target.exists() and source.samefile(target):
        raise typer.BadParameter("It would replace FILE itself.", param_hint="--output")
    if not target.parent.is_dir():
        raise typer.BadParameter(f"There is no folder {target.parent}.", param_hint="--output")
    media_type = media_type_of(source)
    if media_type not in _PICTURES:
        raise UnreadableDocument("type", "Only PDF, TIFF, PNG, JPEG and WebP files have pages to show.")
    data = show_caged(source, media_type, number, stage, settings_for(None))
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        part.write_bytes(data)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    err.print(f"{target}: page {number}, {STAGES[stage]}", highlight=False)
