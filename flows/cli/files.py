"""Commands on files alone, without a database: extract and read."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from flows.cli.common import err, out, progress_bar, settings_for
from models.errors import SomeFailed, UnreadableDocument
from models.records import LINE_ITEM_COLUMNS, Reading, Record, Understanding
from models.settings import Settings


def _no_folders(paths: list[Path]) -> list[Path]:
    if folder := next((path for path in paths if path.is_dir()), None):
        raise typer.BadParameter(f"{folder} is a folder. Name the files in it, as {folder}/*.")
    return paths


def no_folder(path: Path | None) -> Path | None:
    """The path of the one file that a command takes, for its argument's ``callback``.

    Raises:
        typer.BadParameter: it is a folder.
    """
    if path is not None and path.is_dir():
        raise typer.BadParameter(f"{path} is a folder. Name one of the files in it.")
    return path


Files = Annotated[
    list[Path],
    typer.Argument(metavar="FILE", help="PDF, image, XML or ISDOCX.", exists=True, callback=_no_folders),
]
Jsonl = Annotated[bool, typer.Option("--jsonl", help="Print one JSON object a line.")]
Workers = Annotated[int | None, typer.Option(help="Files read at once. [default: one per core]", min=1)]


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    for command in (extract, read):
        app.command()(command)


def _each(files: list[Path], job: Callable[[Path], dict[str, Any]], workers: int) -> Iterator[dict[str, Any]]:
    """Run ``job`` over the files, several at once, and yield the answers in the order of the files."""
    with progress_bar() as bar, ThreadPoolExecutor(workers) as pool:
        task = bar.add_task("files", total=len(files))
        for answer in pool.map(job, files):
            bar.advance(task)
            yield answer


def understanding_as_dict(file: Path, result: Understanding) -> dict[str, Any]:
    """The stable JSON form of one document that ``extract --jsonl`` prints."""
    return {
        "file": str(file),
        "document": 1,
        "type": result.classification.type,
        "type_confidence": round(result.classification.confidence, 4),
        "route": result.decision.route.value,
        "reasons": list(result.decision.reasons),
        "fields": {
            field.name: {
                "value": field.value,
                "raw": field.raw,
                "confidence": round(field.confidence, 4),
                "page": field.page,
                "box": [round(side, 2) for side in field.box] if field.box else None,
                "source": field.source.value,
                "witnesses": [witness.value for witness in field.witnesses],
            }
            for field in result.extraction.fields
        },
        "line_items": [
            {column: getattr(item, column) for column in LINE_ITEM_COLUMNS} for item in result.extraction.line_items
        ],
        "findings": [
            {
                "code": finding.code,
                "severity": finding.severity.value,
                "message": finding.message,
                "fields": list(finding.fields),
            }
            for finding in result.findings
        ],
        "seconds": round(result.seconds, 3),
    }


def refusal_as_dict(file: Path, error: UnreadableDocument) -> dict[str, Any]:
    """The same form for a file that can't be read."""
    finding = {"code": error.code, "severity": "error", "message": str(error), "fields": []}
    return {
        "file": str(file),
        "document": 1,
        "type": "other",
        "type_confidence": 0.0,
        "route": "quarantine",
        "reasons": [f"{error.code}: {error}"],
        "fields": {},
        "line_items": [],
        "findings": [finding],
        "seconds": 0.0,
    }


def kept_or_not(ask: Callable[..., Record], path: Path, settings: Settings) -> Record:
    """Ask about a file; pages that are in the cache of the home, if there is one, are not read again."""
    from pipeline.intake import media_type_of
    from pipeline.page_cache import shelf_of

    media_type = media_type_of(path)
    return ask(path, media_type, settings, None, shelf_of(settings, path, media_type))


def extract(files: Files, jsonl: Jsonl = False, workers: Workers = None) -> None:
    """Read files and print their type, fields, line items and findings. Nothing is stored, but the cache of the home.

    With --jsonl one object a document: {"file", "document", "type", "type_confidence", "route":
    "auto|review|quarantine", "reasons", "fields": {name: {"value", "raw", "confidence", "page", "box": [x0, y0, x1,
    y1], "source", "witnesses"}}, "line_items", "findings": [{"code", "severity", "message", "fields"}],
    "seconds"}. Values are in normal form (ISO dates, decimal point, ISO 4217); boxes are PDF points
    from the top left. Exit code 6 where a file could not be read.
    """
    from pipeline.caged import understand_caged

    settings = settings_for(None)

    def job(path: Path) -> dict[str, Any]:
        try:
            return understanding_as_dict(path, kept_or_not(understand_caged, path, settings))
        except UnreadableDocument as error:
            return refusal_as_dict(path, error)

    refused = 0
    for answer in _each(files, job, workers or settings.workers):
        refused += answer["route"] == "quarantine"
        if jsonl:
            typer.echo(json.dumps(answer, ensure_ascii=False))
        else:
            _show(answer)
    if refused:
        raise SomeFailed(f"{refused} of {len(files)} files could not be read; their reasons are above.")


def _show(answer: dict[str, Any]) -> None:
    from pipeline.intake import advice

    refused = answer["route"] == "quarantine"
    what = (
        "can't be read"
        if refused
        else f"{answer['type']} ({answer['type_confidence'] * 100:.0f} %) → {answer['route']}"
    )
    out.print(f"[bold]{escape(answer['file'])}[/]  {what}")
    for reason in answer["reasons"]:
        out.print(f"  [yellow]{escape(reason)}[/]")
    if refused:
        for finding in answer["findings"]:
            out.print(f"  {escape(advice(finding['code'], finding['message'])[0])}")
    if answer["fields"]:
        table = Table(box=None, pad_edge=True, show_header=True)
        for heading in ("field", "value", "sure", "page", "source", "vouched for by"):
            table.add_column(heading, overflow="fold")
        for name, field in answer["fields"].items():
            value = field["value"] if len(field["value"]) < 200 else field["value"][:200] + " …"
            page = "" if field["page"] is None else str(field["page"])
            witnesses = ", ".join(field["witnesses"])
            table.add_row(name, escape(value), f"{field['confidence']:.0%}", page, field["source"], witnesses)
        out.print(table)
    if answer["line_items"]:
        table = Table(*LINE_ITEM_COLUMNS, box=None)
        for item in answer["line_items"]:
            table.add_row(*(escape(item[column] or "") for column in LINE_ITEM_COLUMNS))
        out.print(table)
    out.print()


def _reading_as_dict(file: Path, reading: Reading) -> dict[str, Any]:
    return {
        "file": str(file),
        "pages": [
            {
                "page": page.number,
                "width": round(page.width, 2),
                "height": round(page.height, 2),
                "kind": page.kind.value,
                "source": page.source.value,
                "words": [
                    {
                        "text": word.text,
                        "box": [round(side, 2) for side in word.box],
                        "confidence": round(word.confidence, 4),
                    }
                    for word in page.words
                ],
                "lines": [
                    " ".join(word.text for word in page.words[first:end])
                    for block in page.blocks
                    for first, end in block.lines
                ],
                "codes": [
                    {"format": code.format, "text": code.text, "box": [round(side, 2) for side in code.box]}
                    for code in page.codes
                ],
            }
            for page in reading.pages
        ],
        "findings": [
            {"code": finding.code, "severity": finding.severity.value, "message": finding.message}
            for finding in reading.findings
        ],
    }


def read(files: Files, jsonl: Jsonl = False, workers: Workers = None) -> None:
    """Read files and print their words and codes. Nothing is stored, but the cache of the home.

    With --jsonl one object a file: {"file", "pages": [{"page", "width", "height", "kind", "source", "words": [{"text",
    "box", "confidence"}], "lines": [text], "codes": [{"format", "text", "box"}]}], "findings": [{"code", "severity",
    "message"}]}; boxes are PDF points from the top left of the upright page; kind is text, scan, mixed or blank. A file
    that can't be read has no pages and an "error": {"code", "message"}, and the exit code is 6.
    """
    from pipeline.caged import read_caged

    settings: Settings = settings_for(None)

    def job(path: Path) -> dict[str, Any]:
        try:
            return _reading_as_dict(path, kept_or_not(read_caged, path, settings))
        except UnreadableDocument as error:
            return {"file": str(path), "pages": [], "error": {"code": error.code, "message": str(error)}}

    refused = 0
    for answer in _each(files, job, workers or settings.workers):
        refused += "error" in answer
        if jsonl:
            typer.echo(json.dumps(answer, ensure_ascii=False))
            continue
        if "error" in answer:
            err.print(
                f"[red]{answer['error']['code']}[/] {escape(answer['file'])}: {escape(answer['error']['message'])}"
            )
        elif not answer["pages"]:
            err.print(f"{escape(answer['file'])} has no pages: it is data, which [bold]podatelna extract[/] shows.")
        for page in answer["pages"]:
            out.print(f"[bold]{escape(answer['file'])}[/] page {page['page']} ({page['kind']}, {page['source']})")
            for line in page["lines"]:
                out.print(escape(line), highlight=False, soft_wrap=True)
            for code in page["codes"]:
                out.print(f"[bold]{code['format']}[/] {escape(code['text'])}", highlight=False)
        for finding in answer.get("findings", ()):
            out.print(f"[yellow]{finding['code']}[/] {escape(finding['message'])}", highlight=False)
    if refused:
        raise SomeFailed(f"{refused} of {len(files)} files could not be read; their reasons are above.")
