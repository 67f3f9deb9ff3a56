"""The classifier at work: weights from ``models/weights/classifier``, loaded once a process.

What the answer means:

* ``type`` is the most probable type and ``confidence`` the calibrated probability that it is right.
* Below the abstain threshold the answer is "unknown": type ``other`` with the best type's probability as
  confidence. It is lower than `models.settings.Settings.type_threshold`, so routing sends it to a person.
* A document without a word on it is "unknown" with confidence 0.
* A document that carries an e-invoice is what its XML says, with confidence 1.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from models.document_types import UNKNOWN
from models.errors import MissingTool
from models.records import Classification, Reading
from pipeline.classify.features import tokens

if TYPE_CHECKING:
    from spacy.language import Language

import models

WEIGHTS = Path(models.__file__).parent / "weights" / "classifier"


@cache
def _load(folder: Path) -> tuple[Language, frozenset[str], float, float]:
    """The pipeline, the features it knows, its temperature and its abstain threshold."""
    import spacy  # takes a second, so not at the import of this module

    try:
        facts = json.loads((folder / "calibration.json").read_text(encoding="utf-8"))
        nlp = spacy.load(folder / "spacy", exclude=["vocab", "tokenizer"])  # words come split and hashed
        known = frozenset((folder / "features.txt").read_text(encoding="utf-8").split("\n"))
    except OSError as error:
        raise MissingTool(
            f"The classifier's weights can't be read from {folder}. Train them with: podatelna train classifier"
        ) from error
    return nlp, known, float(facts["temperature"]), float(facts["abstain_below"])


def warm() -> None:
    """Load the weights now, so that children forked later have them.

    Raises:
        MissingTool: the weights are not there.
    """
    probabilities(["=words0"])


def probabilities(words: list[str], folder: Path = WEIGHTS) -> dict[str, float]:
    """The calibrated probability of every type for feature tokens as `pipeline.classify.features.tokens` makes them.

    Temperature scaling (Guo et al. 2017, "On Calibration of Modern Neural Networks", section 4.2): dividing the
    logits by T is the same as raising the softmax outputs to 1/T and normalising again.

    Raises:
        MissingTool: the weights are not there.
    """
    from spacy.tokens import Doc

    nlp, known, temperature, _ = _load(folder)
    doc = nlp(Doc(nlp.vocab, words=[word for word in words if word in known]))
    raised = {name: max(score, 1e-12) ** (1 / temperature) for name, score in doc.cats.items()}
    total = sum(raised.values())
    return {name: value / total for name, value in raised.items()}


def classify(reading: Reading) -> Classification:
    """The type of the document that was read; see the module for what the confidence means.

    Raises:
        MissingTool: the weights are not there.
    """
    if reading.einvoice is not None:
        return Classification(reading.einvoice.document_type, 1.0)
    words = tokens(reading)
    if not words:
        return Classification(UNKNOWN, 0.0)
    chances = probabilities(words)
    best = max(chances, key=lambda name: chances[name])
    confidence = round(chances[best], 4)
    if chances[best] < _load(WEIGHTS)[3]:
        return Classification(UNKNOWN, confidence)
    return Classification(best, confidence)
