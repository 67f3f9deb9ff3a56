"""The classifier at work: weights from ``models/weights/classifier``, loaded once a process.

What the answer means:

* ``type`` is the type that fits best and ``confidence`` the calibrated probability that it is right.
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
from typing import TYPE_CHECKING, NamedTuple

import models
from extractors.identity import zone_of
from models.document_types import UNKNOWN
from models.errors import MissingTool
from models.records import Classification, Reading
from pipeline.classify.calibration import Calibration
from pipeline.classify.features import tokens
from pipeline.classify.ours import sided
from pipeline.classify.titles import fields_of, title_of

if TYPE_CHECKING:
    from spacy.language import Language


WEIGHTS = Path(models.__file__).parent / "weights" / "classifier"
IDENTITY = "identity_document"
ZONE_PAGES, ZONE_WORDS = 2, 300  # both sides of a card; a longer paper may have a copy of one in it
ZONE_FILLERS = 5  # "<" that a zone has at least


class _Model(NamedTuple):
    """What is loaded: the pipeline, the features that it knows, its calibration and the least answer's confidence."""

    nlp: Language
    known: frozenset[str]
    calibration: Calibration
    abstain_below: float


@cache
def _load(folder: Path) -> _Model:
    import spacy  # takes a second, so not at the import of this module

    try:
        facts = json.loads((folder / "calibration.json").read_text(encoding="utf-8"))
        nlp = spacy.load(folder / "spacy", exclude=["vocab", "tokenizer"])  # words come split and hashed
        known = frozenset((folder / "features.txt").read_text(encoding="utf-8").split("\n"))
    except OSError as error:
        raise MissingTool(
            f"The classifier's weights can't be read from {folder}. Train them with: podatelna train classifier"
        ) from error
    return _Model(nlp, known, Calibration(*facts["weights"]), float(facts["abstain_below"]))


def warm() -> None:
    """Load the weights now, so that children forked later have them.

    Raises:
        MissingTool: the weights are not there.
    """
    scores(["=words0"])
    title_of(["Invoice"], 1.0)
    fields_of(["Invoice"])


def scores(words: list[str], folder: Path = WEIGHTS) -> dict[str, float]:
    """How well each type fits, 0..1, for tokens as `pipeline.classify.features.tokens` makes them.

    Each type is judged for itself: of a paper that is like none, none is high.

    Raises:
        MissingTool: the weights are not there.
    """
    from spacy.tokens import Doc

    model = _load(folder)
    doc = model.nlp(Doc(model.nlp.vocab, words=[word for word in words if word in model.known]))
    return dict(doc.cats)


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
    fits = scores(words)
    model = _load(WEIGHTS)
    confidence = round(model.calibration.confidence(fits), 4)
    if confidence < model.abstain_below:
        return Classification(UNKNOWN, confidence)
    return Classification(max(fits, key=lambda name: fits[name]), confidence)
