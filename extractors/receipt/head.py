"""The head of a receipt: the company's name in one or several lines, and where its address begins and ends.

Two learned steps. First each line's role: how probable it is a line of the company, of the address, or of neither
(`extractors.receipt.lines` says what is looked at). Then runs of lines that the roles make likely are compared as
wholes: how probable it is that just these lines are the company or the address.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import nan

from extractors.page.layout import Layout, Line
from extractors.page.text import clean, fold, squeeze
from extractors.receipt.lines import REGISTRATION_TAIL, head_lines, line_features, name_of, text_of
from extractors.receipt.model import Choice, ReceiptModels, log_odds
from extractors.receipt.spelling import legal_form, repaired
from extractors.receipt.words import words_of

ROLES = ("company", "address")
"""What a line may be, if it is anything."""
_FIRST = {"company": 14, "address": 20}  # a run begins on one of so many lines
MOST = {"company": 4, "address": 9}  # and reaches over so many
_KEEP = 8  # runs of a role that are compared
_MEMBER = 0.25  # a line within a run belongs to it from this probability on
_CONTACT = re.compile(r"(?i)[,\s]*\b(?:tel\w*|fax|phone|hp|h/p|gst|e-?mail)\b.*$")
_LEAD = re.compile(r"(?i)^\W*(?:address|adresa|anschrift|alamat)\s*:\s*")

FEATURES: dict[str, str] = {
    "mean": "mean probability of its lines' role",
    "least": "least probability of its lines' role",
    "first": "probability of its first line",
    "last": "probability of its last line",
    "missed": "highest probability of that role among the lines left out between its ends",
    "before": "probability of that role of the line above",
    "after": "probability of that role of the line below",
    "best_elsewhere": "highest probability of that role outside",
    "company_before": "probability that the line above is the company's",
    "other_role": "highest probability of the other role inside",
    "lines": "how many lines",
    "skipped": "how many lines between its ends are left out",
    "start": "how many lines stand above",
    "letters": "how many letters and digits",
    "rank": "its place among the runs by the lines' probabilities",
    "margin": "log odds it lacks to the best run",
    "legal": "1 if a legal form ends it",
    "legal_inside": "1 if a line but the last ends with a legal form",
    "legal_elsewhere": "1 if another line near ends with a legal form",
    "legals": "how many of its lines end with a legal form",
    "own_words_first": "words on its first line that are neither a legal form nor of trades",
    "own_words_last": "the same on its last line",
    "own_words_before": "the same on the line above",
    "continues_first": "1 if its first line begins as the second line of a name does",
    "continues_inside": "1 if one of its other lines does",
    "continues_after": "1 if the line below does",
    "open": "brackets opened and not closed in it",
    "title_inside": "1 if one of its lines is a receipt's title, a label of the sale, a telephone or a web address",
    "house": "1 if its first line begins as an address does",
    "house_before": "1 if the line above begins as an address does",
    "postcode": "1 if it has a postal code",
    "postcode_after": "1 if the line below has a postal code",
    "state": "1 if it has a state or country",
    "last_state": "1 if its last line has a state or country",
    "last_places": "share of words of places on its last line",
    "after_places": "share of words of places on the line below",
    "after_state": "1 if the line below has a state or country",
    "after_digits": "share of digits on the line below",
    "after_phone": "1 if the line below has a telephone, a tax number, a title or a date",
    "ends_comma": "1 if it ends with a comma",
    "before_comma": "1 if the line above ends with a comma",
    "gap_inside": "widest white between its lines in line heights",
    "gap_before": "white above it in line heights",
    "gap_after": "white below it in line heights",
    "trades": "mean share of words of trades on its lines",
    "trades_before": "share of words of trades on the line above",
    "trades_after": "share of words of trades on the line below",
    "registration_after": "1 if the line below, or the end of its own last line, is a registration number",
    "height_first": "height of its first line against the head's",
    "height_change": "largest difference between the heights of its lines",
    "repeated": "on how many other lines its first line occurs again",
    "confidence": "mean confidence of its words",
}
"""Features of a run of lines."""


@dataclass(frozen=True)
class Run:
    """Some lines as the value of a role: the lines' indices in the head, the value, and its features."""

    role: str
    indices: tuple[int, ...]
    lines: tuple[Line, ...]
    value: str
    features: Mapping[str, float]

    @property
    def letters(self) -> str:
        """The value's letters and digits in small print: what runs are told apart by."""
        return "".join(filter(str.isalnum, self.value)).casefold()

    def choice(self, score: float, second: float) -> Choice:
        """What is known of this run as the chosen one."""
        kept, known = squeeze(self.value), words_of(self.role)
        words = [
            token.confidence
            for line in self.lines
            for token in line.tokens
            if (text := squeeze(token.text)) and text in kept and fold(token.text.strip(".,;:()")) not in known
        ]  # general words vouch for themselves, and a registration number is no part of the value
        read = sum(words) / len(words) if words else 1.0
        return Choice(score, second, read, sum(1 - one for one in words))


def value_of(role: str, lines: Sequence[Line]) -> str:
    """The value that ``lines`` make: the company without its registration number, the address without contacts."""
    texts = [text_of(line, repaired(line, role)) for line in lines]
    if role == "company":
        return legal_form(clean(" ".join(name_of(text) for text in texts)))
    texts = [_CONTACT.sub("", text) if at else text for at, text in enumerate(texts)]
    return _LEAD.sub("", clean(" ".join(texts)))


def _is_title(row: Mapping[str, float]) -> bool:
    """Whether a line is what receipts call themselves and nothing else: it is never part of a name or an address."""
    return bool(row["title"]) and not (row["postcode"] or row["legal"] or row["places"] or row["house"])


def runs(
    role: str,
    lines: Sequence[Line],
    rows: Sequence[Mapping[str, float]],
    roles: Sequence[Mapping[str, float]],
    keep: int = _KEEP,
) -> list[Run]:
    """The likeliest runs of a role, best first by their lines alone.

    Args:
        role: ``"company"`` or ``"address"``.
        lines: the head's lines.
        rows: their features (`line_features`).
        roles: their probabilities by role.
        keep: how many.
    """
    chances = [0.0 if _is_title(row) else one[role] for one, row in zip(roles, rows, strict=True)]
    found: dict[tuple[int, ...], float] = {}
    for start in range(min(len(lines), _FIRST[role])):
        if chances[start] < 0.02:
            continue
        for end in range(start, min(len(lines), start + MOST[role])):
            if chances[end] < 0.02:
                continue
            inside = tuple(at for at in range(start, end + 1) if at in (start, end) or chances[at] >= _MEMBER)
            whole = tuple(at for at in range(start, end + 1) if not _is_title(rows[at]))
            for some in {inside, whole} if role == "company" else {inside}:
                found[some] = sum(log_odds(chances[at]) for at in some)
    ranked = sorted(found.items(), key=lambda item: (-item[1], item[0]))[:keep]
    return [
        _run(role, inside, ranked[0][1] - worth, rank, lines=lines, rows=rows, roles=roles)
        for rank, (inside, worth) in enumerate(ranked)
    ]


def _run(
    role: str,
    inside: tuple[int, ...],
    margin: float,
    rank: int,
    *,
    lines: Sequence[Line],
    rows: Sequence[Mapping[str, float]],
    roles: Sequence[Mapping[str, float]],
) -> Run:
    chances = [one[role] for one in roles]
    other = "address" if role == "company" else "company"
    mine, first, last = [rows[at] for at in inside], inside[0], inside[-1]
    chosen = tuple(lines[at] for at in inside)
    value = value_of(role, chosen)
    above = rows[first - 1] if first else None
    below = rows[last + 1] if last + 1 < len(rows) else None
    left_out = [at for at in range(first, last + 1) if at not in inside]
    outside = [chance for at, chance in enumerate(chances) if at not in inside]

    def beside(row: Mapping[str, float] | None, name: str) -> float:
        return row[name] if row else nan

    features = {
        "mean": sum(chances[at] for at in inside) / len(inside),
        "least": min(chances[at] for at in inside),
        "first": chances[first],
        "last": chances[last],
        "missed": max((chances[at] for at in left_out), default=0.0),
        "before": chances[first - 1] if first else nan,
        "after": chances[last + 1] if last + 1 < len(rows) else nan,
        "best_elsewhere": max(outside, default=0.0),
        "company_before": roles[first - 1]["company"] if first else nan,
        "other_role": max(roles[at][other] for at in inside),
        "lines": len(inside),
        "skipped": len(left_out),
        "start": first,
        "letters": sum(map(str.isalnum, value)),
        "rank": rank,
        "margin": margin,
        "legal": mine[-1]["legal"],
        "legal_inside": float(any(row["legal"] for row in mine[:-1])),
        "legal_elsewhere": float(any(row["legal"] for at, row in enumerate(rows[:10]) if at not in inside)),
        "legals": sum(row["legal"] for row in mine),
        "own_words_first": mine[0]["own_words"],
        "own_words_last": mine[-1]["own_words"],
        "own_words_before": beside(above, "own_words"),
        "continues_first": mine[0]["continues"],
        "continues_inside": float(any(row["continues"] for row in mine[1:])),
        "continues_after": beside(below, "continues"),
        "open": value.count("(") - value.count(")"),
        "title_inside": float(any(row[name] for row in mine for name in ("title", "fact", "phone", "web", "tax"))),
        "house": mine[0]["house"],
        "house_before": beside(above, "house"),
        "postcode": float(any(row["postcode"] for row in mine)),
        "postcode_after": beside(below, "postcode"),
        "state": float(any(row["state"] for row in mine)),
        "last_state": mine[-1]["state"],
        "last_places": mine[-1]["places"],
        "after_places": beside(below, "places"),
        "after_state": beside(below, "state"),
        "after_digits": beside(below, "share_digits"),
        "after_phone": float(any(below[name] for name in ("phone", "tax", "title", "date"))) if below else nan,
        "ends_comma": mine[-1]["ends_comma"],
        "before_comma": beside(above, "ends_comma"),
        "gap_inside": max((rows[at]["gap"] for at in range(first + 1, last + 1)), default=0.0),
        "gap_before": mine[0]["gap"],
        "gap_after": mine[-1]["gap_below"],
        "trades": sum(row["trades"] for row in mine) / len(mine),
        "trades_before": beside(above, "trades"),
        "trades_after": beside(below, "trades"),
        "registration_after": float(
            bool(REGISTRATION_TAIL.search(text_of(chosen[-1]))) or bool(below and below["registration"])
        ),
        "height_first": mine[0]["height"],
        "height_change": max(row["height"] for row in mine) - min(row["height"] for row in mine),
        "repeated": mine[0]["repeated"],
        "confidence": sum(row["confidence"] for row in mine) / len(mine),
    }
    return Run(role, inside, chosen, value, features)


def line_roles(rows: Sequence[Mapping[str, float]], models: ReceiptModels) -> list[dict[str, float]]:
    """How probable each role is for each line."""
    chances = [models.boosters[f"{role}_line"].chances(rows) for role in ROLES]
    return [dict(zip(ROLES, pair, strict=True)) for pair in zip(*chances, strict=True)]


def choose(
    scored: Mapping[str, Sequence[tuple[float, Run]]],
) -> dict[str, tuple[float, Run]]:
    """The company and the address that are the likeliest together and share no line; a role without runs is absent."""
    best: tuple[float, dict[str, tuple[float, Run]]] = (-1.0, {})
    nothing: list[tuple[float, Run] | None] = [None]
    for company in [*scored["company"]] or nothing:
        for address in [*scored["address"]] or nothing:
            if company and address and set(company[1].indices) & set(address[1].indices):
                continue
            worth = (company[0] if company else 0.01) * (address[0] if address else 0.01)
            if worth > best[0]:
                pairs = (("company", company), ("address", address))
                best = (worth, {role: one for role, one in pairs if one is not None})
    return best[1]


def second_to(run: Run, scored: Sequence[tuple[float, Run]]) -> float:
    """The best score of a run with another value."""
    return max((score for score, other in scored if other.letters != run.letters), default=0.0)


def read_head(layout: Layout, models: ReceiptModels) -> dict[str, list[tuple[float, Run]]]:
    """The runs of each role with their scores."""
    lines = head_lines(layout)
    rows = line_features(layout, lines)
    roles = line_roles(rows, models)
    scored = {}
    for role in ROLES:
        found = runs(role, lines, rows, roles)
        chances = models.boosters[role].chances([run.features for run in found])
        scored[role] = list(zip(chances, found, strict=True))
    return scored
