"""The totals of an invoice as one decision: net, tax, gross and amount due that tie out and have the right labels."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import combinations, product

from extractors.candidates.amounts import AmountCandidate
from extractors.page.labels import LabelHit, Labels
from extractors.page.layout import overlap
from extractors.page.relations import Governors

ROLES = ("net_total", "tax_total", "gross_total", "amount_due")
RATES = tuple(
    Decimal(r) / 100
    for r in [
        "27",
        "25",
        "24",
        "23",
        "22",
        "21",
        "20",
        "19",
        "17",
        "15",
        "14",
        "13",
        "12",
        "10",
        "9",
        "8",
        "7.7",
        "8.1",
        "7",
        "6",
        "5.5",
        "5",
        "4",
        "3.8",
        "2.6",
        "2.5",
        "2.1",
    ]
)
"""VAT rates in use in Europe, now and lately."""

_PLAIN = 0.85  # the weight of a label right before its amount
_CENT = Decimal("0.011")


@dataclass(frozen=True)
class Claim:
    """An amount's claim to a role: the weight of its label, and whether it stands alone on the label's line."""

    amount: AmountCandidate
    weight: float


@dataclass(frozen=True)
class TaxRow:
    """A row of a tax table: base and tax (and gross) of one rate."""

    line: int
    base: AmountCandidate
    tax: AmountCandidate
    gross: AmountCandidate | None


@dataclass(frozen=True)
class Totals:
    """The chosen amounts by role, which of them a sum confirms, and what was computed rather than read.

    ``untied`` says that net, tax and gross all stand there with labels of their own and do not add up; ``others`` are
    the claims to a role that were not chosen.
    """

    chosen: dict[str, Claim]
    summed: frozenset[str]
    derived: dict[str, Decimal]
    untied: bool = False
    others: Mapping[str, tuple[Claim, ...]] = field(default_factory=dict)


def _is_rate(base: Decimal, tax: Decimal) -> bool:
    if base <= 0 or tax <= 0:
        return False
    slack = max(Decimal("0.02"), base * Decimal("0.0002"))
    return any(abs(base * rate - tax) <= slack for rate in RATES)


def tax_rows(amounts: Sequence[AmountCandidate]) -> list[TaxRow]:
    """Rows whose amounts are base and tax of a known rate, with or without the gross behind them."""
    by_line: dict[int, list[AmountCandidate]] = {}
    for one in amounts:
        if one.decimals == 2:
            by_line.setdefault(one.line.number, []).append(one)
    rows = []
    for number, row in by_line.items():
        for index in range(len(row) - 1):
            base, tax = row[index], row[index + 1]
            later = row[index + 2] if index + 2 < len(row) else None
            gross = (
                later
                if later is not None and abs(abs(base.number) + abs(tax.number) - abs(later.number)) <= _CENT
                else None
            )
            if _is_rate(abs(base.number), abs(tax.number)) and (gross is not None or len(row) <= 3):
                rows.append(TaxRow(number, base, tax, gross))
                break
    return rows


class TotalsSolver:
    """Decides the totals of one document.

    The real cases it knows:

    * plain: net + tax = gross, each with its label; gross = amount due;
    * several rates: a tax table whose rows add up, its last row being the sum of the others;
    * a row of three under the column heads base, tax, total, with only "Celkem" to the left;
    * no tax at all, or none printed: net = gross, or gross alone;
    * rounding to whole crowns between net + tax and gross;
    * a deposit: amount due = gross - deposit.
    """

    def __init__(
        self, amounts: Sequence[AmountCandidate], labels: Labels, governors: Governors, table: Iterable[int] = ()
    ) -> None:
        """``table`` holds the numbers of the lines that line items stand on."""
        self._labels, self._governors, self._table = labels, governors, frozenset(table)
        money = [a for a in amounts if a.decimals == 2 or a.currency or self._governors.best(a, *ROLES)]
        self._amounts = [a for a in money if a.decimals <= 2]
        self._rows = tax_rows(self._amounts)
        self._on_line: dict[int, list[AmountCandidate]] = {}
        for one in self._amounts:
            self._on_line.setdefault(one.line.number, []).append(one)

    def _label_claim(self, amount: AmountCandidate, role: str) -> float:
        row = self._beside(amount)
        best = 0.0
        for relation in self._governors.of(amount):
            if role not in relation.hit.names:
                continue
            weight = relation.weight
            if relation.position == "above":
                weight *= 0.35 if self._heads_table(relation.hit, amount) else 0.8
            else:
                right = [a for a in row if a.start >= relation.hit.end]
                if len(right) > 1 and amount is not right[-1]:
                    weight *= 0.35
                elif len(right) > 2 and role != "gross_total":
                    weight *= 0.6
            best = max(best, weight)
        if len(row) > 1:
            best = max(best, self._column_claim(amount, role))
        if amount.decimals != 2:
            best *= 0.8 if amount.currency else 0.6  # "Net 60" are days
        # totals stand under the items; the last occurrence of a label usually is the grand one
        return best * (0.97 + 0.03 * amount.line.number / max(1, self._amounts[-1].line.number))

    def _beside(self, amount: AmountCandidate) -> list[AmountCandidate]:
        """The amounts of the line, without those of a tax table that stands right of a box of totals."""
        row = self._on_line[amount.line.number]
        taxed = next((r for r in self._rows if r.line == amount.line.number), None)
        if taxed is None or amount.start >= taxed.base.start:
            return row
        return [a for a in row if a is amount or (a.start < taxed.base.start and a.decimals)]

    def _column_claim(self, amount: AmountCandidate, role: str) -> float:
        """A column head of that role above, in a small table such as the tax summary."""
        heads: list[LabelHit] = [
            hit
            for hit in self._labels.hits
            if hit.page == amount.page
            and role in hit.names
            and 0 < amount.line.number - hit.line.number <= 7
            and overlap(hit.box, amount.box) > 0.3
            and len([h for h in self._labels.by_line[hit.line.number] if not h.is_other()]) > 1
        ]
        heads = [hit for hit in heads if not self._heads_table(hit, amount)]
        if not heads:
            return 0.0
        rows = {r.line for r in self._rows}
        last = not any(n > amount.line.number and n in rows and n - amount.line.number < 4 for n in rows)
        return (0.75 if last else 0.4) * max(hit.likeness for hit in heads)

    def _heads_table(self, hit: LabelHit, amount: AmountCandidate) -> bool:
        """Whether a label over an amount is the head of a column of line items; not so where rows stand over it."""
        above = range(max(0, hit.line.number - 2), hit.line.number)
        return amount.line.number in self._table and not any(number in self._table for number in above)

    def _claims(self, role: str) -> list[Claim]:
        best: dict[Decimal, Claim] = {}
        for amount in self._amounts:
            weight = self._label_claim(amount, role)
            old = best.get(amount.number)
            if weight > 0 and (old is None or weight > old.weight):
                best[amount.number] = Claim(amount, weight)
        return sorted(best.values(), key=lambda c: -c.weight)[:8]

    def _table_sums(self) -> dict[str, set[Decimal]]:
        rows = self._rows
        sums: dict[str, set[Decimal]] = {"net_total": set(), "tax_total": set(), "gross_total": set()}
        if not rows:
            return sums
        distinct = {(r.base.number, r.tax.number): r for r in rows}.values()
        groups = [list(distinct)]
        if len(groups[0]) > 1:
            groups.append(groups[0][:-1])
        for group in groups:
            base = sum((r.base.number for r in group), Decimal(0))
            tax = sum((r.tax.number for r in group), Decimal(0))
            sums["net_total"].add(base)
            sums["tax_total"].add(tax)
            sums["gross_total"].add(base + tax)
        return sums

    def _roundings(self) -> set[Decimal]:
        found = {Decimal(0)}
        for amount in self._amounts:
            if abs(amount.number) < 1 and self._governors.best(amount, "x:rounding"):
                found |= {amount.number, -amount.number}
        return found

    def solve(self) -> Totals:
        """The best reading of the totals."""
        claims = {role: self._claims(role) for role in ROLES}
        sums = self._table_sums()
        rates = {c.amount.number for c in claims["tax_total"] if c.weight > 0.6 and c.amount.number}
        several = (
            {sum(some, Decimal(0)) for size in (2, 3) for some in combinations(rates, size)}
            if len(rates) <= 5
            else set()
        )
        sums["tax_total"] |= several  # a line for each rate, with or without their total
        present: dict[Decimal, AmountCandidate] = {}
        for amount in self._amounts:
            present.setdefault(amount.number, amount)
        for role, values in sums.items():  # what the tax table implies may have no label of its own
            known = {c.amount.number for c in claims[role]}
            claims[role] += [Claim(present[v], 0.1) for v in sorted(values) if v in present and v not in known]
        known = {c.amount.number for c in claims["tax_total"]}
        for low, high in product(claims["net_total"][:4], claims["gross_total"][:4]):  # "Sazba 21 %  7 016,06"
            difference = high.amount.number - low.amount.number
            if difference in present and difference not in known and _is_rate(abs(low.amount.number), abs(difference)):
                claims["tax_total"].append(Claim(present[difference], 0.15))
                known.add(difference)
        self._claim_by_rate(claims)
        self._claim_by_difference(claims)
        for claim in claims["amount_due"]:  # "to pay" is the gross total where nothing was paid before
            if claim.amount.number not in {c.amount.number for c in claims["gross_total"]}:
                claims["gross_total"].append(Claim(claim.amount, 0.55 * claim.weight))
        roundings = self._roundings()
        options = [[None, *claims[role]] for role in ROLES[:3]]
        best: tuple[float, tuple[Claim | None, ...], bool] = (0.0, (None, None, None), False)
        plain = {c.amount.number for c in (*claims["gross_total"], *claims["amount_due"]) if c.weight > _PLAIN}
        for net, tax, gross in product(*options):
            score, tied = self._worth(net, tax, gross, sums, roundings)
            if gross and gross.weight < 0.6 and plain and gross.amount.number not in plain:
                score -= 1.5  # a row of one rate adds up too; the total has its label
            if score > best[0]:
                best = (score, (net, tax, gross), tied)
        chosen = {role: claim for role, claim in zip(ROLES, best[1], strict=False) if claim}
        summed = set(chosen) if best[2] else set()
        derived: dict[str, Decimal] = {}
        if not best[2] and "net_total" in chosen and "gross_total" in chosen and "tax_total" not in chosen:
            difference = chosen["gross_total"].amount.number - chosen["net_total"].amount.number
            if difference in sums["tax_total"]:
                derived["tax_total"] = difference
                summed |= {"net_total", "gross_total"}
        self._amount_due(claims["amount_due"], chosen, summed)
        labelled = all(any(claim.weight > 0.6 for claim in claims[role]) for role in ROLES[:3])
        others = {
            role: tuple(c for c in claims[role] if role not in chosen or c.amount.number != chosen[role].amount.number)
            for role in ROLES
        }
        return Totals(chosen, frozenset(summed), derived, labelled and not summed & set(ROLES[:3]), others)

    def _claim_by_rate(self, claims: dict[str, list[Claim]]) -> None:
        """``Sazba 12 %: 7,12`` is the tax where it fits a gross total, though only a rate stands before it."""
        known = {c.amount.number for c in claims["tax_total"]}
        for amount in self._amounts:
            rate = self._governors.best(amount, "x:tax_rate")
            if amount.number in known or rate is None or rate.position == "above":
                continue
            due = [c.amount.number for c in (*claims["gross_total"][:3], *claims["amount_due"][:2])]
            if any(_is_rate(abs(g) - abs(amount.number), abs(amount.number)) for g in due):
                claims["tax_total"].append(Claim(amount, 0.85))
                known.add(amount.number)

    def _claim_by_difference(self, claims: dict[str, list[Claim]]) -> None:
        """An amount shortly above gross and tax that is their difference is the net total, whatever it is called."""
        if claims["net_total"] and claims["net_total"][0].weight > 0.3:
            return
        for gross, tax in product(claims["gross_total"][:3], claims["tax_total"][:3]):
            difference = gross.amount.number - tax.amount.number
            for amount in self._amounts:
                up = gross.amount.line.number - amount.line.number
                if (
                    amount.number == difference
                    and tax.amount.number
                    and amount.page == gross.amount.page
                    and 0 <= up <= 5
                ):
                    claims["net_total"].append(Claim(amount, 0.2))

    @staticmethod
    def _worth(
        net: Claim | None,
        tax: Claim | None,
        gross: Claim | None,
        sums: dict[str, set[Decimal]],
        roundings: set[Decimal],
    ) -> tuple[float, bool]:
        score = sum(claim.weight for claim in (net, tax, gross) if claim)
        tied = False
        if net and tax and gross:
            n, t, g = net.amount.number, tax.amount.number, gross.amount.number
            gap = g - n - t
            if any(abs(gap - r) <= _CENT for r in roundings) and (t != 0 or n == g):
                tied = True
                score += 1.6 if t else 0.8
                if _is_rate(abs(n), abs(t)) or t in sums["tax_total"]:
                    score += 0.5
            else:
                score -= 1.5
        elif net and gross:
            n, g = net.amount.number, gross.amount.number
            if g - n in sums["tax_total"] and g != n:
                score += 2.2
            elif abs(g) < abs(n):
                score -= 1.5
        elif gross and tax:
            g, t = gross.amount.number, tax.amount.number
            score += 0.3 if _is_rate(abs(g - t), abs(t)) else -0.5 if abs(t) >= abs(g) and g != 0 else 0
            score += 0.3 if g - t in sums["net_total"] else 0
        if tax and net and abs(tax.amount.number) > abs(net.amount.number) * Decimal("0.31"):
            score -= 2.0  # no country taxes that much
        if gross and gross.amount.number == 0 and ((net and net.amount.number) or (tax and tax.amount.number)):
            score -= 2.0
        for role, claim in (("net_total", net), ("tax_total", tax), ("gross_total", gross)):
            if claim and claim.amount.number in sums[role]:
                score += 0.25
        return score, tied

    def _amount_due(self, claims: list[Claim], chosen: dict[str, Claim], summed: set[str]) -> None:
        gross = chosen.get("gross_total")
        paid = {abs(a.number) for a in self._amounts if a.number and self._governors.best(a, "x:prepaid")}
        roundings = self._roundings()

        def worth(claim: Claim) -> float:
            extra = 0.0
            if gross:
                number, due = gross.amount.number, claim.amount.number
                if any(abs(number + r - due) <= _CENT for r in roundings) and (not paid or claim.weight > 0.6):
                    extra = 0.6
                if any(abs(number - p + r - due) <= _CENT for p in paid for r in roundings):
                    extra = 0.9
            return claim.weight + extra

        due = max(claims, key=worth, default=None)
        if due and worth(due) >= 0.5:
            chosen["amount_due"] = due
            if worth(due) - due.weight > 0.5:
                summed.add("amount_due")
        elif gross:
            left = next(
                (a for a in self._amounts for p in paid if p and abs(gross.amount.number - p - a.number) <= _CENT), None
            )
            if left is not None:
                chosen["amount_due"] = Claim(left, 0.5)
                summed.add("amount_due")
            elif not any(p for p in paid):
                chosen["amount_due"] = Claim(gross.amount, 0.85 * gross.weight)
                if "gross_total" in summed:
                    summed.add("amount_due")
