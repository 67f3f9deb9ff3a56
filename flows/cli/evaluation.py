"""The command that measures: the pipeline on documents whose truth is known."""

from __future__ import annotations

import dataclasses
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from flows.cli.common import Home, Json, err, out, progress_bar, settings_for
from models.settings import Settings

if TYPE_CHECKING:
    from pipeline.evaluate.figures import Figures, Sureness
    from pipeline.evaluate.judge import Judged
    from pipeline.evaluate.metrics import Score

Source = Annotated[
    Path, typer.Argument(metavar="TRUTH", help="A .jsonl file, or a folder of .json files.", exists=True)
]
Folder = Annotated[
    Path, typer.Argument(metavar="FOLDER", help="Where the documents are.", exists=True, file_okay=False)
]
Report = Annotated[
    Path | None, typer.Option(help="Write a page to look at, with the worst documents; replaced.", dir_okay=False)
]
Workers = Annotated[int | None, typer.Option(help="Documents at once. [default: one per core]", min=1)]


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command()(evaluate)


def evaluate(  # noqa: PLR0917 - each is an option
    source: Source,
    folder: Folder,
    report: Report = None,
    as_json: Json = False,
    workers: Workers = None,
    home: Home = None,
) -> None:
    """Run the pipeline on documents with known truth, and print how good it is. Nothing is loaded.

    TRUTH has one object a document: {"id", "file", "type", "fields": {name: value}, "line_items": [{column: value}]},
    as data/samples/truth.jsonl; "file" is relative to FOLDER. Values are in normal form. A field that is not named is
    not on the document, and a value found for it is wrong; with "partial": true only what is named is judged, and null
    says that a field is absent.

    What was read is kept in the cache of the home, so that a second run is fast. --json prints all figures;
    how each is defined stands at the end of the report.
    """
    from pipeline.evaluate.figures import figures
    from pipeline.evaluate.run import judge_all
    from pipeline.evaluate.truth import read_truth

    settings = settings_for(home)
    if workers:
        settings = settings.model_copy(update={"workers": workers})
    if report is not None and not report.absolute().parent.is_dir():
        raise typer.BadParameter(f"There is no folder {report.absolute().parent}.", param_hint="--report")
    truths = read_truth(source, folder)
    with progress_bar() as bar:
        task = bar.add_task("documents", total=len(truths))
        judged = judge_all(truths, settings, lambda: bar.advance(task))
    sums = figures(judged)
    if report is not None:
        _write(report, judged, sums, settings, str(source))
    if as_json:
        typer.echo(json.dumps(_as_dict(sums, judged), ensure_ascii=False))
    else:
        _show(sums, {one.truth.file: one for one in judged})


def _write(report: Path, judged: tuple[Judged, ...], sums: Figures, settings: Settings, source: str) -> None:
    from pipeline.evaluate.report import html

    text = html(judged, sums, settings, source)
    part = report.with_name(f".{report.name}.{os.getpid()}.part")
    try:
        # documents' content: for its owner alone
        with os.fdopen(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
        part.replace(report)
    finally:
        part.unlink(missing_ok=True)
    err.print(f"{report}: the report", highlight=False)


def _as_dict(sums: Figures, judged: tuple[Judged, ...]) -> dict[str, Any]:
    """The figures with precision, recall and F1 beside each count, and what is wrong in each document."""
    from pipeline.evaluate.judge import Verdict
    from pipeline.evaluate.metrics import Score

    def plain(value: Any) -> Any:
        if isinstance(value, Score):
            shares = {"precision": value.precision, "recall": value.recall, "f1": value.f1}
            return dataclasses.asdict(value) | shares
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
        if isinstance(value, dict):
            return {name: plain(one) for name, one in value.items()}
        return [plain(one) for one in value] if isinstance(value, tuple) else value

    wrong = [
        {
            "file": one.truth.file,
            "field": field.name,
            "verdict": field.verdict.value,
            "truth": field.truth,
            "in_words": field.stands is not None,
            "found": field.found.value if field.found else None,
            "confidence": round(field.found.confidence, 4) if field.found else None,
        }
        for one in judged
        for field in one.fields
        if field.verdict is not Verdict.RIGHT
    ]
    found: dict[str, Any] = plain(sums)
    return found | {"errors": wrong}


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share * 100:.1f}"


def _of(part: int, whole: int) -> str:
    return f"{part} of {whole}" + (f" ({part / whole:.1%})" if whole else "")


def _scores(table: Table, name: str, score: Score, style: str = "") -> None:
    shares = (_percent(one) for one in (score.precision, score.recall, score.f1))
    counts = (str(one) if one else "–" for one in (score.wanted, score.wrong, score.missing))
    table.add_row(escape(name), *shares, *counts, style=style)


def _score_table(title: str, first: str) -> Table:
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    table.add_column(first)
    for heading in ("P", "R", "F1", "wanted", "wrong", "missing"):
        table.add_column(heading, justify="right")
    return table


def _show(sums: Figures, by_file: dict[str, Judged]) -> None:
    for name, fields in sums.by_field.items():
        table = _score_table(f"[bold]{name}[/]", "field")
        for field, score in fields.items():
            _scores(table, field, score)
        _scores(table, "all fields", sums.by_type[name], "bold")
        out.print(table, "")
    if sums.rows:
        table = _score_table("[bold]line items[/]", "column")
        for column, score in sums.rows.by_column.items():
            _scores(table, column, score)
        _scores(table, "all cells", sums.rows.cells, "bold")
        _scores(table, "whole rows", sums.rows.whole, "bold")
        out.print(table, "")
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for name, text in _facts(sums):
        table.add_row(name, escape(text))
    out.print(table, "")
    if sums.worst:
        table = Table("worst documents", "type", "way", "wrong fields", box=None, pad_edge=False)
        for file in sums.worst:
            table.add_row(*(escape(text) for text in _bad(by_file[file])))
        out.print(table)


def _facts(sums: Figures) -> list[tuple[str, str]]:
    total, types, straight = sums.fields, sums.types, sums.straight
    low, high = sums.interval or (0.0, 0.0)
    between = f" (95 %: {_percent(low)} to {_percent(high)})" if sums.interval else ""
    facts = [
        ("fields", f"F1 {_percent(total.f1)}{between}, P {_percent(total.precision)}, R {_percent(total.recall)}"),
        ("documents", f"fully right {_of(sums.documents_right, sums.documents)}; all fields {sums.headers_right}"),
    ]
    facts += [
        (f"F1, {name}", ", ".join(f"{language} {_percent(score.f1)}" for language, score in languages.items()))
        for name, languages in sums.by_language.items()
        if len(languages) > 1
    ]
    if sums.missed:
        facts.append(("missed values", f"{_of(sums.missed_in_words, sums.missed)} stand in the words that were read"))
    if sums.rows:
        facts.append(("tables", f"without a fault {_of(sums.rows.tables_right, sums.rows.documents)}"))
    abstained = types.documents - types.decided
    decided = f"right {_of(types.decided_right, types.decided)} of those decided"
    facts.append(("types", f"{decided}; abstained {_of(abstained, types.documents)}"))
    facts += [("", f"{true} taken for {found}: {count}") for true, found, count in types.mistakes]
    wrong = f": {', '.join(straight.wrong)}" if straight.wrong else ""
    through = f"{_of(straight.through, straight.documents)}; with a wrong value {len(straight.wrong)}{wrong}"
    facts.append(("straight through", f"{through}; with one missing {len(straight.incomplete)}"))
    facts += [
        ("" if place else "to a person", f"{count}: {text}") for place, (text, count) in enumerate(sums.reasons[:5])
    ]
    for name, sure in (("confidence", sums.sureness), ("of rows", sums.row_sureness)):
        if sure:
            facts += _sure(name, sure)
    if sums.to_refuse:
        facts.append(("refused", f"for the right reason {_of(sums.refused_right, sums.to_refuse)}"))
    if sums.unreadable:
        facts.append(("unreadable", ", ".join(f"{file} ({code})" for file, code in sums.unreadable)))
    facts.append(("time", f"{sums.seconds:.2f} s a document (median; pages read before come from the cache)"))
    return facts


def _sure(name: str, sure: Sureness) -> list[tuple[str, str]]:
    auroc = "–" if sure.auroc is None else f"{sure.auroc:.3f}"
    facts = [(name, f"ECE {sure.error:.3f}, AUROC {auroc}, AURC {sure.aurc:.4f} ({sure.values} values)")]
    for one in sure.acceptable:
        enough = "none" if one.threshold is None else f"{one.of_wanted:.1%} of those wanted from {one.threshold:.3f}"
        bound = f", {one.wrong} of {one.accepted} wrong, with 95 % under {one.upper95:.1%}" if one.accepted else ""
        facts.append(("", f"acceptable at {one.risk:.1%} wrong: {enough}{bound}"))
    bins = "  ".join(f"{one.low:.1f}: {one.right:.0%} of {one.count}" for one in sure.bins)
    facts.append(("", f"right by confidence  {bins}"))
    return facts


def _bad(one: Judged) -> tuple[str, str, str, str]:
    from pipeline.evaluate.judge import Verdict

    fields = [
        f"{field.name}{'' if field.found is None else f' ({field.found.confidence:.0%} sure)'}"
        for field in one.fields
        if field.verdict is not Verdict.RIGHT
    ]
    rows = sum(not row.right for row in one.rows or ())
    if rows:
        fields.append(f"{rows} row{'' if rows == 1 else 's'}")
    if one.refused:
        fields = [f"refused: {one.refused[0]}"]
    return one.truth.file, one.type.type, one.decision.route.value, ", ".join(fields)
