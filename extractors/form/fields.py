"""The fields of a document of any declared type."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from extractors.form.combs import without_combs
from extractors.form.decode import against_rivals, decide
from extractors.form.measure import Measure
from extractors.form.mended import mended
from extractors.form.numbering import without_numbers
from extractors.form.ours import favoured
from extractors.form.phrases import with_phrases
from extractors.form.prose import with_sentences
from extractors.form.sure import FLOOR, doubts
from extractors.form.sure import MODEL as SURE_MODEL
from extractors.page.labels import Labels, find_labels
from extractors.page.layout import Layout, lay_out
from extractors.scoring import Model, Option, Trace, load
from extractors.scoring.model import Floats
from extractors.table.line_items import find_line_items
from models.document_types import DocumentType
from models.records import Extraction, Field, LineItem, Reading, Source, Witness

MODEL = "form"
_SURE = 0.995  # no value is more certain than this
_LABELLED = 0.5


def extract_form(
    reading: Reading,
    kind: DocumentType,
    *,
    our_names: Iterable[str] = (),
    our_ids: Iterable[str] = (),
    trace: Trace | None = None,
) -> Extraction:
    """The fields of ``reading`` as a document of ``kind``; confidences are probabilities as they were measured.

    ``our_names`` and ``our_ids`` say which party is our own company where no heading does.

    Raises:
        MissingTool: the scorer's weights are not there.
    """
    layout, labels = prepare(reading, kind)
    if not layout.lines:
        return Extraction()
    model = load(MODEL)
    options = Measure(layout, labels, kind).options()
    options = rated(options, model.scores(model.rows([one.features for one in options])))
    options = favoured(options, kind, our_names, our_ids)
    chosen = confident(options, decide(options, kind, FLOOR), kind, load(SURE_MODEL))
    if trace is not None:
        chances = model.calibrated(np.array([one.probability for one in options]))
        shown = [replace(one, probability=float(chance)) for one, chance in zip(options, chances, strict=True)]
        for name in kind.fields:
            taken = chosen.get(name)
            rest = [one for one in shown if one.field == name and (not taken or one.candidate is not taken.candidate)]
            trace.note(name, rest, taken, model, layout.on_page)
    sources = {page.number: page.source for page in reading.pages}
    fields = [_field(chosen[name], layout, sources) for name in kind.fields if name in chosen]
    return Extraction(tuple(fields), _rows(layout, labels, kind, chosen, trace))


def rated(options: Sequence[Option], scores: Floats) -> list[Option]:
    """The options with their scores, which the field's other values lessen, as probabilities."""
    lessened = against_rivals(options, scores.tolist())
    return [replace(one, probability=score) for one, score in zip(options, lessened, strict=True)]


def confident(
    options: Sequence[Option], chosen: Mapping[str, Option], kind: DocumentType, model: Model
) -> dict[str, Option]:
    """The values that are sure enough, with what their probabilities are in the light of all others."""
    found = doubts(options, chosen, kind)
    chances = model.chances([{**chosen[name].features, **doubt} for name, doubt in found.items()])
    return {
        name: replace(chosen[name], probability=chance)
        for name, chance in zip(found, chances, strict=True)
        if chance >= model.threshold
    }


def prepare(reading: Reading, kind: DocumentType) -> tuple[Layout, Labels]:
    """The lines of a form and its labels, also those in other words than the type's file has."""
    reading = mended(reading)
    if kind.line_table is None:  # rows are numbered too
        reading = without_numbers(reading)
    layout = lay_out(without_combs(reading))
    labels = with_phrases(find_labels(layout, kind), layout, kind)
    return layout, with_sentences(labels, layout, kind)


def _field(option: Option, layout: Layout, sources: dict[int, Source]) -> Field:
    one, features = option.candidate, option.features
    said = (
        (Witness.LABEL, features["label"] >= _LABELLED),
        (Witness.SUM, features.get("sums", 0) > 0),
        (Witness.CHECK_DIGIT, features.get("valid", 0) > 0),
        (Witness.REPEATED, features.get("repeated", 0) > 0),
    )
    return Field(
        option.field, one.value, one.raw, min(_SURE, round(option.probability, 4)), one.page,
        layout.on_page(one.box, one.page), sources[one.page], tuple(witness for witness, holds in said if holds),
    )  # fmt: skip


def _rows(
    layout: Layout, labels: Labels, kind: DocumentType, chosen: dict[str, Option], trace: Trace | None
) -> tuple[LineItem, ...]:
    """The rows of the table, where the type has one; they are checked against the sum before tax, if there is one."""
    if kind.line_table is None:
        return ()
    net = chosen.get("net_total")
    return find_line_items(layout, labels).rows(net.candidate.value if net else None, layout, trace)
