"""Commands for engineers: train the classifier, make the samples."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flows.cli.common import out
from pipeline.learn import CLASSIFIER_DOCUMENTS, CLASSIFIER_SEED, SAMPLES_SEED

_ROOT = Path(__file__).resolve().parents[2]
train = typer.Typer(help="Train the models that ship with Podatelna.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.add_typer(train, name="train")
    app.command()(samples)


@train.command()
def classifier(
    folder: Annotated[Path, typer.Option(help="Where the weights and the model card go.")] = _ROOT
    / "models"
    / "weights"
    / "classifier",
    seed: Annotated[int, typer.Option(help="The same seed gives the same weights.")] = CLASSIFIER_SEED,
    documents: Annotated[int, typer.Option(help="How many documents to generate.", min=100)] = CLASSIFIER_DOCUMENTS,
) -> None:
    """Train the spaCy document type classifier on generated documents, and write its model card."""
    from pipeline.learn.train_classifier import train as train_classifier

    train_classifier(folder, seed=seed, documents=documents)
    out.print(f"Written to {folder}; figures are in its MODEL_CARD.md.")


def samples(
    folder: Annotated[Path, typer.Argument(help="Where documents/ and truth.jsonl go.")] = _ROOT / "data" / "samples",
    seed: Annotated[int, typer.Option(help="The same seed gives the same documents.")] = SAMPLES_SEED,
) -> None:
    """Generate the sample documents, with the truth beside them."""
    from pipeline.learn.samples import write_samples

    write_samples(folder, seed=seed)
    out.print(f"Written to {folder}.")
