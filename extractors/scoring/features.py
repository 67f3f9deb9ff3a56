"""The features that a scorer sees: numbers that a person can check on the page. No words and no field's name.

Lengths on the page are counted in heights of the candidate's line where not said otherwise. A feature that does not
apply is missing (NaN), never 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from models.document_types import Kind

KINDS = tuple(Kind)
"""The kinds in the order of their codes; new ones go to the end of `models.document_types.Kind`."""


def kind_code(kind: Kind) -> float:
    """The number of a kind, for the only feature that is a category."""
    return float(KINDS.index(kind))


FEATURES: Mapping[str, str] = MappingProxyType({
    # the kind and the field
    "kind": "the field's kind, a category",
    "required": "1 if no document of the type goes without the field",
    "has_labels": "1 if the type's file gives the field labels",
    "siblings": "how many fields of the type have the same kind",
    # the field's own label
    "label": "strength of the field's label that governs the candidate: likeness times place, 0..1",
    "likeness": "how alike the words on the page and the label are, 0..1",
    "label_right": "1 if the candidate stands on the label's line",
    "label_over": "1 if the label stands over the candidate",
    "label_under": "1 if the label stands under the candidate, as a caption",
    "label_heads": "1 if the label heads the column that the candidate stands in",
    "label_after": "1 if the label follows the candidate in its sentence",
    "label_share": "share of the letters of its column, up to the candidate, that the label has",
    "captions": "whether the document's labels stand over (1) or under (-1) their values, where that is plain",
    "way": "share of the document's labels that have their values where this one has the candidate",
    "ways": "labels that tell so: those of kinds with a grammar",
    "label_gap": "distance from the label to the candidate, in heights",
    "label_shift": "distance between the left edges of label and candidate, in heights",
    "label_shift_right": "distance between the right edges of label and candidate, in heights",
    "label_letters": "letters of the label: a short one is easily something else",
    "label_starts": "1 if nothing stands before the label in its column",
    "label_colon": "1 if the label ends in a colon",
    "label_shared": "how many fields of the type the label names",
    "label_turn": "place of the field among the fields that share the label, in the order of the type's file, from 0",
    "label_nth": "how many candidates of the kind stand nearer to the label",
    "claim_order": "share of the dates beside labels of the field that are earlier",
    "words_between": "words between label and candidate",
    "columns_between": "column gaps between label and candidate",
    "own_inside": "1 if a label of the field is a part of the candidate",
    "field_on_page": "strength of the strongest label of the field anywhere, 0..1",
    # other labels
    "rival": "strength of the strongest label of anything else that governs the candidate, 0..1",
    "rival_kind": "the same for labels of other fields of the same kind",
    "rival_right": "1 if that label stands on the candidate's line",
    "checked": "1 if it is the ticked choice, 0.5 if a cross stands behind it, -1 if another choice is ticked",
    "labels_inside": "labels of anything that begin a column, or end in a colon, within the candidate",
    "issuer": "1 if the field tells of who issues documents of the type, 0 if of another party",
    "label_like": "share of it that a label of anything has, times how alike that is",
    "group": "1 if it stands under a heading of the field's own party, -1 under another's",
    "group_gap": "distance below that heading, in heights",
    # place
    "x": "middle from left to right, as a share of the page's width",
    "y": "middle from the top, as a share of the page's height",
    "page": "page, from 1",
    "last_page": "1 on the last page",
    "size": "height of its line over the median of the document",
    "alone": "1 if nothing else stands on its line",
    "starts": "1 if it starts its column",
    "ends": "1 if it ends its column",
    "before": "before it: 0 nothing, 1 a full stop, 2 a comma, bracket or dash, 3 another sign, 4 a word, 5 a capital",
    "behind": "the same behind it; digits count as a capital",
    "line_words": "words of its line beside it",
    "line_numbers": "numbers of its line beside it",
    "column_mates": "candidates of the kind that stand in one column with it, edge to edge",
    "column_rows": "candidates of the kind above in one column with it, down from a gap",
    "column_sum": "1 if it is the sum of those, or of the nearest of them",
    "prose": "letters of its segment beside it and beside labels",
    # the value
    "valid": "1 if a check digit or a standard confirms it, -1 if one speaks against it",
    "letters": "letters of the candidate",
    "digits": "digits of the candidate",
    "words": "words of the candidate",
    "lines": "lines of the candidate",
    "goes_on": "lines below it that could belong to it too",
    "capitals": "share of its words with a capital first",
    "legal_form": "1 if it ends in a company's legal form",
    "currency": "1 if a currency is glued to it",
    "decimals": "decimals as written",
    "negative": "1 if it is below zero",
    "size_rank": "share of the candidates of its kind that are greater: amounts, numbers and dates",
    "rule": "1 from a grammar of the kind, 0.5 from an address block, 0.1 from a sentence, 0 from its place alone",
    "range_first": "1 if a dash or 'to' and a second date follow",
    "range_second": "1 if a first date and a dash or 'to' stand before it",
    # the document
    "count": "candidates of the kind on the document",
    "nth": "place among the candidates of the kind in reading order, as a share",
    "repeated": "how often the same value stands on the document, beside this",
    "taken": "1 if it lies within what is surely of another kind: a date, a checked number, a line of an address",
    "share": "share of the candidates of the kind with the same value",
    "is_sum": "1 if two other amounts of the document add up to it",
    "in_sum": "1 if with another amount it adds up to a third",
    "sums": "how many of the sums that the type declares hold with it in the field's place",
    # the field's candidates against each other
    "claims": "candidates with a label of the field",
    "rank": "candidates whose label is stronger",
    "lead": "strength of its label over the best other candidate's with another value",
    # reading
    "ocr": "1 if the page was read from a picture",
    "read_least": "least chance of a word of it",
    "read_mean": "mean chance of the words of it",
})  # fmt: skip
"""The features by name. Who adds one for another model describes it here."""
