"""The total of a receipt: the right one among subtotal, tax, rounding, cash, change and savings.

Every amount is a candidate; what is looked at is in `FEATURES`, how it weighs is learned.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache
from math import log10, nan
from statistics import median

from rapidfuzz import fuzz

from extractors.candidates.amounts import AmountCandidate
from extractors.page.layout import Layout, Line
from extractors.page.text import fold

_WORDS: dict[str, re.Pattern[str]] = {
    "total": re.compile(
        r"\bt[o0]t[a4][l1i|]\b|t[o0]t[a4]l|\bjumlah\b|amount due|amt due|balance due|amount payable|to be paid|"
        r"to pay|nett? ?(?:amount|amt)|\bcelk[eo]m\b|k uhrade|k platbe|soucet|k zaplaceni|\bspolu\b|\bsumm?e\b|"
        r"\bsuma\b|gesamt|zu zahlen|endbetrag|\bbetrag\b|do zaplaty|a payer|\bbill amt|net sales|total ?sale|\bdue\b|"
        r"inc[l1i]\w*(?: of)? ?gst|(?:amount|amt)(?: paid)? inc[l1i]|amt paid|\bt[ot]l\b"
    ),
    "strong": re.compile(
        r"grand|round(?:ed)? ?total|total ?(?:after )?round|a[tf]+ ?r(?:ou)?nd|amount due|to be paid|payable|"
        r"nett? ?total|total ?nett?|incl|k uhrade|k platbe|zu zahlen|do zaplaty|total due|a payer|k zaplaceni|after|"
        r"gesamtbetrag|total amt|total amount|total sales|net ?amount"
    ),
    "inclusive": re.compile(r"inc[l1i]|inkl|vc\. ?dph|s dph|with gst|w/ ?gst"),
    "weak": re.compile(
        r"included gst|gst included|sub ?-?t[o0]tal|sub ?t|mezisoucet|zwischensumme|medzisucet|before|excl|w/?o gst|"
        r"bez dph|netto|exc\b|taxable|ex\.? ?gst|gross amt|before tax"
    ),
    "not": re.compile(
        r"\bqty|quantity|q'ty|item|\bpcs\b|saving|disc|point|member|adj|service|srv|kembali|baki|"
        r"poct?u?et|polozek|charge|deposit|summary|analysis|rekapitul|\bmtd\b"
    ),
    "cash": re.compile(
        r"\bpay\b|accepted|received|\bcash\b|tunai|hotove|hotovost|\bbar\b|gegeben|visa|master|card|karta|karte|"
        r"paid|tender|payment|prijato|credit|debit|maestro"
    ),
    "change": re.compile(r"change|kembali|baki|vraceno|vratit|zuruck|ruckgeld|wechselgeld|\bchg\b|balance\b(?! due)"),
    "round": re.compile(r"round(?!ed)|rounding|\brnd\b|pembundaran|zaokrouhl|rundung|\badj"),
    "tax": re.compile(r"\bgst|\bsst\b|\bvat|\btax\b|\bdph\b|mwst|ust\b|g\.s\.t"),
    "percent": re.compile(r"\d ?%"),
}
_FUZZY: dict[str, tuple[str, ...]] = {
    "total": ("total", "celkem", "gesamt", "summe", "jumlah", "amount payable", "amount due", "total inclusive gst"),
    "round": ("rounding", "zaokrouhleni", "rundung"),
    "cash": ("cash", "tender", "payment", "hotovost", "gegeben"),
    "change": ("change", "vraceno", "ruckgeld"),
    "subtotal": ("subtotal", "mezisoucet", "zwischensumme"),
}
_SAYS = {
    **{f"says_{name}": f"1 if the words of {name} stand before it on its line" for name in _WORDS},
    **{f"like_{name}": f"likeness of the words before it to those of {name}, 0..1" for name in _FUZZY},
}
FEATURES: dict[str, str] = {
    **_SAYS,
    **{f"{name}-1": f"{what}, for the words of the line above" for name, what in _SAYS.items()},
    **{f"twin_{name}": f"1 if {name} is said of another place with the same amount" for name in _WORDS},
    "alone": "1 if no words stand before it on its line",
    "amounts_on_line": "how many amounts its line has",
    "from_end": "how many amounts follow on its line",
    "above_wordless": "1 if the line above has no amount",
    "count": "how often the amount occurs",
    "decimals": "decimals as written",
    "currency": "1 if a currency stands beside it",
    "negative": "1 if below zero",
    "size": "logarithm of the amount to base 10",
    "to_largest": "amount against the largest one",
    "to_largest_total": "amount against the largest that is said to be a total",
    "to_last_total": "amount against the last that is said to be a total",
    "is_last_total": "1 if it is the last amount that is said to be a total",
    "larger": "how many different larger amounts there are",
    "place": "lines above it against all lines",
    "to_cash": "lines to the first line of cash",
    "to_change": "lines to the first line of change",
    "to_round": "lines to the first line of rounding",
    "after_summary": "1 if a line above begins a summary of taxes",
    "paid": "1 if cash less change comes to it",
    "gross": "1 if a net amount and a tax come to it",
    "net": "1 if with a tax it comes to another amount",
    "net_row": "1 if a line, of a summary say, has it and a tax that would fit it",
    "gross_row": "1 if the two amounts of such a line come to it",
    "tendered": "1 if, less the change, it comes to another amount: it is what was handed over",
    "items": "1 if some amounts in a row above come to it",
    "rounded_from": "1 if an amount above it differs by what is rounded off",
    "rounded_to": "1 if an amount below it differs by what is rounded off",
    "rounding_said": "1 if a line speaks of rounding with an amount that is not zero",
    "coin": "1 if it is a whole number of 5 cents",
    "whole": "1 if it is a whole number",
    "height": "height of its print against the median",
    "confidence": "how sure the reader was",
}
"""Features of an amount."""
NAMES = tuple(FEATURES)
_MOST_AMOUNTS = 160
_MOST_TAX = Decimal("0.3")  # of the net amount


@lru_cache(maxsize=8192)
def _says(text: str) -> dict[str, float]:
    """What the words before an amount say."""
    found = {f"says_{name}": float(bool(pattern.search(text))) for name, pattern in _WORDS.items()}
    for name, phrases in _FUZZY.items():
        best = max((fuzz.partial_ratio(phrase, text) for phrase in phrases if len(text) >= 3), default=0.0)
        found[f"like_{name}"] = round(best / 100, 2)
    return found


def _plain(text: str) -> str:
    words = re.sub(r"(?<=[a-z])[:;.,'](?=[a-z])", "", fold(text))
    words = re.sub(r"(?<=[a-z]) ?[:;.,'] ?(?=[a-z])", " ", words)
    return re.sub(r"\s+", " ", words).strip()


def _of_amount(one: AmountCandidate, says: dict[str, float]) -> dict[str, float]:
    """What is said of an amount: behind "rounding" a small one is what was rounded off, a large one the total then."""
    if says["says_round"] and abs(one.number) >= 1:
        return {**says, "says_round": 0.0, "says_total": 1.0, "says_strong": 1.0, "says_not": 0.0}
    return says


class Amounts:
    """The amounts of one receipt and their features, made once."""

    def __init__(self, layout: Layout, amounts: Sequence[AmountCandidate]) -> None:
        written = [a for a in amounts if a.decimals == 2 or a.currency]
        self.money = (written or [a for a in amounts if abs(a.number) < 100_000])[:_MOST_AMOUNTS]
        self._layout = layout
        self._on_line: dict[int, list[AmountCandidate]] = {}
        for one in self.money:
            self._on_line.setdefault(one.line.number, []).append(one)
        self._words = [_plain(self._before(one)) for one in self.money]
        self._above = [self._line_above(one) for one in self.money]
        self._said = [
            _of_amount(one, _says(own if re.search(r"[a-z]{2}", own) else up))
            for one, own, up in zip(self.money, self._words, self._above, strict=True)
        ]
        self.features = self._all()

    def _before(self, one: AmountCandidate) -> str:
        """The words of the line before ``one``, back to its beginning: those before a first amount count for all."""
        first = self._on_line[one.line.number][0]
        between = one.line.text[first.end : one.start] if first is not one else ""
        return one.line.text[: first.start] + " " + re.sub(r"[\d.,]+", " ", between)

    def _line_above(self, one: AmountCandidate) -> str:
        number = one.line.number - 1
        if number < 0 or self._layout.lines[number].page != one.page:
            return ""
        return _plain(self._layout.lines[number].text)

    def _of(self, name: str) -> list[Decimal]:
        return [abs(a.number) for a, says in zip(self.money, self._said, strict=True) if says[f"says_{name}"]]

    def _first_line(self, name: str) -> int | None:
        return next((line.number for line in self._layout.lines if _WORDS[name].search(_plain(line.text))
                     and line.number > 5), None)  # fmt: skip

    def _all(self) -> list[dict[str, float]]:
        if not self.money:
            return []
        money, said = self.money, self._said
        counts = Counter(a.number for a in money)
        values = set(counts)
        largest = max(abs(a.number) for a in money) or Decimal(1)
        cash, change, tax = self._of("cash"), self._of("change"), self._of("tax")
        tendered = {c for c in values for d in change if 0 < d < c and c - d in values}
        totals = [
            a.number
            for a, says in zip(money, said, strict=True)
            if says["says_total"]
            and not (says["says_weak"] or says["says_not"] or says["says_change"])
            and not (says["says_cash"] and a.number in tendered)
        ]
        paid = {c - d for c in cash for d in change if c > d}
        taxes = {t for t in tax if t}
        rows_of_tax = [
            (pair[0].number, pair[1].number)
            for pair in self._on_line.values()
            if len(pair) == 2 and 0 < pair[1].number < pair[0].number * _MOST_TAX
        ]
        gross = {n + t for n in values for t in taxes if 0 < t < n * _MOST_TAX}
        rounding = [abs(a.number) for a, says in zip(money, said, strict=True)
                    if says["says_round"] and 0 < abs(a.number) < 1]  # fmt: skip
        places = {name: self._first_line(name) for name in ("cash", "change", "round")}
        summary = next(
            (
                line.number
                for line in self._layout.lines
                if re.search(r"summ?ary|analysis|rekapitul|ust ?%|mwst ?%|sazba", _plain(line.text))
            ),
            None,
        )
        runs = self._runs()
        high = median(line.height for line in self._layout.lines) or 1.0
        last_line = max(1, self._layout.lines[-1].number)
        rows = []
        for at, one in enumerate(money):
            value, line = one.number, one.line
            mine = self._on_line[line.number]
            twins = [said[k] for k, other in enumerate(money) if other.number == value and k != at]
            near = [a for a in money if 0 < abs(a.number - value) <= Decimal("0.5")
                    and (abs(a.number - value) in rounding or abs(a.number - value) <= Decimal("0.04"))]  # fmt: skip
            row: dict[str, float] = dict(_of_amount(one, _says(self._words[at])))
            row |= {f"{name}-1": said_above for name, said_above in _says(self._above[at]).items()}
            row |= {f"twin_{name}": float(any(twin[f"says_{name}"] for twin in twins)) for name in _WORDS}
            row |= {
                "alone": float(not re.search(r"[a-z]{2}", self._words[at])),
                "amounts_on_line": len(mine),
                "from_end": len(mine) - 1 - mine.index(one),
                "above_wordless": float(line.number - 1 not in self._on_line),
                "count": counts[value],
                "decimals": one.decimals,
                "currency": float(bool(one.currency)),
                "negative": float(value < 0),
                "size": log10(float(abs(value)) + 0.01),
                "to_largest": float(abs(value) / largest),
                "to_largest_total": float(value / max(totals)) if totals and max(totals) > 0 else nan,
                "to_last_total": float(value / totals[-1]) if totals and totals[-1] > 0 else nan,
                "is_last_total": float(bool(totals) and value == totals[-1]),
                "larger": sum(other > value for other in counts),
                "place": line.number / last_line,
                "after_summary": float(summary is not None and line.number > summary),
                "paid": float(value in paid),
                "gross": float(value in gross),
                "net": float(any(value + t in values for t in taxes if t != value)),
                "net_row": float(any(value == n for n, _ in rows_of_tax)),
                "gross_row": float(any(value == n + t for n, t in rows_of_tax)),
                "tendered": float(value in tendered),
                "items": float(value in runs.get(at, ())),
                "rounded_from": float(any(a.line.number < line.number for a in near)),
                "rounded_to": float(any(a.line.number > line.number for a in near)),
                "rounding_said": float(bool(rounding)),
                "coin": float(value % Decimal("0.05") == 0),
                "whole": float(value == value.to_integral_value()),
                "height": (one.box[3] - one.box[1]) / high,
                "confidence": one.confidence,
            }
            row |= {f"to_{name}": line.number - place if place is not None else nan for name, place in places.items()}
            rows.append(row)
        return rows

    def _runs(self) -> dict[int, set[Decimal]]:
        """For each amount the sums of runs of row ends that end right above it."""
        ends = [(at, a) for at, a in enumerate(self.money) if self._on_line[a.line.number][-1] is a]
        sums: dict[int, set[Decimal]] = {}
        for at, one in enumerate(self.money):
            above = [a.number for _, a in ends if a.line.number < one.line.number][::-1][:30]
            found: set[Decimal] = set()
            for skip in range(min(4, len(above))):
                total = Decimal(0)
                for count, number in enumerate(above[skip:]):
                    total += number
                    if count:
                        found.add(total)
            sums[at] = found
        return sums


def line_says(line: Line, name: str) -> bool:
    """Whether a line has words of ``name`` (``"total"``, ``"cash"``, ...)."""
    return bool(_WORDS[name].search(_plain(line.text)))
