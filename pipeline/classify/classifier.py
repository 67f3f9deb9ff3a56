"""The classifier at work: weights from ``models/weights/classifier``, loaded once a process.

What the answer means:

* ``type`` is the most probable type and ``confidence`` the calibrated probability that it is right.
* Below the abstain threshold the answer is "unknown": type ``other`` with the best type's probability as
  confidence. It is lower than `models.settings.Settings.type_threshold`, so routing sends it to a person.
* A document without a word on it is "unknown" with confidence 0.
* A document that carries an e-invoice is what its XML says, with confidence 1.
* A short document with a machine-readable zone whose check digits hold is an identity document, with confidence 1.
* An invoice of which our own company is the seller is one that we issued: see `pipeline.classify.ours`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import models
from extractors.identity import zone_of
from models.document_types import UNKNOWN
from models.errors import MissingTool
from models.records import Classification, Reading
from pipeline.classify.features import tokens
from pipeline.classify.ours import sided

if TYPE_CHECKING:
    from spacy.language import Language


WEIGHTS = Path(models.__file__).parent / "weights" / "classifier"
IDENTITY = "identity_document"
ZONE_PAGES, ZONE_WORDS = 2, 300  # both sides of a card; a longer paper may have a copy of one in it
ZONE_FILLERS = 5  # "<" that a zone has at least


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


def classify(reading: Reading, our_names: Iterable[str] = (), our_ids: Iterable[str] = ()) -> Classification:
    """The type of the document that was read; see the module for what the confidence means.

    Args:
        reading: the words of the pages, and the e-invoice if there is one.
        our_names: our own company names, by which invoices that we issued are known.
        our_ids: our own VAT and company ids, likewise.

    Raises:
        MissingTool: the weights are not there.
    """
    if reading.einvoice is not None:
        told = Classification(reading.einvoice.document_type, 1.0)
    elif _has_zone(reading):
        told = Classification(IDENTITY, 1.0)
    else:
        told = _by_words(reading)
    return sided(reading, told, our_names, our_ids)


def _has_zone(reading: Reading) -> bool:
    """Whether it is small and has a machine-readable zone all of whose check digits hold."""
    texts = [word.text for page in reading.pages for word in page.words]
    if len(reading.pages) > ZONE_PAGES or len(texts) > ZONE_WORDS:
        return False
    if sum(text.count("<") + text.count("«") for text in texts) < ZONE_FILLERS:
        return False
    zone = zone_of(reading)
    return zone is not None and zone.valid


def _by_words(reading: Reading) -> Classification:
    words = tokens(reading)
    if not words:
        return Classification(UNKNOWN, 0.0)
    chances = probabilities(words)
    best = max(chances, key=lambda name: chances[name])
    confidence = round(chances[best], 4)
    if chances[best] < _load(WEIGHTS)[3]:
        return Classification(UNKNOWN, confidence)
    return Classification(best, confidence)
