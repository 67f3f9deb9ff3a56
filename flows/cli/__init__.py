"""The command line. ``main`` is the one place that turns our exceptions into exit codes."""

from __future__ import annotations

import importlib.metadata
import sys
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from flows.cli import documents, evaluation, explanation, files, kinds, office, people, pictures, renditions, teach
from models.errors import PodatelnaError

app = typer.Typer(
    name="podatelna",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
    help=(
        "Paper and PDFs in, correct rows out; a person sees only what deserves a person.\n\n"
        "Drop files into `HOME/inbox` and say `podatelna run` "
        "(or keep `podatelna serve` running). "
        "What is doubtful waits in the review desk, what can't be read lies in HOME/quarantine with a reason.\n\n"
        "Settings come from options, then PODATELNA_* environment variables, then ./podatelna.toml."
    ),
    epilog=(
        "Exit codes: 0 well, 1 a bug, 2 wrong usage, 3 bad input, 4 set-up or settings, 5 busy or unavailable, "
        "6 documents could not be read or failed (the others are done), 130 stopped with Ctrl-C."
    ),
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"podatelna {importlib.metadata.version('podatelna')}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Options of the program itself."""


office.register(app)
documents.register(app)
files.register(app)
kinds.register(app)
renditions.register(app)
pictures.register(app)
people.register(app)
evaluation.register(app)
explanation.register(app)
teach.register(app)


def main() -> None:
    """Run the command line and exit."""
    try:
        app()
    except PodatelnaError as error:
        Console(stderr=True).print(f"[bold red]{error.code}:[/] {escape(str(error))}", highlight=False)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:  # the reader of our output has seen enough
        sys.stderr.close()
        sys.exit(0)
