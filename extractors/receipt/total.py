"""The total of a receipt: the right one among subtotal, tax, rounding, cash, change and savings."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache

from extractors.candidates.amounts import AmountCandidate
from extractors.page.layout import Layout, Line
from extractors.page.text import fold

_ZERO = Decimal(0)
_TOTAL = re.compile(
    r"\bt[o0]t[a4][l1i|]\b|t[o0]t[a4]l|\bjumlah\b|amount due|amt due|balance due|amount payable|to be paid|"
    r"to pay|nett? ?(?:amount|amt)|"
    r"\bcelk[eo]m\b|k uhrade|k platbe|soucet|k zaplaceni|\bspolu\b|\bsumm?e\b|\bsuma\b|gesamt|zu zahlen|"
    r"endbetrag|\bbetrag\b|do zaplaty|a payer|\bbill amt|"
    r"net sales|total ?sale|\bdue\b|inc[l1i]\w*(?: of)? gst|(?:amount|amt)(?: paid)? inc[l1i]|amt paid"
)
_STRONG = re.compile(
    r"grand|round(?:ed)? ?total|total ?(?:after )?round|amount due|to be paid|payable|nett? ?total|total ?nett?|"
    r"incl|k uhrade|k platbe|zu zahlen|do zaplaty|"
    r"total due|a payer|k zaplaceni|after|gesamtbetrag|total amt|total amount|total sales|net ?amount|"
    r"total payable|amount payable"
)
_WEAK = re.compile(
    r"included gst|gst included|sub ?-?t[o0]tal|sub ?t|mezisoucet|zwischensumme|medzisucet|before|excl|w/?o gst|"
    r"bez dph|netto|exc\b|taxable|ex\.? ?gst|gross amt|before tax"
)
_NOT = re.compile(
    r"\bqty|quantity|q'ty|item|\bpcs\b|saving|disc|point|member|change|round(?!ed| ?total)|adj|service|"
    r"\btax\b(?!.*(?:incl|sales|amount due))|\bgst\b(?!.*(?:incl|sales))|"
    r"\bvat\b|\bdph\b(?!.*celkem)|mwst|kembali|baki|vraceno|zuruck|ruckgeld|wechselgeld|tender|gegeben|"
    r"poct?u?et|polozek|zaokrouhleni|rundung|charge|deposit"
)
_CASH = re.compile(
    r"\bpay\b|accepted|received|\bcash\b|tunai|hotove|hotovost|\bbar\b|gegeben|visa|master|card|karta|karte|"
    r"paid|tender|payment|prijato|credit|debit|maestro"
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
    words = re.sub(r"(?<=[a-z])[:;.,'](?=[a-z])", "", fold(line.text[: amount.start]))
    return re.sub(r"\s+", " ", words).strip()


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


class _Receipt:
    """The amounts of one receipt with what the words of their lines say about them."""

    def __init__(self, layout: Layout, amounts: Sequence[AmountCandidate]) -> None:
        money = [a for a in amounts if a.decimals == 2 or a.currency]
        if not money:
            money = [a for a in amounts if _kind(_words_before(a.line, a)) in ("strong", "total")]
        self.money = money
        on_line = Counter(a.line.number for a in money)
        self.kinds = [self._kind_of(layout, one, on_line) for one in money]
        self.counts = Counter(a.number for a in money)
        self.row_end = {a.line.number: a for a in money}
        self.has_rounding = any(_ROUND.search(fold(line.text)) for line in layout.lines)
        self.last_line = max(1, layout.lines[-1].number)
        self.sums = self._sums()
        self.top = max(
            (a.number for a, k in zip(money, self.kinds, strict=True) if k in ("strong", "total", "weak")),
            default=_ZERO,
        )
        self.dearest = max((a.number for a, k in zip(money, self.kinds, strict=True) if k == "other"), default=_ZERO)

    @staticmethod
    def _kind_of(layout: Layout, one: AmountCandidate, on_line: Counter[int]) -> str:
        words = _words_before(one.line, one)
        if not re.search(r"[a-z]{2}", words):
            words = _neighbour(layout, one, on_line)
        kind = _kind(words) if words else "other"
        # a large amount behind "rounding" is the total after it
        return "total" if kind == "round" and abs(one.number) >= 1 else kind

    def _of(self, *kinds: str) -> list[Decimal]:
        return [a.number for a, k in zip(self.money, self.kinds, strict=True) if k in kinds]

    def _sums(self) -> set[Decimal]:
        """Amounts that cash less change, or net plus tax, confirm."""
        found = {abs(cash) - abs(change) for cash in self._of("cash") for change in self._of("change")}
        for net in self._of("weak", "tax"):
            found |= {net + tax for tax in self._of("tax") if 0 < tax < net * Decimal("0.3")}
        return found

    def _rounding(self, one: AmountCandidate) -> tuple[bool, bool]:
        """Whether ``one`` is a total after rounding (to 5 cents or whole crowns), or one before it."""
        near = [a for a in self.money if 0 < abs(a.number - one.number) <= Decimal("0.5")]
        if not self.has_rounding or not near:
            return False, False
        small = [a for a in near if abs(a.number - one.number) <= Decimal("0.05")]
        coin = Decimal("0.05") if small else Decimal(1)
        group = small or near
        if one.number % coin == 0:
            return any(a.line.number < one.line.number and a.number % coin for a in group), False
        return False, any(a.line.number > one.line.number and a.number % coin == 0 for a in group)

    def worth(self, index: int) -> tuple[float, dict[str, float]]:
        """How well an amount would do as the total, and its features."""
        one, kind = self.money[index], self.kinds[index]
        tied = one.number in self.sums
        rounded, unrounded = self._rounding(one)
        again = self.counts[one.number] > 1
        worth = _WORTH[kind] + (0.9 if kind != "other" else 1.5) * tied + 0.7 * rounded - 0.8 * unrounded
        worth += 0.25 * min(3, self.counts[one.number] - 1)
        worth += 0.3 * (one.line.number / self.last_line) if kind != "other" else -0.2
        if kind in ("strong", "total"):
            if self.row_end[one.line.number] is not one:
                worth -= 1.2
            if one.number < max(self.top, self.dearest) * Decimal("0.5"):
                worth -= 0.7
        label = {"strong": 0.9, "total": 0.88, "weak": 0.45, "cash": 0.35}.get(kind, 0.0)
        features = {"label": label, "sum": float(tied or rounded), "repeated": float(again), "guess": float(label == 0)}
        if unrounded:
            features["rival"] = 1.0
        return worth, features


def choose_total(layout: Layout, amounts: Sequence[AmountCandidate]) -> tuple[AmountCandidate, dict[str, float]] | None:
    """The total and its features.

    Each amount is judged by the words of its line (or, where it stands alone, of the line before), by sums
    (cash - change, net + tax), by rounding and by how often the same amount occurs.
    """
    receipt = _Receipt(layout, amounts)
    best: tuple[float, AmountCandidate, dict[str, float]] | None = None
    for index, one in enumerate(receipt.money):
        if receipt.kinds[index] in ("change", "round") or (one.number <= 0 and receipt.top > 0):
            continue
        worth, features = receipt.worth(index)
        if best is None or worth > best[0] + 1e-9:
            best = (worth, one, features)
    if best is None:
        return None
    _, chosen, features = best
    rivals = {
        a.number
        for a, kind in zip(receipt.money, receipt.kinds, strict=True)
        if kind in ("strong", "total") and a.number > 0 and abs(a.number - chosen.number) > Decimal("0.5")
    }
    features["rival"] = max(features.get("rival", 0.0), min(1.0, 0.5 * len(rivals)))
    return chosen, features


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
