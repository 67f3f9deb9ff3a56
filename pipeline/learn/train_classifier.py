"""Training of `pipeline.classify`: documents from the factory, reading noise, held-out layouts, calibration."""

from __future__ import annotations

import json
import math
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from random import Random

import spacy
from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example
from thinc.api import fix_random_seed

from models.records import Reading
from pipeline.classify.features import tokens
from pipeline.learn import CLASSIFIER_DOCUMENTS, CLASSIFIER_SEED
from pipeline.learn.factory import LANGUAGES, LAYOUTS, OTHER_KINDS, make_invoice, make_other, make_receipt
from pipeline.learn.factory.receipts import RECEIPT_LAYOUTS
from pipeline.learn.factory.trade import seeded
from pipeline.learn.model_card import Figures, write_card
from pipeline.learn.noise import draw_noise, misread, on_larger_paper, with_foreign_text

TYPES = ("invoice", "credit_note", "receipt", "other")
ABSTAIN_BELOW = 0.5
EPOCHS = 5
BATCH = 64
LEAST_KEPT = 0.4
RATE = 0.003
LEAST_SHARE = 0.002
LOOK_ALIKES = ("delivery_note", "order", "quote", "reminder", "confirmation")

_MODEL = {
    "@architectures": "spacy.TextCatBOW.v3",
    "exclusive_classes": True,
    "ngram_size": 1,
    "no_output_layer": False,
    "length": 65536,
}


@dataclass(frozen=True, slots=True)
class Choice:
    """What documents are drawn from: invoice layouts, receipt layouts, and kinds of other papers by language."""

    layouts: tuple[str, ...]
    receipts: tuple[str, ...]
    others: tuple[tuple[str, str], ...]


#: never trained on when the figures are made, so that they say something about senders that were never seen
HELD_OUT = Choice(
    ("sidebar", "strip"),
    ("coded",),
    (("report", "de"), ("contract", "cs"), ("payroll", "en"), ("letter", "fr"), ("form", "cs")),
)
EVERYTHING = Choice(
    tuple(LAYOUTS), RECEIPT_LAYOUTS, tuple((kind, language) for kind in OTHER_KINDS for language in LANGUAGES)
)
TRAINED = Choice(
    tuple(layout for layout in EVERYTHING.layouts if layout not in HELD_OUT.layouts),
    tuple(layout for layout in EVERYTHING.receipts if layout not in HELD_OUT.receipts),
    tuple(pair for pair in EVERYTHING.others if pair not in HELD_OUT.others),
)


@dataclass(frozen=True, slots=True)
class Case:
    """One document to learn from or to be judged by."""

    type: str
    words: list[str]
    group: str


def _reading(rng: Random, seed: str, choice: Choice) -> tuple[str, Reading, str]:
    """Draw one document: its type, its reading and the group it is counted in."""
    wanted = rng.choices(("invoice", "credit_note", "receipt", "look-alike", "other"), (30, 18, 26, 14, 16))[0]
    language = rng.choice(LANGUAGES)
    if wanted == "receipt":
        country = rng.choices(("cz", "de", "gb", "my"), (2, 2, 2, 3))[0]
        made = make_receipt(seed, country, rng.choice(choice.receipts))
        reading = on_larger_paper(made.reading, rng) if rng.random() < 0.4 else made.reading
        return made.type, reading, f"receipt {country}"
    if wanted == "other":
        kind, language = rng.choice(choice.others)
        made = make_other(seed, kind, language)
        return made.type, made.reading, f"{kind} {language}"
    kind = rng.choice(LOOK_ALIKES) if wanted == "look-alike" else wanted
    layout = rng.choice(choice.layouts)
    rows = rng.choice([None, None, None, None, 40])
    made = make_invoice(seed, kind, language, layout, rows)
    return made.type, made.reading, f"{kind} {language}"


def cases(seed: int, count: int, part: str, choice: Choice) -> Iterator[Case]:
    """Generated and misread documents; ``part`` keeps the parts of one seed apart."""
    for number in range(count):
        rng = seeded("classifier", seed, part, number)
        kind, reading, group = _reading(rng, f"{part}-{seed}-{number}", choice)
        language = {"receipt cz": "cs", "receipt gb": "en", "receipt my": "en"}.get(group, group.split()[-1])
        reading = with_foreign_text(reading, rng, language)
        yield Case(kind if kind in TYPES else "other", tokens(misread(reading, rng, draw_noise(rng))), group)


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
    learn = list(cases(seed, documents, part, choice))
    known = common_features(learn)
    nlp = spacy.blank("xx")
    nlp.add_pipe("textcat", config={"model": _MODEL, "threshold": 0.0})
    for name in TYPES:
        nlp.get_pipe("textcat").add_label(name)  # type: ignore[attr-defined]
    _fit(nlp, _restricted(learn, known), seed)
    return nlp, known


def _scores(nlp: Language, judged: list[Case]) -> list[dict[str, float]]:
    docs = nlp.pipe((Doc(nlp.vocab, words=case.words) for case in judged), batch_size=128)
    return [dict(doc.cats) for doc in docs]


def scaled(scores: dict[str, float], temperature: float) -> dict[str, float]:
    """Softmax outputs after temperature scaling, as `pipeline.classify.classifier.probabilities` does it."""
    raised = {name: max(score, 1e-12) ** (1 / temperature) for name, score in scores.items()}
    total = sum(raised.values())
    return {name: value / total for name, value in raised.items()}


def fit_temperature(scores: list[dict[str, float]], truth: list[str]) -> float:
    """The temperature with the smallest negative log-likelihood, by search over 0.5 to 5."""

    def loss(temperature: float) -> float:
        return -sum(
            math.log(max(scaled(one, temperature)[right], 1e-12)) for one, right in zip(scores, truth, strict=True)
        )

    return min((step / 20 for step in range(10, 101)), key=loss)


def _judge(scores: list[dict[str, float]], judged: list[Case], temperature: float) -> Figures:
    groups: dict[str, list[bool]] = {}
    confusions: Counter[str] = Counter()
    bins: list[list[tuple[float, bool]]] = [[] for _ in range(10)]
    accepted: list[bool] = []
    for one, case in zip(scores, judged, strict=True):
        chances = scaled(one, temperature)
        best = max(chances, key=lambda name: chances[name])
        right = best == case.type
        groups.setdefault(case.group, []).append(right)
        bins[min(9, int(chances[best] * 10))].append((chances[best], right))
        if not right:
            confusions[f"{case.type} read as {best}"] += 1
        if chances[best] >= ABSTAIN_BELOW:
            accepted.append(right)
    total = len(judged)
    error = sum(
        abs(sum(chance for chance, _ in one) - sum(right for _, right in one)) / total for one in bins if one
    )  # expected calibration error over ten bins
    return Figures(
        documents=total,
        accuracy=sum(map(sum, groups.values())) / total,
        by_group={name: (len(rights), sum(rights) / len(rights)) for name, rights in sorted(groups.items())},
        confusions=dict(confusions.most_common()),
        abstained=1 - len(accepted) / total,
        accepted_accuracy=sum(accepted) / max(1, len(accepted)),
        calibration_error=error,
        temperature=temperature,
    )


def train(folder_out: Path, seed: int = CLASSIFIER_SEED, documents: int = CLASSIFIER_DOCUMENTS) -> Figures:
    """Train the classifier and write weights, calibration and model card to ``folder_out``.

    Args:
        folder_out: Replaced if it exists.
        seed: Decides the documents, their noise and the order of training.
        documents: The number of generated training documents. A quarter more is made for calibration (half of
            it from held-out layouts) and a quarter, from held-out layouts only, for the figures. Then the weights
            that ship are trained anew, on as many documents of every layout.

    Raises:
        MissingTool: a font is not installed.
    """
    nlp, known = _trained(seed, documents, "train", TRAINED)
    tune = [*cases(seed, documents // 8, "tune", TRAINED), *cases(seed, documents // 8, "tune-held-out", HELD_OUT)]
    tune = _restricted(tune, known)
    temperature = fit_temperature(_scores(nlp, tune), [case.type for case in tune])
    judged = _restricted(list(cases(seed, documents // 4, "judge", HELD_OUT)), known)
    figures = _judge(_scores(nlp, judged), judged, temperature)
    nlp, known = _trained(seed, documents, "ship", EVERYTHING)

    if folder_out.exists():
        shutil.rmtree(folder_out)
    folder_out.mkdir(parents=True)
    nlp.to_disk(folder_out / "spacy", exclude=["vocab", "tokenizer"])
    (folder_out / "features.txt").write_text("\n".join(sorted(known)), encoding="utf-8")
    calibration = {"temperature": temperature, "abstain_below": ABSTAIN_BELOW, "types": TYPES}
    (folder_out / "calibration.json").write_text(json.dumps(calibration, indent=1) + "\n", encoding="utf-8")
    write_card(
        folder_out, figures, seed=seed, documents=documents, known=len(known), share=LEAST_SHARE,
        abstain=ABSTAIN_BELOW, spacy=version("spacy"),
    )  # fmt: skip
    return figures
