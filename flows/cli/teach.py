"""Commands for engineers: train the models, measure the confidences, make the samples."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flows.cli.common import out
from pipeline.learn import (
    CLASSIFIER_DOCUMENTS,
    CLASSIFIER_SEED,
    READING_PAGES,
    READING_SEED,
    RECEIPTS_DOCUMENTS,
    RECEIPTS_SEED,
    ROWS_DOCUMENTS,
    ROWS_SCANS,
    ROWS_SEED,
    SAMPLES_SEED,
    SCORER_DOCUMENTS,
    SCORER_SEED,
)

_ROOT = Path(__file__).resolve().parents[2]
_WEIGHTS = _ROOT / "models" / "weights"
train = typer.Typer(help="Train the models that ship with Podatelna.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.add_typer(train, name="train")
    app.command()(samples)


def _say_written(folder: Path) -> None:
    out.print(f"Written to {folder}; figures are in its MODEL_CARD.md.")


@train.command()
def classifier(
    folder: Annotated[Path, typer.Option(help="Where the weights and the model card go.")] = _WEIGHTS / "classifier",
    seed: Annotated[int, typer.Option(help="The same seed gives the same weights.")] = CLASSIFIER_SEED,
    documents: Annotated[int, typer.Option(help="How many documents to generate.", min=100)] = CLASSIFIER_DOCUMENTS,
) -> None:
    """Train the spaCy document type classifier on generated documents, and write its model card."""
    from pipeline.learn.train_classifier import train as train_classifier

    train_classifier(folder, seed=seed, documents=documents)
    _say_written(folder)


@train.command()
def rows(
    folder: Annotated[Path, typer.Option(help="Where the weights and the model card go.")] = _WEIGHTS / "scorer",
    seed: Annotated[int, typer.Option(help="The same seed gives the same weights.")] = ROWS_SEED,
    documents: Annotated[int, typer.Option(help="How many documents to generate of every language.", min=20)] = (
        ROWS_DOCUMENTS
    ),
    scans: Annotated[int, typer.Option(help="How many to scan and read besides (4 to 8 seconds each).", min=0)] = (
        ROWS_SCANS
    ),
    truth: Annotated[
        list[Path] | None,
        typer.Option(help="A folder of real documents with their truth, to learn from too."),
    ] = None,
) -> None:
    """Learn how probable the rows of tables are on generated documents; write the weights and their card."""
    from pipeline.learn.row_papers import of_folder
    from pipeline.learn.row_scorer import train as train_rows

    real = (paper for one in truth or () for paper in of_folder(one))
    train_rows(folder, seed, count=documents, scans=scans, truth=real, say=out.print)
    out.print(f"Written to {folder}; figures are in its ROWS_CARD.md.")


@train.command()
def reading(
    folder: Annotated[Path, typer.Option(help="Where the weights and the model card go.")] = _WEIGHTS / "reading",
    seed: Annotated[int, typer.Option(help="The same seed gives the same weights.")] = READING_SEED,
    pages: Annotated[int, typer.Option(help="How many pages to generate (8 seconds each).", min=30)] = READING_PAGES,
    truth: Annotated[
        Path | None, typer.Option(help="A folder of real pages with their words, to learn from too.")
    ] = None,
) -> None:
    """Learn how probable words are, and which engine reads what; write the weights and their model card."""
    from pipeline.learn.train_reading import train as train_reading

    train_reading(folder, seed=seed, count=pages, truth=truth, say=out.print)
    _say_written(folder)


@train.command()
def scorer(
    folder: Annotated[Path, typer.Option(help="Where the weights and the model card go.")] = _WEIGHTS / "scorer",
    seed: Annotated[int, typer.Option(help="The same seed gives the same weights.")] = SCORER_SEED,
    documents: Annotated[int, typer.Option(help="How many documents to generate of every type.", min=20)] = (
        SCORER_DOCUMENTS
    ),
    truth: Annotated[
        list[Path] | None,
        typer.Option(help="A folder of real documents with their truth, to learn from too."),
    ] = None,
) -> None:
    """Train the scorers of form fields and of invoices on generated documents, and write their model cards."""
    from pipeline.learn.invoice_scorer import train as train_invoices
    from pipeline.learn.scorer_papers import of_folder
    from pipeline.learn.train_scorer import train as train_scorer

    train_scorer(folder, seed=seed, documents=documents, truth=truth or (), say=out.print)
    real = (paper for one in truth or () for paper in of_folder(one))
    train_invoices(folder, seed=seed, documents=documents, truth=real, say=out.print)
    _say_written(folder)


@train.command()
def receipts(
    folder: Annotated[Path, typer.Option(help="Where the weights and the model card go.")] = _WEIGHTS / "receipt",
    seed: Annotated[int, typer.Option(help="The same seed gives the same weights.")] = RECEIPTS_SEED,
    documents: Annotated[int, typer.Option(help="How many receipts to generate.", min=20)] = RECEIPTS_DOCUMENTS,
    *,
    truth: Annotated[Path | None, typer.Option(help="A folder of real receipts with keys, to learn from too.")] = None,
    readings: Annotated[Path | None, typer.Option(help="Where readings of its pictures are kept.")] = None,
    deals: Annotated[int, typer.Option(help="How often shops are dealt out anew for the figures.", min=1)] = 1,
) -> None:
    """Learn the head, the day and the total of receipts; write the weights and their model card."""
    from pipeline.learn.train_receipts import train as train_receipts

    train_receipts(folder, seed=seed, documents=documents, truth=truth, readings=readings, deals=deals)
    _say_written(folder)


def samples(
    folder: Annotated[Path, typer.Argument(help="Where documents/ and truth.jsonl go.")] = _ROOT / "data" / "samples",
    seed: Annotated[int, typer.Option(help="The same seed gives the same documents.")] = SAMPLES_SEED,
) -> None:
    """Generate the sample documents, with the truth beside them."""
    from pipeline.learn.samples import write_samples

    write_samples(folder, seed=seed)
    out.print(f"Written to {folder}.")
