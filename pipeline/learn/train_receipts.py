"""Trains what `extractors.receipt` knows: roles of lines, runs of lines, dates, amounts, and how sure a choice is.

Gradient boosted trees (Ke and others 2017). Each second step is trained on what first steps say of receipts that they
did not see; sureties on choices of boosters that did not see the receipt.
"""

from __future__ import annotations

import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import lightgbm
import numpy as np
from rapidfuzz import fuzz

from extractors.candidates.amounts import AmountCandidate, amount_candidates
from extractors.candidates.base import Candidate
from extractors.page.labels import find_labels
from extractors.page.layout import Layout, Line, lay_out, union
from extractors.receipt import amounts as money_features
from extractors.receipt import day as day_module
from extractors.receipt import head, lines
from extractors.receipt.amounts import Amounts
from extractors.receipt.fields import Picked, currency_choice, field_of, picked
from extractors.receipt.head import ROLES, Run, choose, runs, second_to, value_of
from extractors.receipt.model import BOOSTERS, SURETIES, Choice, ReceiptModels, Surety
from extractors.scoring import Model
from extractors.scoring.model import Facts, rows_of
from extractors.values.dates import find_dates
from models.calibration import Curve
from models.document_types import document_types
from models.records import Extraction, Page
from models.settings import Settings
from pipeline.learn import RECEIPTS_DOCUMENTS, RECEIPTS_SEED
from pipeline.learn.factory.trade import seeded
from pipeline.learn.receipt_card import ONCE, Figures, Found, judge, write_card
from pipeline.learn.receipt_documents import FIELDS, GIVEN, MADE, OWN, Kept, TrueReceipt, generated, letters, of_folder

from pipeline.learn.receipt_documents import rewrapped, same  # isort: skip
from pipeline.learn.receipt_words import fit_beliefs, has_amount, labelled
from pipeline.reading.ocr.again import Row, rows_in
from pipeline.reading.ocr.believe import Beliefs, believed, dumps
from pipeline.reading.ocr.second import second_readings

FOLDS = 5
_INNER = 4
_MADE_WEIGHT = 0.3  # a generated receipt against a real one of a shop of its own
_ALIKE = 60  # percent: so much a line has in common with the value that it may be part of
_IS_IT = 75  # percent: the best run must be so much like the value that its lines are the truth
_AS_GOOD = 0.3  # percent: runs as good as the best one but for a sign
_ENOUGH = 60  # real receipts for sureties of their own
_RIDGE = {"company": 0.1, "address": 0.1}
_FEW = 3.0  # the ridge of fields that are hardly ever wrong: their few errors would draw the curve anywhere
_GIVEN_WEIGHT = 0.3  # people misread less than engines: what they typed says little about sureness
_PARAMETERS = {
    "objective": "binary",
    "learning_rate": 0.03,
    "min_data_in_leaf": 15,
    "lambda_l2": 2.0,
    "feature_fraction": 0.5,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 1,
    "verbosity": -1,
}
TREES = {"company_line": (240, 15), "address_line": (240, 15), "company": (220, 8), "address": (220, 8),
          "date": (180, 8), "total": (300, 12)}  # fmt: skip
_NAMES: Mapping[str, tuple[str, ...]] = {
    "company_line": lines.NAMES,
    "address_line": lines.NAMES,
    "company": tuple(head.FEATURES),
    "address": tuple(head.FEATURES),
    "date": day_module.NAMES,
    "total": money_features.NAMES,
}
_BAD = ("title", "fact", "phone", "tax", "web", "money", "date", "rule", "registration", "greeting", "sale_before")
_UP: Mapping[str, tuple[str, ...]] = {
    "company_line": ("legal", "trades"),
    "address_line": ("street", "house", "postcode", "state", "town", "places"),
    "company": ("mean", "least", "legal"),
    "address": ("mean", "least", "postcode"),
    "date": ("label", "word", "time", "count"),
    "total": ("says_total", "says_strong", "twin_total", "paid", "items", "rounded_from", "count", "gross_row"),
}
_DOWN: Mapping[str, tuple[str, ...]] = {
    "company_line": (*_BAD, "postcode", "town"),
    "address_line": _BAD,
    "company": ("missed", "other_role", "title_inside", "margin"),
    "address": ("missed", "other_role", "title_inside", "margin"),
    "date": ("other", "phone", "loose", "span"),
    "total": ("says_change", "says_weak", "rounded_to", "says_not", "net_row", "tendered"),
}
"""Features that can only speak for or only against: what a person would say before seeing a single receipt."""
Features = Sequence[Mapping[str, float]]
Scored = dict[str, list[tuple[float, Run]]]
Judged = Mapping[str, list[tuple[Mapping[str, str], list[Found]]]]


@dataclass(frozen=True)
class Prepared:
    """A receipt with all that no model decides: lines, candidates, their features, and which lines are the truth."""

    receipt: TrueReceipt
    layout: Layout
    head: Sequence[Line]
    rows: Features
    best: Mapping[str, tuple[tuple[int, ...], float]]
    dates: tuple[list[Candidate], Features]
    amounts: tuple[list[AmountCandidate], Features]
    weight: float


def prepare(receipts: Sequence[TrueReceipt]) -> list[Prepared]:
    """Everything that is measured once. A shop's receipts share a weight: ten weigh three times as much as one."""
    counts = Counter(one.group for one in receipts)
    return [_prepared(one, (_MADE_WEIGHT if one.sort == MADE else 1.0) / counts[one.group] ** 0.5) for one in receipts]


def _prepared(receipt: TrueReceipt, weight: float) -> Prepared:
    layout = lay_out(receipt.reading)
    first = lines.head_lines(layout)
    dates = day_module.days(layout)
    labels = find_labels(layout, document_types()["receipt"])
    money = Amounts(layout, amount_candidates(layout, [one for one in dates if one.rule == "date"]))
    return Prepared(
        receipt, layout, first, lines.line_features(layout, first),
        {role: _true_lines(role, first, receipt.truth.get(role, "")) for role in ROLES},
        (dates, day_module.day_features(layout, labels, dates)), (money.money, money.features), weight,
    )  # fmt: skip


def _true_lines(role: str, first: Sequence[Line], truth: str) -> tuple[tuple[int, ...], float]:
    """The lines that make the value most like the truth, and how like it is in percent."""
    wanted = letters(truth)
    if not wanted:
        return (), 0.0
    texts = [letters(value_of(role, [line])) for line in first]
    alike = [
        0.0 if len(text) < 2 else fuzz.partial_ratio(text, wanted) if len(text) <= len(wanted)
        else fuzz.ratio(text, wanted) for text in texts
    ]  # fmt: skip
    best: tuple[tuple[int, ...], float] = ((), 0.0)
    for start in range(len(first)):
        for end in range(start, min(len(first), start + head.MOST[role])):
            if alike[start] < _ALIKE or alike[end] < _ALIKE:
                continue
            inside = tuple(at for at in range(start, end + 1) if alike[at] >= _ALIKE)
            ratio = fuzz.ratio(letters(value_of(role, [first[at] for at in inside])), wanted)
            if ratio > best[1]:
                best = (inside, ratio)
    return best


def boost(name: str, features: Features, right: Sequence[bool], weights: Sequence[float], seed: int) -> Model:
    """A booster; the same input and seed give the same bytes."""
    rounds, leaves = TREES[name]
    data = lightgbm.Dataset(
        rows_of(features, _NAMES[name]), np.array(right, float), weight=np.array(weights),
        feature_name=list(_NAMES[name]),
    )  # fmt: skip
    signs = [int(one in _UP[name]) - int(one in _DOWN[name]) for one in _NAMES[name]]
    parameters = {**_PARAMETERS, "seed": seed, "num_leaves": leaves, "monotone_constraints": signs}
    booster = lightgbm.train(parameters, data, rounds)
    return Model(booster, Facts(Curve((0.0, 1.0), (0.0, 1.0)), 0.0))


def _line_models(some: Sequence[Prepared], seed: int) -> dict[str, Model]:
    found = {}
    for role in ROLES:
        known = [one for one in some if all(one.best[r][1] >= _IS_IT or r not in one.receipt.truth for r in ROLES)]
        features = [row for one in known for row in one.rows]
        right = [at in one.best[role][0] for one in known for at in range(len(one.rows))]
        weights = [one.weight for one in known for _ in one.rows]
        found[role] = boost(f"{role}_line", features, right, weights, seed)
    return found


def _roles(one: Prepared, models: Mapping[str, Model]) -> list[dict[str, float]]:
    chances = [models[role].chances(one.rows) for role in ROLES]
    return [dict(zip(ROLES, pair, strict=True)) for pair in zip(*chances, strict=True)]


def _run_model(role: str, some: Sequence[tuple[Prepared, Sequence[Run]]], seed: int) -> Model:
    features, right, weights = [], [], []
    for one, found in some:
        indices, ratio = one.best[role]
        if ratio < _IS_IT:
            continue
        wanted = letters(one.receipt.truth[role])
        for run in found:
            features.append(run.features)
            right.append(run.indices == indices or fuzz.ratio(run.letters, wanted) >= ratio - _AS_GOOD)
            weights.append(one.weight)
    return boost(role, features, right, weights, seed)


def _candidates(one: Prepared, name: str) -> tuple[Sequence[Candidate], Features]:
    return one.dates if name == "date" else one.amounts


def _value(name: str, candidate: Candidate) -> str:
    return candidate.value if name == "date" else f"{float(candidate.value):.2f}"


def _value_model(name: str, some: Sequence[Prepared], seed: int) -> Model:
    features: list[Mapping[str, float]] = []
    right: list[bool] = []
    weights: list[float] = []
    for one in some:
        if name not in one.receipt.truth:
            continue
        candidates, rows = _candidates(one, name)
        features += rows
        right += [_value(name, candidate) == one.receipt.truth[name] for candidate in candidates]
        weights += [one.weight] * len(candidates)
    return boost(name, features, right, weights, seed)


@dataclass(frozen=True)
class Chosen:
    """A field's choice on a receipt that its boosters had not seen, and whether it is right."""

    one: Prepared
    name: str
    value: str
    choice: Choice
    right: bool
    picked: Picked | None = None


def _scored_head(found: Mapping[str, Sequence[Run]], models: Mapping[str, Model]) -> Scored:
    return {
        role: list(zip(models[role].chances([run.features for run in found[role]]), found[role], strict=True))
        for role in ROLES
    }


def _chosen_head(one: Prepared, found: Mapping[str, Sequence[Run]], models: Mapping[str, Model]) -> list[Chosen]:
    scored = _scored_head(found, models)
    return [
        Chosen(one, role, run.value, run.choice(score, second_to(run, scored[role])),
               same(role, one.receipt.truth[role], run.value))
        for role, (score, run) in choose(scored).items() if role in one.receipt.truth
    ]  # fmt: skip


def _chosen_value(one: Prepared, name: str, model: Model) -> list[Chosen]:
    candidates, rows = _candidates(one, name)
    found = picked(name, candidates, rows, model.chances(rows))
    if found is None or name not in one.receipt.truth:
        return []
    value = _value(name, found.chosen.candidate)
    return [Chosen(one, name, value, found.choice, value == one.receipt.truth[name], found)]


def _part(group: str, parts: int, salt: str) -> int:
    return zlib.crc32(f"{salt}{group}".encode()) % parts


def train_models(receipts: Sequence[Prepared], seed: int) -> ReceiptModels:
    """All boosters and sureties from some receipts; those with the same shop are never parted."""
    parts = [_part(one.receipt.group, _INNER, f"inner-{seed}-") for one in receipts]
    found: list[dict[str, list[Run]]] = [{} for _ in receipts]
    for part in range(_INNER):
        by_line = _line_models([one for one, p in zip(receipts, parts, strict=True) if p != part], seed)
        for at, one in enumerate(receipts):
            if parts[at] == part:
                roles = _roles(one, by_line)
                found[at] = {role: runs(role, one.head, one.rows, roles) for role in ROLES}
    chosen: list[Chosen] = []
    for part in range(_INNER):
        seen = [at for at, p in enumerate(parts) if p != part]
        models = {role: _run_model(role, [(receipts[at], found[at][role]) for at in seen], seed) for role in ROLES}
        models |= {name: _value_model(name, [receipts[at] for at in seen], seed) for name in ("date", "total")}
        for at, one in enumerate(receipts):
            if parts[at] == part:
                chosen += _chosen_head(one, found[at], models)
                chosen += [c for name in ("date", "total") for c in _chosen_value(one, name, models[name])]
    last = _line_models(receipts, seed)
    boosters = {f"{role}_line": model for role, model in last.items()}
    for role in ROLES:
        boosters[role] = _run_model(role, [(one, f[role]) for one, f in zip(receipts, found, strict=True)], seed)
    boosters |= {name: _value_model(name, receipts, seed) for name in ("date", "total")}
    sureties = {name: fit_surety([c for c in chosen if c.name == name]) for name in FIELDS}
    sureties["currency"] = fit_surety(_currencies(receipts))
    return ReceiptModels({name: boosters[name] for name in BOOSTERS}, sureties)


def _currencies(receipts: Iterable[Prepared]) -> list[Chosen]:
    found = []
    for one in receipts:
        best = currency_choice(one.layout, one.amounts[0], None)
        if best and "currency" in one.receipt.truth:
            value = best[0].value
            found.append(Chosen(one, "currency", value, best[1], value == one.receipt.truth["currency"]))
    return found


def fit_surety(some: Sequence[Chosen]) -> Surety:
    """A logistic curve by Newton's method with a ridge, from choices on real receipts where there are enough.

    The ridge draws the curve to the score's own odds, so that few examples change little.
    """
    real = [one for one in some if one.one.receipt.sort != MADE]
    used = real if sum(one.one.receipt.sort == OWN for one in real) >= _ENOUGH else list(some)
    counts = np.array([_GIVEN_WEIGHT if one.one.receipt.sort == GIVEN else 1.0 for one in used])
    table = np.array([[*one.choice.numbers(), 1.0] for one in used])
    right = np.array([one.right for one in used], float)
    start = np.zeros(table.shape[1])
    start[0] = 0.5
    penalty = np.full(table.shape[1], _RIDGE.get(some[0].name, _FEW) if some else _FEW)
    penalty[-1] = 0.3
    found = start.copy()
    for _ in range(30):
        chance = 1 / (1 + np.exp(-np.clip(table @ found, -30, 30)))
        slope = table.T @ ((right - chance) * counts) - penalty * (found - start)
        bend = (table * (counts * chance * (1 - chance))[:, None]).T @ table + np.diag(penalty)
        found = found + np.linalg.solve(bend, slope)
    *weights, bias = np.round(found, 4).tolist()
    return Surety(bias, tuple(weights))


def apply_models(one: Prepared, models: ReceiptModels, readings: Path | None = None) -> list[Found]:
    """Field, value, probability and rightness of all that is chosen on a receipt.

    Days and totals on pictures are read once more by the other engine, as they are in production; what it reads is
    kept in ``readings``.
    """
    boosters = models.boosters
    roles = _roles(one, {role: boosters[f"{role}_line"] for role in ROLES})
    chosen = _chosen_head(one, {role: runs(role, one.head, one.rows, roles) for role in ROLES}, boosters)
    chosen += [c for name in ("date", "total") for c in _chosen_value(one, name, boosters[name])]
    chances = {c.name: models.sureties[c.name].chance(c.choice) for c in chosen}
    chances |= read_again(one, chosen, chances, readings)
    return [(c.name, c.value, chances[c.name], c.right) for c in chosen]


def read_again(one: Prepared, chosen: Sequence[Chosen], chances: Mapping[str, float],
               readings: Path | None) -> dict[str, float]:  # fmt: skip
    """How sure those fields are that the other engine reads, too, once it has; none where there is no picture."""
    if one.receipt.picture is None:
        return {}
    reading = one.receipt.reading
    fields = [field_of(c.picked, chances[c.name], one.layout, reading.pages[0].source) for c in chosen if c.picked]
    after, _ = second_readings(
        one.receipt.picture, "image/jpeg", reading, document_types()["receipt"], Extraction(tuple(fields)),
        settings=Settings(), memory=Kept(readings, one.receipt.id) if readings else None,
    )  # fmt: skip
    return {field.name: field.confidence for field in after.fields}


def believe(receipts: Sequence[Prepared]) -> Beliefs | None:
    """Which readings of a word to believe, from receipts of which lines were read again; None where there are none."""
    slots = [one for p in receipts for one in labelled(p.receipt.reading.pages[0], p.receipt.looked)]
    return fit_beliefs(slots) if slots else None


def believing(one: Prepared, beliefs: Beliefs | None, models: ReceiptModels | None = None) -> Prepared:
    """The receipt with its words as they are believed.

    Only lines of what ``models`` take for the company and the address count, as in production; without them all lines
    that may be either.
    """
    if beliefs is None or not one.receipt.looked:
        return one
    page = one.receipt.reading.pages[0]
    rows = [looked.row for looked in one.receipt.looked if models or not _sells(page, looked.row)]
    if models:
        boosters = models.boosters
        roles = _roles(one, {role: boosters[f"{role}_line"] for role in ROLES})
        found = _scored_head({role: runs(role, one.head, one.rows, roles) for role in ROLES}, boosters)
        places = [one.layout.on_page(union(line.box for line in run.lines), 1) for _, run in choose(found).values()]
        inside = {at for row in rows_in(page, places) for at in row}
        rows = [row for row in rows if 2 * len(inside & set(row.words)) > len(row.words)]
    reading = replace(one.receipt.reading, pages=(believed(page, rows, beliefs),))
    return _prepared(replace(one.receipt, reading=reading), one.weight)


def _sells(page: Page, row: Row) -> bool:
    """Whether a line has an amount or a day: it is not of the company or its address."""
    text = " ".join(page.words[at].text for at in row.words)
    return has_amount(text) or next(iter(find_dates(text)), None) is not None


def cross_validate(receipts: Sequence[Prepared], seed: int, more: Callable[[Sequence[Prepared]], list[Prepared]],
                   *, parts: int = FOLDS, deal: int = 0, readings: Path | None = None) -> Judged:  # fmt: skip
    """By sort the truth of every receipt, and what models that know no receipt of its shop find.

    ``more`` makes training receipts of others; each ``deal`` has its own parts. `ONCE` are receipts whose lines
    were read again, without that.
    """
    salt = f"outer-{deal}-" if deal else "outer-"
    judged: dict[str, list[tuple[Mapping[str, str], list[Found]]]] = defaultdict(list)
    for part in range(parts):
        seen = [one for one in receipts if _part(one.receipt.group, parts, salt) != part]
        beliefs = believe(seen)
        models = train_models([*(believing(one, beliefs) for one in seen), *more(seen)], seed)
        for one in receipts:
            if _part(one.receipt.group, parts, salt) != part:
                continue
            again = believing(one, beliefs, models)
            judged[one.receipt.sort].append((one.receipt.truth, apply_models(again, models, readings)))
            if again is not one:
                judged[ONCE].append((one.receipt.truth, apply_models(one, models, readings)))
    return judged


def _wrapper(receipts: Sequence[Prepared], seed: int) -> Callable[[Sequence[Prepared]], list[Prepared]]:
    """Some receipts once more, with the company's name on several lines."""
    made: dict[int, Prepared] = {}
    for one in receipts:
        rng = seeded("rewrapped", seed, one.receipt.id)
        if one.receipt.sort != OWN and rng.random() < 0.4 and (other := rewrapped(one.receipt, rng)):
            made[id(one)] = _prepared(other, one.weight / 2)
    return lambda some: [made[id(one)] for one in some if id(one) in made]


def train(folder: Path, seed: int = RECEIPTS_SEED, documents: int = RECEIPTS_DOCUMENTS, truth: Path | None = None,
          *, readings: Path | None = None, deals: int = 1) -> Mapping[str, Figures]:  # fmt: skip
    """Train on generated receipts and those of ``truth``; write the weights, and the card with figures of unseen shops.

    Args:
        folder: where the weights go.
        seed: the same seed, documents and readings give the same bytes.
        documents: how many receipts to generate.
        truth: a folder of real receipts, see `pipeline.learn.receipt_documents.of_folder`.
        readings: where readings of its pictures are kept.
        deals: how often the shops are dealt out to parts anew, to tell how far the figures depend on it.

    Raises:
        MissingTool: a font or an engine is not installed.
    """
    receipts = list(generated(seed, documents))
    if truth is not None:
        receipts += of_folder(truth, readings)
    prepared = prepare(receipts)
    more = _wrapper(prepared, seed)
    dealt = [cross_validate(prepared, seed, more, deal=deal, readings=readings) for deal in range(deals)]
    beliefs = believe(prepared)
    models = train_models([*(believing(one, beliefs) for one in prepared), *more(prepared)], seed)
    folder.mkdir(parents=True, exist_ok=True)
    for name, model in models.boosters.items():
        model.save(name, folder)
    if beliefs is not None:
        (folder / "words.json").write_bytes(dumps(beliefs))
    (folder / "confidence.json").write_bytes(SURETIES.dump_json(dict(models.sureties), indent=1) + b"\n")
    figures, *others = [{sort: judge(some) for sort, some in judged.items()} for judged in dealt]
    groups = {sort: len({one.group for one in receipts if one.sort == (OWN if sort == ONCE else sort)})
              for sort in figures}  # fmt: skip
    write_card(folder, figures, groups, seed=seed, documents=documents, folds=FOLDS, models=models, others=others)
    return figures
