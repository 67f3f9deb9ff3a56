"""Commands that run the office: run, serve, demo, doctor, housekeeping."""

from __future__ import annotations

import json
import os
import threading
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from flows.cli.common import Home, Json, documents_table, err, out, progress_bar, settings_for
from models.errors import MissingTool, SettingsError
from pipeline.intake.quarantine import printable
from pipeline.store import Store

_NAMED = 50  # more documents than that are only counted
SAMPLES = Path(__file__).resolve().parents[2] / "data" / "samples" / "documents"


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    for command in (run, serve, demo, doctor, housekeeping):
        app.command()(command)


def _round(store: Store, *, watching: bool = False) -> dict[str, int]:
    """Take in what is ready, then process all that waits. Returns how many documents ended in which state.

    What became of each is said in a line on standard error, unless they are many.
    """
    from pipeline.intake import take_in
    from pipeline.process import pending, process

    reports = [take_in(store)]
    if reports[0].waiting and not watching:  # dropped a moment ago, most likely: let it become quiet
        time.sleep(store.settings.settle_seconds)
        reports.append(take_in(store))
    taken, refused, known = (sum(getattr(one, what) for one in reports) for what in ("taken", "refused", "duplicates"))
    ids = pending(store, limit=1_000_000)
    totals: dict[str, int] = {}
    if not watching or taken or refused or ids:
        err.print(
            f"Taken in {taken}, refused {refused}, known already {known}, "
            f"still being written or incomplete {reports[-1].waiting}; {len(ids)} to process."
        )
    turned_away = [one for report in reports for one in report.entries if one.outcome in ("refused", "duplicate")]
    for one in turned_away[:_NAMED]:
        _say_end(one.name, one.outcome, one.reason)
    with progress_bar() as bar:
        task = bar.add_task("documents", total=len(ids))

        def done(outcome: object) -> None:
            state = str(getattr(outcome, "state", "skipped"))
            totals[state] = totals.get(state, 0) + 1
            if len(ids) <= _NAMED and (name := getattr(outcome, "name", "")):
                _say_end(name, state, getattr(outcome, "code", None) or "")
            bar.advance(task)

        process(store, ids, workers=store.settings.workers, on_done=done)
    return totals


def _say_end(name: str, state: str, why: str) -> None:
    words = f"  {printable(name, 100)} → {state}" + (f" ({printable(why)})" if why else "")
    err.print(escape(words), highlight=False, soft_wrap=True)


def run(
    home: Home = None,
    watch: Annotated[bool, typer.Option("--watch", help="Go on until stopped with Ctrl+C.")] = False,
    workers: Annotated[int | None, typer.Option(help="Documents read at once. [default: one per core]", min=1)] = None,
) -> None:
    """Take in the drop folder and process everything, once or on and on; no Prefect server needed.

    A file that is still being written is left for the next run; one that stays incomplete is refused after
    PATIENCE_SECONDS (2 minutes). Safe to run twice at once, and to be killed.
    """
    settings = settings_for(home)
    if workers:
        settings = settings.model_copy(update={"workers": workers})
    with Store.open(settings) as store:
        if watch:
            from flows.watch import watch as looks

            err.print(f"Watching {settings.inbox}; stop with Ctrl+C.")
            for _ in looks(settings, threading.Event()):
                _round(store, watching=True)
            return
        start = time.perf_counter()
        totals = _round(store)
        seconds = time.perf_counter() - start
        words = ", ".join(f"{count} {state}" for state, count in sorted(totals.items())) or "nothing to do"
        out.print(f"{words} ({seconds:.1f} s). `podatelna status` counts all, `podatelna queue` lists what waits.")


def serve(home: Home = None) -> None:
    """Run the review desk, the Prefect server and the scheduled flows on this machine until Ctrl+C.

    Prints where the desk is; while there is no account, a link that makes the first one (a supervisor), once.
    """
    from flows.serve import serve as run_services

    settings = settings_for(home)
    os.environ["PODATELNA_HOME"] = str(settings.home.absolute())
    err.print("Starting the desk and the Prefect server (about 15 seconds) ...")

    def ready() -> None:
        out.print(f"Drop folder     {settings.inbox.absolute()}")
        with Store.open(settings) as store:
            _say_way_in(store, "Review desk     ")
        out.print(f"Prefect         http://{settings.host}:{settings.prefect_port}/")
        out.print(f"  its password  podatelna: and then the line in {settings.home.absolute() / 'prefect.key'}")
        out.print("Stop with Ctrl+C.")

    run_services(settings, ready)


def demo(home: Home = None) -> None:
    """Process the samples through the Prefect flows and show what became of them. Run again, it changes nothing."""
    from flows.demo import copy_samples, watched

    if not SAMPLES.is_dir():
        raise MissingTool(f"The samples are not at {SAMPLES}. They come with the source: run this in a checkout.")
    # the samples are whole from the first moment: nobody is still writing the truncated one
    os.environ.setdefault("PODATELNA_SETTLE_SECONDS", "0")
    os.environ.setdefault("PODATELNA_PATIENCE_SECONDS", "0")
    settings = settings_for(home)
    with Store.open(settings) as store:
        copied = copy_samples(store, SAMPLES)
        if copied:
            err.print(f"Dropped {copied} samples into {settings.inbox}. Starting Prefect (10 to 20 seconds) ...")
            start = time.perf_counter()
            from flows.prefect_home import configure

            configure(settings)
            from flows.flows import ingest, run_process

            taken = ingest(str(settings.home))
            err.print(
                f"ingest flow: {taken['taken']} taken in, {taken['duplicates']} known already, "
                f"{taken['refused']} refused. Reading ..."
            )
            with progress_bar() as bar:
                task = bar.add_task("documents", total=None)

                def told(done: int, total: int) -> None:
                    if err.is_terminal:
                        bar.update(task, completed=done, total=total)
                    else:
                        err.print(f"{done} of {total} read.")

                with watched(store, told, every=0.5 if err.is_terminal else 10.0):
                    run_process(settings)
            title = f"What became of the samples ({time.perf_counter() - start:.0f} s with Prefect's start)"
        else:
            err.print("All samples are here already; nothing was changed.")
            title = "What became of the samples"
        out.print(documents_table(store, title))
        out.print(f"Rows: {settings.url}  (a table a type: podatelna types)", soft_wrap=True)
        out.print("Next: [bold].venv/bin/podatelna serve[/], then open the review desk at")
        _say_way_in(store, "  ")


def _say_way_in(store: Store, before: str) -> None:
    """Print where the desk is, and what to do there."""
    from pipeline.review.desk import way_in

    where, first = way_in(store)
    out.print(f"{before}{where}", soft_wrap=True, highlight=False)
    out.print(" " * len(before) + ("this link makes the first account, once" if first else "sign in with your account"))


def doctor(home: Home = None, as_json: Json = False) -> None:
    """Check programs, languages, folders and database; say what is missing and the command that mends it."""
    from flows.doctor import examine

    checks = examine(settings_for(home))
    if as_json:
        typer.echo(json.dumps([check.as_dict() for check in checks], indent=1))
    else:
        for check in checks:
            out.print(f"{check.mark} [bold]{check.name:<12}[/] {check.detail}", highlight=False)
            if check.mend:
                out.print(f"    mend: [bold]{check.mend}[/]", highlight=False)
    if any(not check.well for check in checks):
        raise SettingsError("Something is missing; see the lines marked with a cross.")


def housekeeping(home: Home = None, as_json: Json = False) -> None:
    """Give back lost leases, finish what a crash left half-done, forget old page images; then check the vault."""
    from pipeline.housekeeping import tidy, verify

    with Store.open(settings_for(home)) as store:
        done, problems = tidy(store), verify(store)
    if as_json:
        typer.echo(json.dumps({"done": done, "problems": problems}))
    else:
        out.print(", ".join(f"{name} {count}" for name, count in done.items()))
        for problem in problems:
            out.print(f"[red]problem[/] {problem}")
    if problems:
        raise typer.Exit(6)
