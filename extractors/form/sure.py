"""How sure a chosen value is: a second, small booster over what only shows once all fields have been decided.

The scorer looks at one candidate at a time. Whether a value is to be trusted also shows in the others: in its
runner-up, in another field that wants the same place, in how clearly the document as a whole was understood.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from statistics import fmean

from extractors.candidates.base import Candidate
from extractors.form.decode import BESIDE, same_place
from extractors.scoring import Option
from models.document_types import DocumentType, Kind

MODEL = "form_sure"
FLOOR = 0.06
"""The least score of a value that is looked at."""
SURE: Mapping[str, str] = {
    "score": "the scorer's score of the value, lessened by its rivals",
    "runner_up": "the best score of another value of the field",
    "agreed": "the best score of the same value in another place, 0 where there is none",
    "wanted": "the best score with which another field wants the same place",
    "others": "mean score of the document's other values",
    "weakest": "least score of the document's other values",
    "beside": "mean score of the values on the same line and on the two next to it",
    "in_line": "other values whose left or right edge is its own",
    "unvouched": "least chance of a word of it, if each sign counts and no check digit, sum or other place vouches",
    "mixed": "1 if in such a value a letter that looks like a digit stands among digits",
    "open": "1 if a name ends in a sign or word that another must follow",
    "found": "share of the fields with a label on the page that have a value",
    "same": "how many other fields have the same value",
}
"""What is measured of a chosen value beside its own features (`OWN`)."""
OWN = (
    "kind", "required", "has_labels", "siblings", "field_on_page", "label", "likeness", "lead", "rank", "label_share",
    "label_gap", "label_nth", "label_letters", "label_right", "label_over", "label_under", "way", "ways", "captions",
    "rival", "rival_kind", "words_between", "columns_between", "prose", "labels_inside", "own_inside", "taken", "rule",
    "valid", "sums", "lines", "goes_on", "words", "letters", "digits", "share", "count", "checked", "ocr", "read_least",
    "read_mean", "starts", "ends", "capitals", "column_mates", "size", "before", "behind", "label_like", "label_shift",
)  # fmt: skip
"""The features of `extractors.scoring.FEATURES` that count here too."""
UP = ("score", "agreed", "others", "label", "read_least", "read_mean", "sums", "valid", "unvouched")
DOWN = ("runner_up", "wanted", "taken", "label_like", "mixed", "open")
"""Features of which more never makes a value less sure, or never surer."""
NAMES = (*SURE, *OWN)


def doubts(options: Sequence[Option], chosen: Mapping[str, Option], kind: DocumentType) -> dict[str, dict[str, float]]:
    """By field of ``chosen`` the features in `SURE`; probabilities of options are scores here."""
    by_field: dict[str, list[Option]] = defaultdict(list)
    by_page: dict[int, list[Option]] = defaultdict(list)
    for one in options:
        by_field[one.field].append(one)
        if one.probability > FLOOR and kind.fields[one.field].kind not in BESIDE:
            by_page[one.candidate.page].append(one)
    labelled = {one.field for one in options if one.features.get("label", 0) > 0}
    share = len(labelled & chosen.keys()) / max(1, len(labelled))
    found = {}
    for name, one in chosen.items():
        value = one.candidate.value
        rest = [other for field, other in chosen.items() if field != name]
        near = [o.probability for o in rest if abs(o.candidate.line.number - one.candidate.line.number) <= _NEAR]
        scores = [other.probability for other in rest]
        found[name] = {
            "score": one.probability,
            "runner_up": max((o.probability for o in by_field[name] if o.candidate.value != value), default=0.0),
            "agreed": max(
                (o.probability for o in by_field[name] if o.candidate.value == value and not same_place(o, one)),
                default=0.0,
            ),
            "wanted": max(
                (o.probability for o in by_page[one.candidate.page] if o.field != name and same_place(o, one)),
                default=0.0,
            ),
            "others": fmean(scores) if scores else float("nan"),
            "weakest": min(scores, default=float("nan")),
            "beside": fmean(near) if near else float("nan"),
            "in_line": float(sum(_in_line(one.candidate, other.candidate) for other in rest)),
            "found": share,
            "same": float(sum(other.candidate.value == value for other in rest)),
        }
        if kind.fields[name].kind in _EXACT:
            vouched = (
                max(one.features.get("valid", 0), one.features.get("sums", 0), found[name]["agreed"] - _AGREED) > 0
            )
            found[name]["unvouched"] = 1.0 if vouched else one.features.get("read_least", 1.0)
            found[name]["mixed"] = float(not vouched and bool(_MIXED.search(value)))
        elif kind.fields[name].kind in _NAMES:
            found[name]["open"] = float(bool(_OPEN.search(value)))
    return found


def _in_line(one: Candidate, other: Candidate) -> bool:
    if one.page != other.page or one.line.number == other.line.number:
        return False
    edge = min(abs(one.box[0] - other.box[0]), abs(one.box[2] - other.box[2]))
    return edge < _EDGE * max(4.0, one.line.height)


_NAMES = frozenset({Kind.PARTY, Kind.PERSON, Kind.TEXT, Kind.ADDRESS})
_NEAR = 2  # lines
_EDGE = 0.3  # line heights
_AGREED = 0.3
_EXACT = frozenset({
    Kind.IDENTIFIER, Kind.DIGITS, Kind.TAX_NUMBER, Kind.IBAN, Kind.BIC, Kind.EMAIL, Kind.PHONE,
})  # fmt: skip
"""Kinds of which a value with one wrong sign is another, and looks as good."""
_MIXED = re.compile(r"(?<=\d)[OoQlISBZ](?=[\d/.-]|$)|^[OolI](?=\d)")
_OPEN = re.compile(r"(?:&|[+/,-]|\b(?:and|und|et|a|of|von|de))$")
