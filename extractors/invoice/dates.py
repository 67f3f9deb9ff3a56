"""Issue, due and delivery date as one decision: by their labels, the title, the letter's head and their order."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from extractors.candidates.base import Candidate
from extractors.page.labels import TITLE
from extractors.page.layout import COLUMN, WIDE

if TYPE_CHECKING:
    from extractors.invoice.fields import InvoiceFields, Ranked

NAMES = ("issue_date", "due_date", "delivery_date")
_FROM = re.compile(r"(?i)\b(vom|ze dne|dated|du|of|le|from|dne)\s*$")
_DEBIT = re.compile(
    r"(?i)\b(wird am|werden am|fällig am|zahlbar bis(?: zum| spätestens)?|netto bis|due by|payable by|"
    r"splatn\w+ (?:do|dne)|uhraďte do|do)\s*$"
)
_LETTER = re.compile(r"(?i)^[^\W\d_][\w .-]{2,30}, ?(?:den|le|dne|am|on)? ?$")
_UNTIL = re.compile(r"(?i)\s*(?:-|–|—|bis(?: zum)?|to|until|au|do|až)\s*")
_CLEAR = 0.75
"""A label of at least this weight names its date for sure: two of them that differ are a contradiction."""
_HEAD = 25  # lines of a letter's head


def decide_dates(view: InvoiceFields) -> None:
    """Decide the three dates; one that contradicts their order needs a clear label of its own."""
    choices = {name: _labelled(view, name) for name in NAMES}
    if not choices["due_date"]:
        choices["due_date"] = [
            (0.72, c) for c in view.dates if _DEBIT.search(re.sub(r"\s", " ", c.line.text[: c.start]))
        ][:1]
    if not choices["delivery_date"]:
        choices["delivery_date"] = _period_end(view)
    title = _title_date(view)
    if title and not any(weight > 0.8 for weight, _ in choices["issue_date"]):
        choices["issue_date"].insert(0, title)
    if not choices["issue_date"] and view.dates:
        taken = [c for name in NAMES for _, c in choices[name]]
        free = [d for d in view.dates if not any(d is c for c in taken) and not _other_label(view, d)]
        if free:
            guess = {"guess": 1.0, "place": 1.0 if free[0].line.number < 40 else 0.3, "rival": float(len(free) > 1)}
            view.offer("issue_date", [(0.4, free[0], guess)])
    issue = choices["issue_date"][0] if choices["issue_date"] else None
    if issue:
        rivals = {c.value for w, c in choices["issue_date"][1:] if w > issue[0] - 0.06} - {issue[1].value}
        ranked: list[Ranked] = [(w, c, {"label": w}) for w, c in choices["issue_date"]]
        ranked[0][2]["rival"] = float(bool(rivals))
        view.offer("issue_date", ranked)
    for name in NAMES[1:]:
        ranked = []
        for weight, candidate in choices[name]:
            order = 0.0
            if issue and name == "due_date":
                order = 1.0 if candidate.value >= issue[1].value else -1.0
            if order < 0 and weight < 0.95:
                continue
            ranked.append((weight, candidate, {"label": weight, "order": order}))
        if len({candidate.value for weight, candidate, _ in ranked if weight >= _CLEAR}) > 1:
            ranked[0][2]["rival"] = 1.0
        view.offer(name, ranked)


def _labelled(view: InvoiceFields, name: str) -> list[tuple[float, Candidate]]:
    """The dates that a label of ``name`` governs, best first, each value once."""
    best: dict[str, tuple[float, Candidate]] = {}
    for candidate in view.dates:
        relation = view.governors.best(candidate, name)
        if relation is None or relation.weight < 0.3:
            continue
        own = [n for n in relation.hit.names if n in NAMES]
        weight = relation.weight - (0.1 if len(own) > 1 else 0)
        if relation.position == "far":
            weight -= 0.1
        if candidate.value not in best or weight > best[candidate.value][0]:
            best[candidate.value] = (weight, candidate)
    return sorted(best.values(), key=lambda r: -r[0])


def _period_end(view: InvoiceFields) -> list[tuple[float, Candidate]]:
    """The last day of the period that is invoiced: where no other day is named, the service was rendered by then."""
    for first, last in zip(view.dates, view.dates[1:], strict=False):
        lines = last.line.number - first.line.number
        if lines > 1 or last.page != first.page or last.value < first.value:
            continue
        between = (
            first.line.text[first.end : last.start]
            if not lines
            else f"{first.line.text[first.end :]} {last.line.text[: last.start]}"
        )
        if not _UNTIL.fullmatch(between):
            continue
        spoken = any(
            (hit.line.number == first.line.number and hit.end <= first.start)
            or (hit.line.number == first.line.number - 1 and not first.line.text[: first.start].strip())
            for hit in view.labels.named("x:period", "delivery_date")
        )
        if spoken:
            return [(0.75, last)]
    return []


def _other_label(view: InvoiceFields, candidate: Candidate) -> bool:
    relations = view.governors.of(candidate)
    return bool(relations) and relations[0].hit.is_other() and relations[0].position in ("inline", "left")


def _title_date(view: InvoiceFields) -> tuple[float, Candidate] | None:
    """The date behind the number in a title line (``Rechnung Nr. 471102 vom 05.03.2020``), or a letter's date."""
    lines = view.layout.lines
    titles = {}
    for hit in view.labels.hits:
        starts = any(s.start == hit.start for s in hit.line.segments)
        if "invoice_number" in hit.names or (TITLE in hit.names and starts and hit.line.number < 2 * _HEAD):
            titles[hit.line.number] = hit
    for candidate in view.dates:
        number = candidate.line.number
        before = re.sub(r"\s", " ", candidate.line.text[: candidate.start])
        above = lines[number - 1].text if number else ""
        if _FROM.search(before) and (number in titles or number - 1 in titles):
            return 0.85, candidate
        if number - 1 in titles and not before.strip() and _FROM.search(above):
            return 0.85, candidate
        if number in titles and not re.search(r"\w", candidate.line.text[titles[number].end : candidate.start]):
            return 0.85, candidate
    head = [c for c in view.dates if c.line.number < _HEAD and c.page == 1]
    for candidate in head:
        if _LETTER.search(candidate.line.text[: candidate.start].split(COLUMN)[-1].replace(WIDE, " ")):
            return 0.85, candidate
    if any(True for _ in view.labels.named("issue_date")):
        return None  # there is one with a label, though it was not read
    alone = [c for c in head if _stands_alone(c) and not view.governors.of(c)]
    return (0.72, alone[0]) if len({c.value for c in alone}) == 1 else None


def _stands_alone(candidate: Candidate) -> bool:
    """Whether a date is all that stands in its column: a letter's date, at the right of its subject."""
    segment = next((s for s in candidate.line.segments if s.start <= candidate.start < s.end), None)
    return segment is not None and segment.text.strip(" .,") == candidate.line.text[
        candidate.start : candidate.end
    ].replace(WIDE, " ").strip(" .,")
