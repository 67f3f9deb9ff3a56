"""What the commands share: the home option, the consoles, the table of documents."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from sqlalchemy import select

from flows.logs import set_up_logs
from models.settings import Settings, load_settings
from models.tables import DocumentRow, DropRow
from pipeline.store import Store

# a pipe or a file has no width of its own; 80 columns would fold every reason into a ribbon
out = Console(width=None if sys.stdout.isatty() else 140)
err = Console(stderr=True)

Home = Annotated[
    Path | None,
    typer.Option(help="Where everything lives: inbox, vault, database. [default: data/home]", show_default=False),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")]

STYLES = {"loaded": "green", "review": "yellow", "quarantined": "red", "rejected": "red"}


def settings_for(home: Path | None) -> Settings:
    """The settings, with logs set up."""
    set_up_logs()
    return load_settings(home=home)


def password(words: str, *, otherwise: str, twice: bool = False) -> str:
    """Ask for a password on the terminal.

    Raises:
        typer.Exit: 130 where somebody said no (Ctrl-C), 2 where there is nobody to ask; ``otherwise`` says what then.
    """
    try:
        return str(typer.prompt(words, hide_input=True, confirmation_prompt=twice, err=True))
    except typer.Abort:
        if sys.stdin.isatty():
            err.print("\nStopped; nothing was changed.")
            raise typer.Exit(130) from None
        err.print(f"There is no terminal to ask for the password at, and nothing was changed. {otherwise}")
        raise typer.Exit(2) from None


def progress_bar() -> Progress:
    """A progress bar on standard error that vanishes when done; silent where nobody watches."""
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=err,
        transient=True,
        disable=not err.is_terminal,
    )


def documents_table(store: Store, title: str, since_id: int = 0) -> Table:
    """One row a drop: what it was, where it went, how long it took, and why."""
    table = Table(title=title, title_justify="left", expand=False)
    for heading, justify in (("document", "left"), ("type", "left"), ("state", "left"), ("seconds", "right")):
        table.add_column(heading, justify=justify, overflow="fold")  # type: ignore[arg-type]
    table.add_column("why", overflow="fold", ratio=1)
    with store.reading() as session:
        rows = session.execute(
            select(DropRow, DocumentRow)
            .outerjoin(DocumentRow, DropRow.document_id == DocumentRow.id)
            .where(DropRow.id > since_id)
            .order_by(DropRow.name)
        ).all()
        seen: dict[int, str] = {}
        for drop, document in sorted(rows, key=lambda row: row[0].id):
            if document is not None:
                seen.setdefault(document.id, drop.name)
        for drop, document in rows:
            table.add_row(escape(drop.name), *_cells(drop, document, seen))
    return table


def _cells(drop: DropRow, document: DocumentRow | None, first: dict[int, str]) -> tuple[str, str, str, str]:
    if document is None:
        return "", "[red]refused[/]", "", drop.refused or ""
    state = f"[{STYLES.get(document.state, 'default')}]{document.state}[/]"
    if first[document.id] != drop.name:
        return document.type or "", state, "", f"the same bytes as {escape(first[document.id])}: one document"
    seconds = "" if document.seconds is None else f"{document.seconds:.1f}"
    if document.quarantine_code:
        why = f"{document.quarantine_code}: {document.quarantine_message or ''}"
    else:
        why = "; ".join(document.reasons) or "straight through"
    return document.type or "", state, seconds, escape(why)
