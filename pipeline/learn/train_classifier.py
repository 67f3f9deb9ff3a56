"""Training of `pipeline.classify`: documents from the factory, held-out layouts and kinds of papers, calibration."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from random import Random

import numpy as np
import spacy
from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example
from thinc.api import fix_random_seed

from models.document_types import UNKNOWN
from pipeline.classify.calibration import Calibration
from pipeline.evaluate import metrics
from pipeline.learn import CLASSIFIER_DOCUMENTS, CLASSIFIER_SEED
from pipeline.learn.classifier_papers import NEW_LAYOUTS, NEW_PAPERS, STRANGE, TRAINED, TWIN, TYPES, Case, Choice, cases
from pipeline.learn.factory.trade import seeded
from pipeline.learn.model_card import Figures, write_card

ABSTAIN_BELOW = 0.65
SURE = 0.8
"""The default of `models.settings.Settings.type_threshold`: above it no person looks at the type."""
EPOCHS = 5
BATCH = 64
LEAST_KEPT = 0.4
RATE = 0.003
LEAST_SHARE = 0.002
UNTITLED = 0.08  # of the training documents have lost their large print

_MODEL = {
    "@architectures": "spacy.TextCatBOW.v3",
    "exclusive_classes": False,
    "ngram_size": 1,
    "no_output_layer": False,
    "length": 32768,
}


def common_features(learn: list[Case]) -> frozenset[str]:
    """The features that stand in enough documents to say something about a type rather than about a sender."""
    counts = Counter(word for case in learn for word in case.words)
    least = max(2, round(len(learn) * LEAST_SHARE))
    return frozenset(word for word, count in counts.items() if count >= least)


def _restricted(some: list[Case], known: frozenset[str]) -> list[Case]:
    """The cases with only the known features; those with no words at all are left out."""
    return [replace(case, words=[word for word in case.words if word in known]) for case in some if case.words]


def _examples(nlp: Language, learn: list[Case], rng: Random) -> Iterator[Example]:
    """The cases as examples, each with a random part of its features: no feature may be relied on alone."""
    for case in learn:
        keep = rng.uniform(LEAST_KEPT, 1.0)
        doc = Doc(nlp.vocab, words=[word for word in case.words if rng.random() < keep])
        yield Example.from_dict(doc, {"cats": {name: float(name == case.type) for name in TYPES}})


def _fit(nlp: Language, learn: list[Case], seed: int) -> None:
    rng = seeded("shuffle", seed)
    optimizer = nlp.initialize(lambda: list(_examples(nlp, learn[:200], rng)))
    for epoch in range(EPOCHS):
        optimizer.learn_rate = RATE * (1 - epoch / EPOCHS)
        rng.shuffle(learn)
        examples = _examples(nlp, learn, rng)
        while batch := list(islice(examples, BATCH)):
            nlp.update(batch, sgd=optimizer)


def _trained(seed: int, documents: int, part: str, choice: Choice) -> tuple[Language, frozenset[str]]:
    """A categoriser trained on generated documents of ``choice``, and the features it knows."""
    fix_random_seed(seed)
    learn = list(cases(seed, documents, part, choice, UNTITLED))
    known = common_features(learn)
    nlp = spacy.blank("xx")
    nlp.add_pipe("textcat_multilabel", config={"model": _MODEL, "threshold": 0.0})
    for name in TYPES:
        nlp.get_pipe("textcat_multilabel").add_label(name)  # type: ignore[attr-defined]
    _fit(nlp, _restricted(learn, known), seed)
    return nlp, known


def _scores(nlp: Language, judged: list[Case]) -> list[dict[str, float]]:
    docs = nlp.pipe((Doc(nlp.vocab, words=case.words) for case in judged), batch_size=128)
    return [dict(doc.cats) for doc in docs]


def fit_calibration(scores: Sequence[dict[str, float]], truth: Sequence[str], steps: int = 100) -> Calibration:
    """The calibration under which what happened is most likely: logistic regression by Newton's method.

    A ridge of one document keeps it finite where the types are always right.
    """
    places = np.array([[1.0, *Calibration.evidence(one)] for one in scores])
    right = np.array([max(one, key=lambda name: one[name]) == name for one, name in zip(scores, truth, strict=True)])
    found = np.array([0.0, 1.0, 0.0])
    for _ in range(steps):
        chance = 1 / (1 + np.exp(-np.clip(places @ found, -30, 30)))
        slope = places.T @ (right - chance) - found
        bend = (places * (chance * (1 - chance))[:, None]).T @ places + np.eye(3)
        found += np.clip(np.linalg.solve(bend, slope), -1.0, 1.0)  # a full step may leave the valley
    return Calibration(*(round(float(one), 4) for one in found))


def _judge(scores: list[dict[str, float]], judged: list[Case], calibration: Calibration) -> Figures:
    groups: dict[str, list[bool]] = {}
    confusions: Counter[str] = Counter()
    answers: list[tuple[float, bool]] = []
    decided: dict[float, list[tuple[str, bool]]] = {ABSTAIN_BELOW: [], SURE: []}
    for one, case in zip(scores, judged, strict=True):
        best = max(one, key=lambda name: one[name])
        chance, right = calibration.confidence(one), best == case.type
        groups.setdefault(case.group, []).append(right)
        answers.append((chance, right))
        for threshold, some in decided.items():
            if chance >= threshold:
                some.append((best, right))
                if not right and threshold == ABSTAIN_BELOW:
                    confusions[f"{case.group.split()[0]} read as {best}"] += 1
    total = max(1, len(judged))
    answered, sure = decided[ABSTAIN_BELOW], decided[SURE]
    return Figures(
        documents=len(judged),
        accuracy=sum(map(sum, groups.values())) / total,
        by_group={name: (len(rights), sum(rights) / len(rights)) for name, rights in sorted(groups.items())},
        confusions=dict(confusions.most_common()),
        abstained=1 - len(answered) / total,
        accepted_accuracy=sum(right for _, right in answered) / max(1, len(answered)),
        unsure=1 - len(sure) / total,
        sure_accuracy=sum(right for _, right in sure) / max(1, len(sure)),
        taken=sum(not right and best != UNKNOWN for best, right in sure) / total,
        calibration_error=metrics.calibration_error(
            np.array([chance for chance, _ in answers]), np.array([right for _, right in answers], np.bool_)
        ),
    )


def train(folder_out: Path, seed: int = CLASSIFIER_SEED, documents: int = CLASSIFIER_DOCUMENTS) -> Figures:
    """Train the classifier and write weights, calibration and model card to ``folder_out``.

    A twin that has not seen some kinds of other papers gives the calibration, on a quarter as many documents, half of
    them in layouts that nothing is trained on and with those papers; and it says what becomes of papers that nobody
    knows. All other figures are those of the weights that ship, on a quarter as many documents in such layouts.

    Args:
        folder_out: Replaced if it exists.
        seed: Decides the documents, their noise and the order of training.
        documents: The number of generated training documents, for the weights that ship and for the twin.

    Returns:
        What the model card says of the weights that ship.

    Raises:
        MissingTool: a font is not installed.
    """
    twin, known = _trained(seed, documents, "twin", TWIN)
    tune = [*cases(seed, documents // 8, "tune", TWIN), *cases(seed, documents // 8, "tune-new", NEW_PAPERS)]
    tune = _restricted(tune, known)
    calibration = fit_calibration(_scores(twin, tune), [case.type for case in tune])
    strange = _restricted(list(cases(seed, documents // 8, "strange", STRANGE)), known)
    unknown = _judge(_scores(twin, strange), strange, calibration)

    nlp, known = _trained(seed, documents, "ship", TRAINED)
    judged = _restricted(list(cases(seed, documents // 4, "judge", NEW_LAYOUTS)), known)
    figures = _judge(_scores(nlp, judged), judged, calibration)

    if folder_out.exists():
        shutil.rmtree(folder_out)
    folder_out.mkdir(parents=True)
    nlp.to_disk(folder_out / "spacy", exclude=["vocab", "tokenizer"])
    (folder_out / "features.txt").write_text("\n".join(sorted(known)), encoding="utf-8")
    facts = {"weights": calibration, "abstain_below": ABSTAIN_BELOW, "types": TYPES}
    (folder_out / "calibration.json").write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")
    write_card(
        folder_out, figures, unknown, seed=seed, documents=documents, known=len(known), share=LEAST_SHARE,
        abstain=ABSTAIN_BELOW, sure=SURE, spacy=version("spacy"),
    )  # fmt: skip
    return figures
