"""Why a field has its value, or none: what vouches for it, what else was tried, and what spoke for and against each.

The fields come from the stages as they ran; what was tried is asked of the same extraction once more, over the same
reading and with a trace (`extractors.scoring.Trace`). Extraction is pure, so it decides the same again.
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from extractors import extract
from extractors.invoice import features as invoice
from extractors.receipt import amounts, day, head
from extractors.scoring import FEATURES, KINDS, Trace, Tried, rules
from models.document_types import DocumentType, Kind
from models.errors import NotFound
from models.messages import Message, listed, say
from models.records import Box, Extraction, Field, Finding, Reading, Severity, Source, Witness
from models.settings import Settings
from pipeline.check.facts import shown
from pipeline.route import limit_of

SOURCE_WORDS: Mapping[Source, str] = {
    Source.TEXT: say("in the file's own text"),
    Source.TESSERACT: say("read by OCR"),
    Source.RAPIDOCR: say("read by OCR"),
    Source.XML: say("from the e-invoice data"),
    Source.CODE: say("from the code on the page"),
    Source.REVIEWER: say("typed by a reviewer"),
    Source.DERIVED: say("computed from other fields"),
    Source.BLANK: say("from an empty page"),
}
"""Where a value came from, as one says it."""
WITNESS_WORDS: Mapping[Witness, str] = {
    Witness.LABEL: say("its label stands beside it"),
    Witness.SUM: say("the totals add up with it"),
    Witness.CHECK_DIGIT: say("its check digit is right"),
    Witness.XML: say("the e-invoice data says the same"),
    Witness.CODE: say("the code on the page says the same"),
    Witness.SECOND_READING: say("a second reading agrees"),
    Witness.REPEATED: say("it stands on the page more than once"),
    Witness.REVIEWER: say("a reviewer confirmed it"),
}
"""What vouches for a value, as one says it."""
_TABLES: tuple[Mapping[str, str], ...] = (
    FEATURES,
    invoice.FEATURES,
    rules.FEATURES,
    amounts.FEATURES,
    day.FEATURES,
    head.FEATURES,
)
"""The descriptions of features, a table a model."""
_UNSAID = frozenset({"field"})  # that it is this field is no reason
_TAKEN = frozenset({Source.XML, Source.CODE, Source.REVIEWER, Source.DERIVED})
_ONE_IF = re.compile(r"1 if (?P<yes>.*?)(?:, -1 (?:if )?(?P<no>.*?))?(?:, 0 [^,]*)?$")


@dataclass(frozen=True, slots=True)
class Reason:
    """A feature: its name, what it says in words, its number, and how much it speaks for the value (log-odds).

    ``weight`` is None where the scorer tells no contributions.
    """

    feature: str
    text: str
    value: float
    weight: float | None


@dataclass(frozen=True, slots=True)
class Alternative:
    """A value that could have been the field's, with its reasons, the weightiest first.

    ``page`` counts from 1, ``box`` is in points from the top left of the upright page. ``given_to`` names the field
    that the same words became the value of.
    """

    value: str
    raw: str
    page: int | None
    box: Box | None
    probability: float
    chosen: bool
    given_to: str | None
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why field ``name`` is what it is. ``value`` is None where it was left empty; ``verdict`` says in a sentence why.

    ``limit`` is the probability from which a person need not look. ``options`` has the chosen one first.
    """

    name: str
    title: str
    type: str
    value: str | None
    raw: str
    page: int | None
    box: Box | None
    source: str | None
    source_words: str
    witnesses: tuple[str, ...]
    witness_words: tuple[str, ...]
    probability: float | None
    limit: float
    verdict: str
    options: tuple[Alternative, ...] = ()
    findings: tuple[Finding, ...] = field(default=())


def explain(
    reading: Reading,
    kind: DocumentType,
    extraction: Extraction,
    findings: tuple[Finding, ...],
    *,
    name: str,
    settings: Settings,
) -> Explanation:
    """Explain field ``name`` of a document that was read as ``reading`` and understood as ``extraction``. Pure.

    Raises:
        NotFound: documents of this type have no such field.
    """
    if name not in kind.fields:
        close = difflib.get_close_matches(name, list(kind.fields), n=1)
        meant = f"did you mean {close[0]}?" if close else f"these are: {', '.join(kind.fields)}"
        raise NotFound(
            say("{title} has no field {name}; {meant}", title=kind.title["en"], name=repr(name), meant=meant)
        )
    trace = Trace()
    extract(reading, kind, our_names=settings.our_names, our_ids=settings.our_ids, trace=trace)
    found = next((one for one in extraction.fields if one.name == name and one.value), None)
    options = tuple(_alternative(one, name, trace, kind) for one in trace.fields.get(name, ()))
    limit = limit_of(kind, name, settings)
    told = tuple(one for one in findings if name in one.fields)
    verdict = _verdict(found, options, limit, kind.fields[name].kind, traced=bool(trace.fields))
    return Explanation(
        name=name,
        title=kind.fields[name].title["en"],
        type=kind.name,
        value=found.value if found else None,
        raw=found.raw if found else "",
        page=found.page if found else None,
        box=found.box if found else None,
        source=found.source.value if found else None,
        source_words=SOURCE_WORDS[found.source] if found else "",
        witnesses=tuple(one.value for one in found.witnesses) if found else (),
        witness_words=tuple(WITNESS_WORDS[one] for one in found.witnesses) if found else (),
        probability=found.confidence if found else None,
        limit=limit,
        verdict=_objected(told, found, limit) or verdict,
        options=options,
        findings=told,
    )


def _alternative(tried: Tried, name: str, trace: Trace, kind: DocumentType) -> Alternative:
    given = None if tried.chosen else next(
        (
            kind.fields[other].title["en"] if other in kind.fields else other
            for other, options in trace.fields.items()
            for one in options
            if other != name and one.chosen and (one.page, one.box) == (tried.page, tried.box)
        ),
        None,
    )  # fmt: skip
    weights = {feature: weight for feature, weight in tried.contributions.items() if feature}
    # features of two models may share a name and not the meaning: the table that knows most of them is theirs
    described = max(_TABLES, key=lambda table: sum(feature in table for feature in tried.features))
    reasons = [
        Reason(feature, in_words(feature, value, described), value, weights.get(feature))
        for feature, value in tried.features.items()
        if not math.isnan(value) and feature not in _UNSAID
    ]
    reasons.sort(key=lambda one: (-abs(one.weight or 0.0), not one.value))
    return Alternative(
        tried.value, tried.raw, tried.page, tried.box, tried.probability, tried.chosen, given, tuple(reasons)
    )


def in_words(feature: str, value: float, described: Mapping[str, str]) -> str:
    """What a feature says, by its description: a sentence where it is a yes or no, else that and the number."""
    if feature == "kind":
        return say("looked for as: {kind}", kind=KINDS[int(value)].value)
    if feature == "expert":
        return say("found by what knows: {expert}", expert=invoice.EXPERTS[int(value)].replace("_", " "))
    yes, no = _phrases(described.get(feature, feature.replace("_", " ")))
    if yes is None:
        return say("{what}: {value}", what=no, value=_short(value))
    if value == 1:
        return yes
    if value == -1 and no:
        return no if " " in no else say("{no}: {yes}", no=no, yes=yes)
    return say("not so: {yes}", yes=yes) if value == 0 else say("{what}: {value}", what=yes, value=_short(value))


def _short(value: float) -> Decimal | str:
    text = f"{value:.3g}"
    return text if "e" in text else Decimal(text)


def _phrases(described: str) -> tuple[Message | None, Message]:
    """What a description says where it is true and where the contrary is; (None, what is counted) where it counts."""
    text = re.sub(r"the candidate\b(?!')", "it", described.replace("the candidate's", "its"))
    match = _ONE_IF.match(text)
    if match is None:
        return None, Message(text.partition(", 0..1")[0], {})
    return Message(match["yes"], {}), Message(match["no"] or "", {})


def phrases() -> list[str]:
    """All that `in_words` may say of a feature, for the catalogue of the desk."""
    found = [one for table in _TABLES for described in table.values() for one in _phrases(described) if one]
    return list(dict.fromkeys(found))


def _objected(findings: tuple[Finding, ...], found: Field | None, limit: float) -> str | None:
    """What brings a value to a person however sure it is; None where nothing does, or where a person has decided."""
    against = [one.message for one in findings if one.severity is not Severity.INFO]
    if not against or found is None or found.source is Source.REVIEWER:
        return None
    values = {"findings": listed(against, " "), "percent": _percent(found.confidence)}
    if found.source in _TAKEN:
        return say("{findings} So a person must look.", **values)
    if found.confidence >= limit:
        return say("{findings} So a person must look, though its reading is {percent} sure.", **values)
    return say("{findings} And it is only {percent} sure.", **values)


def _verdict(found: Field | None, options: tuple[Alternative, ...], limit: float, kind: Kind, *, traced: bool) -> str:
    if found is None:
        return _why_empty(options, kind) if traced else say("It was not found.")
    if found.source is Source.REVIEWER:
        return say("A person typed or confirmed it.")
    if found.source in _TAKEN:
        return say("It is taken {source}.", source=SOURCE_WORDS[found.source])
    values = {"percent": _percent(found.confidence), "limit": limit}
    if found.confidence >= limit:
        return say("It is {percent} sure, enough to go on without a person ({limit:.0%}).", **values)
    return say("It is {percent} sure, too little to go on without a person ({limit:.0%}).", **values)


def _why_empty(options: tuple[Alternative, ...], kind: Kind) -> str:
    if not options:
        return say("Nothing on the pages could be its value.")
    best = options[0]
    if best.chosen:
        return say(
            "It was empty when the document was read, or was emptied; read today, it would be “{value}”.",
            value=shown(kind, best.value),
        )
    if best.given_to:
        return say(
            "The best value for it, “{value}”, is that of {title}.", value=shown(kind, best.value), title=best.given_to
        )
    return say(
        "The best value for it, “{value}”, is only {percent} likely: too little to fill it in.",
        value=shown(kind, best.value),
        percent=_percent(best.probability),
    )


def _percent(share: float) -> str:
    """Whole percents, never rounded up to 100 or down to 0."""
    return f"{min(99, max(1, round(share * 100)))} %" if 0 < share < 1 else f"{share:.0%}"
