"""The total of a receipt: the right one among subtotal, tax, rounding, cash, change and savings."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache

from extractors.candidates.amounts import AmountCandidate
from extractors.labels import Labels
from extractors.layout import Layout, Line
from extractors.text import fold

_CENT = Decimal("0.011")
_TOTAL = re.compile(
    r"\bt[o0]t[a4][l1i|]\b|t[o0]t[a4]l|\bjumlah\b|amount due|amt due|balance due|amount payable|to be paid|to pay|nett? ?(?:amount|amt)|"
    r"\bcelk[eo]m\b|k uhrade|k platbe|soucet|k zaplaceni|\bspolu\b|\bsumm?e\b|\bsuma\b|gesamt|zu zahlen|endbetrag|\bbetrag\b|do zaplaty|a payer|\bbill amt|"
    r"net sales|total ?sale"
)
_STRONG = re.compile(
    r"grand|round(?:ed)? ?total|total ?(?:after )?round|amount due|to be paid|payable|nett? ?total|total ?nett?|incl|k uhrade|k platbe|zu zahlen|do zaplaty|"
    r"total due|a payer|k zaplaceni|after|gesamtbetrag|total amt|total amount|total sales|net ?amount|total payable|amount payable"
)
_WEAK = re.compile(
    r"sub ?-?t[o0]tal|sub ?t|mezisoucet|zwischensumme|medzisucet|before|excl|w/?o gst|bez dph|netto|exc\b|taxable|ex\.? ?gst|gross amt|before tax"
)
_NOT = re.compile(
    r"\bqty|quantity|q'ty|item|\bpcs\b|saving|disc|point|member|change|round(?!ed| ?total)|adj|service|\btax\b(?!.*(?:incl|sales|amount due))|\bgst\b(?!.*(?:incl|sales))|"
    r"\bvat\b|\bdph\b(?!.*celkem)|mwst|kembali|baki|vraceno|zuruck|ruckgeld|wechselgeld|tender|gegeben|poct?u?et|polozek|zaokrouhleni|rundung|charge|deposit"
)
_CASH = re.compile(
    r"\bcash\b|tunai|hotove|hotovost|\bbar\b|gegeben|visa|master|card|karta|karte|paid|tender|payment|prijato|credit|debit|maestro"
)
_CHANGE = re.compile(r"change|kembali|baki|vraceno|vratit|zuruck|ruckgeld|wechselgeld|\bchg\b|balance\b(?! due)")
_ROUND = re.compile(r"round(?!ed)|rounding|pembundaran|zaokrouhl|rundung|\badj")
_TAX_LINE = re.compile(r"\bgst|\bsst\b|\bvat|\btax\b|\bdph\b|mwst|ust")


@lru_cache(maxsize=4096)
def _kind(text: str) -> str:
    """What a line's words say about its amount: total, strong, weak, cash, change, round, tax or other."""
    if _CHANGE.search(text):
        return "change"
    if _ROUND.search(text) and not re.search(r"t[o0]tal", text):
        return "round"
    if _TOTAL.search(text):
        if _WEAK.search(text):
            return "weak"
        if _NOT.search(text) and not re.search(r"incl|payable|due|amount rm|sales ?\(?incl", text):
            return "tax" if _TAX_LINE.search(text) and not re.search(r"qty|item|disc", text) else "other"
        return "strong" if _STRONG.search(text) else "total"
    if _WEAK.search(text):
        return "weak"
    if _CASH.search(text):
        return "cash"
    if _TAX_LINE.search(text):
        return "tax"
    return "other"


def _words_before(line: Line, amount: AmountCandidate) -> str:
    return re.sub(r"\s+", " ", fold(line.text[: amount.start])).strip()


_WORTH = {
    "strong": 2.4,
    "total": 2.2,
    "weak": 0.8,
    "cash": 0.9,
    "other": 0.0,
    "change": -2.0,
    "round": -2.0,
    "tax": -1.0,
}


def choose_total(
    layout: Layout, labels: Labels, amounts: Sequence[AmountCandidate]
) -> tuple[AmountCandidate, dict[str, float]] | None:  # noqa: ARG001
    """The total and its features.

    Each amount is judged by the words of its line (or, where it stands alone, of the line before), by sums
    (cash - change, net + tax, subtotal + rounding) and by how often the same amount occurs.
    """
    money = [a for a in amounts if a.decimals == 2 or a.currency]
    if not money:
        money = [a for a in amounts if _kind(_words_before(a.line, a)) in ("strong", "total")]
    if not money:
        return None
    by_kind: dict[str, list[AmountCandidate]] = {}
    kinds: dict[int, str] = {}
    on_line = Counter(a.line.number for a in money)
    for index, one in enumerate(money):
        words = _words_before(one.line, one)
        if not re.search(r"[a-z]{2}", words):
            words = _neighbour(layout, one, on_line)
        kind = _kind(words) if words else "other"
        kinds[index] = kind
        by_kind.setdefault(kind, []).append(one)
    counts = Counter(a.number for a in money)
    sums = _sums(by_kind)
    roundings = {a.number for a in by_kind.get("round", ()) if 0 < abs(a.number) < 1}
    last_line = max(1, layout.lines[-1].number)
    best: tuple[float, AmountCandidate, dict[str, float]] | None = None
    top = max(
        (abs(a.number) for a in money if kinds[money.index(a)] in ("strong", "total", "weak")), default=Decimal(0)
    )
    for index, one in enumerate(money):
        kind = kinds[index]
        if kind in ("change", "round") or (one.number <= 0 and top > 0):
            continue
        worth = _WORTH[kind]
        row = [a for a in money if a.line.number == one.line.number]
        if len(row) > 1 and one is not row[-1] and kind in ("strong", "total"):
            worth -= 1.2
        tied = one.number in sums
        rounded = any(
            abs(one.number - r - other) <= _CENT
            for r in roundings
            for other in counts
            if other != one.number and counts[other]
        )
        worth += (
            0.9 * tied
            + 0.25 * min(3, counts[one.number] - 1)
            + (0.5 if rounded and kind in ("strong", "total", "weak", "cash") else 0)
        )
        worth += 0.3 * (one.line.number / last_line) if kind != "other" else -0.2
        if top and one.number < top * Decimal("0.5") and kind in ("strong", "total"):
            worth -= 0.4
        features = {
            "label": {"strong": 0.9, "total": 0.88, "weak": 0.45, "cash": 0.35}.get(kind, 0.0),
            "sum": float(tied or rounded),
            "repeated": float(counts[one.number] > 1),
        }
        if best is None or worth > best[0] + 1e-9:
            best = (worth, one, features)
    if best is None:
        return None
    rivals = {
        a.number
        for i, a in enumerate(money)
        if kinds[i] in ("strong", "total") and a.number != best[1].number and a.number > 0
    }
    best[2]["rival"] = min(1.0, 0.6 * len(rivals))
    if best[2]["label"] == 0:
        best[2]["guess"] = 1.0
    return best[1], best[2]


def _neighbour(layout: Layout, one: AmountCandidate, on_line: Counter[int]) -> str:
    """The words of the line before or after an amount that stands alone, if they have no amount themselves."""
    for number in (one.line.number - 1, one.line.number + 1):
        if 0 <= number < len(layout.lines) and not on_line.get(number):
            line = layout.lines[number]
            gap = max(line.box[1] - one.box[3], one.box[1] - line.box[3])
            words = re.sub(r"\s+", " ", fold(line.text))
            if line.page == one.page and gap < 1.0 * line.height and _kind(words) != "other":
                return words
    return ""


def _sums(by_kind: dict[str, list[AmountCandidate]]) -> set[Decimal]:
    """Amounts that a sum on the receipt confirms as its total."""
    found = set()
    for cash in by_kind.get("cash", ()):
        for change in by_kind.get("change", ()):
            found.add(abs(cash.number) - abs(change.number))
    nets = [a.number for a in (*by_kind.get("weak", ()), *by_kind.get("tax", ()))]
    taxes = [a.number for a in by_kind.get("tax", ()) if a.number > 0]
    for net in nets:
        for tax in taxes:
            if 0 < tax < net * Decimal("0.3"):
                found.add(net + tax)
    return found
