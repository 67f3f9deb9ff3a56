"""The features of every candidate of every field of a document; `extractors.scoring.FEATURES` says what each is."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from itertools import accumulate, combinations, product
from statistics import median

from extractors.candidates.amounts import AmountCandidate
from extractors.candidates.base import Candidate
from extractors.form.claims import AFTER, BELOW, COLUMN_OF, OVER, RIGHT, Claim, Claims, stands_alone
from extractors.form.parties import Headings
from extractors.form.prose import PROSE, goes_on
from extractors.form.spans import BY_PLACE, Span, spans
from extractors.form.ticks import checked
from extractors.form.values import Values
from extractors.page.addresses import has_legal_form
from extractors.page.labels import LabelHit, Labels
from extractors.page.layout import COLUMN, WIDE, Layout, Line
from extractors.scoring import Option, kind_code
from extractors.values.identifiers import parse_tax_number
from models.document_types import DocumentType, FieldSpec, Kind

_CLAIMED_ONLY = frozenset({Kind.NUMBER, Kind.IDENTIFIER, Kind.DIGITS, Kind.TEXT, Kind.PERSON})
"""Kinds of which nothing is taken that no label of the field governs."""
_UNCLAIMED = 6  # amounts without a label of the field that are looked at: the greatest
_SPANNED = frozenset({Kind.IBAN, Kind.DATE, Kind.PHONE, Kind.EMAIL, Kind.VAT_ID, Kind.BIC, Kind.NUMBER, Kind.DIGITS})
"""Kinds with a grammar whose values a form may part or wrap."""
_PARTIES = frozenset({Kind.PARTY, Kind.PERSON, Kind.ADDRESS, Kind.VAT_ID, Kind.TAX_NUMBER})
_COLUMNS = frozenset({Kind.NUMBER, Kind.AMOUNT})
_VOTING = (Kind.DATE, Kind.AMOUNT, Kind.IBAN, Kind.PHONE, Kind.EMAIL, Kind.VAT_ID, Kind.NUMBER)
"""Kinds of which a value beside a label says where this document has its values."""
_NEAR = {RIGHT: 1e9, BELOW: 2.2, OVER: 1.7}
_PRIOR = 0.3  # of a vote that every place has
_CHOICE = 0.9  # strength of the label of a ticked choice
_STRONG = 0.7  # of the strongest label
_GAP = 12.0  # line heights between the rows of a table
_ORDERED = frozenset({Kind.DATE, Kind.AMOUNT, Kind.NUMBER})
_SUMMED = 60  # distinct amounts of a document that are tried for sums
_TOLERANCE = Decimal("0.011")
_TRIED = 4  # candidates of a field that are tried in the sums of its type
_RANGE = re.compile(r"^\s*(?:[-–—]|do|bis|to|au|until|until|po|až|a)\s*\S", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+")
_NUMBER = re.compile(r"\d[\d.,]*")
_COPULA = re.compile(r"[\s:]*(?:is|are|ist|lautet|je|jsou|est|sont)?\s*")
_RULES = {"beside": 0.0, "block": 0.5, "top": 0.25, "number": 0.75, PROSE: 0.1}


class Measure:
    """Makes the options of one document."""

    def __init__(self, layout: Layout, labels: Labels, kind: DocumentType) -> None:
        self.layout, self.labels, self.kind = layout, labels, kind
        self.values = Values(layout, labels, kind)
        self.claims = Claims(labels)
        self.headings = Headings(labels, kind)
        self._median = median([line.height for line in layout.lines]) if layout.lines else 1.0
        self._last = max(layout.sizes, default=1)
        self._kinds = Counter(spec.kind for spec in kind.fields.values())
        self._plain: dict[tuple[Kind, int, int, int, int], dict[str, float]] = {}
        self._order = {name: index for index, name in enumerate(kind.fields)}
        self._sums = _sums({one.value for one in self.values.amounts}) if Kind.AMOUNT in self._kinds else ({}, {})
        self._columns: dict[tuple[Kind, int, int], list[Candidate]] = {}
        self._owned: dict[tuple[int, str], bool] = {}
        self._hits: dict[str, list[LabelHit]] = {}
        for hit in labels.hits:
            for name in hit.names:
                self._hits.setdefault(name, []).append(hit)
        self._style = self._captions()
        self._ways = self._directions()
        self.claims.lean(self._ways)

    def options(self) -> list[Option]:
        """Every candidate of every field, with its features."""
        by_field = {name: self._of_field(name, spec) for name, spec in self.kind.fields.items()}
        self._tie(by_field)
        return [Option(candidate, name, features) for name, found in by_field.items() for candidate, features in found]

    # --- one field ------------------------------------------------------------------------------------------------

    def candidates(self, name: str, spec: FieldSpec) -> list[tuple[Candidate, list[Claim]]]:
        """The candidates of a field, each with the claims of the field's own labels, the strongest first."""
        kind = spec.kind
        found: list[Candidate] = list(self.values.of(kind))
        if kind is Kind.TAX_NUMBER:
            known = {(one.line.number, one.start) for one in found}
            found += [
                one
                for one in self.values.identifiers
                if sum(c.isdigit() for c in one.value) >= 5
                and (one.line.number, one.start) not in known
                and parse_tax_number(one.value)
                and self._own(one, name)
            ]
        if kind in BY_PLACE or kind in _SPANNED:
            found += self._spans(name, kind, found)
        paired = [(one, self._own(one, name)) for one in found]
        if kind in _CLAIMED_ONLY:
            return [pair for pair in paired if pair[1] or pair[0].rule == PROSE]
        if kind is Kind.AMOUNT:
            free = sorted((pair for pair in paired if not pair[1]), key=lambda pair: -_number(pair[0].value))
            kept = {id(pair[0]) for pair in free[:_UNCLAIMED]}
            return [pair for pair in paired if pair[1] or id(pair[0]) in kept]
        return paired

    def _spans(self, name: str, kind: Kind, found: list[Candidate]) -> list[Span]:
        """What stands beside the field's labels, but for what is there already."""
        places = {(one.line.number, one.start, one.end) for one in found if not isinstance(one, Span)}
        values = {(one.line.number, one.value) for one in found}
        return [
            span
            for span in spans(kind, self._hits.get(name, []), self.layout, self.labels)
            if span.lines > 1
            or (
                (span.line.number, span.start, span.end) not in places
                and (kind in BY_PLACE or (span.line.number, span.value) not in values)
            )
        ]

    def _own(self, candidate: Candidate, name: str) -> list[Claim]:
        found = [
            claim
            for claim in self.claims.of(candidate)
            if name in claim.hit.names and not self._is_owned(claim, candidate, name)
        ]
        if isinstance(candidate, Span) and candidate.choice and not found:  # a choice may stand anywhere
            hit = candidate.choice
            gap = max(0.0, candidate.box[1] - hit.box[3]) / max(4.0, candidate.line.height)
            found.append(Claim(hit, _CHOICE * hit.likeness, BELOW if gap else RIGHT, gap, 0, 0))
        if candidate.kind in _COLUMNS and name in self._hits:
            heads = self.claims.heading(candidate, self._over(candidate))
            found += [claim for claim in heads if name in claim.hit.names]
            found.sort(key=lambda claim: -claim.strength)
        return found

    def _over(self, one: Candidate) -> list[Candidate]:
        """The candidates of the kind above in one column with a number, topmost first, down to a gap."""
        key = (one.kind, one.line.number, one.start)
        if key not in self._columns:
            height = max(4.0, one.line.height)
            mates = [
                other
                for other in self.values.of(one.kind)
                if other.page == one.page
                and other.box[1] < one.box[1] - 0.5 * height
                and min(
                    abs(other.box[0] - one.box[0]),
                    abs(other.box[2] - one.box[2]),
                    abs(other.box[0] + other.box[2] - one.box[0] - one.box[2]) / 2,
                )
                < 0.7 * height
            ]
            mates.sort(key=lambda other: -other.box[1])
            last, chain = one, []
            for other in mates:
                if last.box[1] - other.box[3] > _GAP * height:
                    break
                if other.line.number != last.line.number:
                    chain.append(other)
                    last = other
            self._columns[key] = chain[::-1]
        return self._columns[key]

    def _of_field(self, name: str, spec: FieldSpec) -> list[tuple[Candidate, dict[str, float]]]:
        paired = self.candidates(name, spec)
        if not paired:
            return []
        field = {
            "kind": kind_code(spec.kind),
            "required": float(spec.required),
            "has_labels": float(bool(spec.labels)),
            "siblings": float(self._kinds[spec.kind] - 1),
            "field_on_page": max((hit.likeness for hit in self._hits.get(name, ())), default=0.0),
            "captions": self._style,
            "ways": self._ways[""],
            "claims": float(sum(bool(own) for _, own in paired)),
            **self._issuer(name, spec),
        }
        strengths = [own[0].strength if own else 0.0 for _, own in paired]
        order = sorted(strengths, reverse=True)
        ranks: dict[float, int] = {}
        for rank, strength in enumerate(order):
            ranks.setdefault(strength, rank)
        rivals = _bests(paired, strengths)
        nth = self._nearer(paired)
        ticked = {id(one.choice) for one, _ in paired if isinstance(one, Span) and one.choice}
        claimed = sorted({one.value for one, own in paired if own and own[0].strength > _STRONG * order[0]})
        found = []
        for index, (candidate, own) in enumerate(paired):
            features = dict(self._of_candidate(candidate))
            features.update(field)
            if own:
                self._label(features, own[0], candidate, name)
                features["label_nth"] = nth[index]
                if ticked:
                    mine = isinstance(candidate, Span) and candidate.choice is not None
                    features["checked"] = 1.0 if mine else -1.0 if id(own[0].hit) in ticked else features["checked"]
                if spec.kind is Kind.DATE:
                    features["claim_order"] = sum(value < candidate.value for value in claimed) / len(claimed)
            else:
                features["label"] = 0.0
            self._rivals(features, candidate, name, spec)
            features["own_inside"] = float(self._names_itself(candidate, name))
            features["rank"] = float(ranks[strengths[index]])
            features["lead"] = strengths[index] - next((s for value, s in rivals if value != candidate.value), 0.0)
            self._party(features, candidate, name)
            found.append((candidate, features))
        return found

    def _names_itself(self, one: Candidate, name: str) -> bool:
        """Whether a label of the field stands within the candidate, as in the name of a bank."""
        return any(
            name in hit.names and one.start <= hit.start and hit.end <= one.end
            for hit in self.labels.by_line.get(one.line.number, ())
        )

    @staticmethod
    def _nearer(paired: list[tuple[Candidate, list[Claim]]]) -> list[float]:
        """For each candidate how many others with the same label stand nearer to it."""
        by_hit: dict[int, list[tuple[tuple[bool, float], int]]] = {}
        for index, (_, own) in enumerate(paired):
            if own:
                by_hit.setdefault(id(own[0].hit), []).append(((own[0].place != RIGHT, own[0].gap), index))
        nth = [0.0] * len(paired)
        for rows in by_hit.values():
            places = sorted({place for place, _ in rows})
            for place, index in rows:
                nth[index] = float(places.index(place))
        return nth

    def _label(self, features: dict[str, float], claim: Claim, candidate: Candidate, name: str) -> None:
        hit = claim.hit
        height = max(4.0, candidate.line.height)
        text = hit.line.text
        before = text[hit.start - 1 : hit.start]
        shared = [other for other in hit.names if other in self._order]
        features.update(
            label=claim.strength,
            likeness=hit.likeness,
            label_right=float(claim.place == RIGHT),
            label_over=float(claim.place == BELOW),
            label_under=float(claim.place == OVER),
            label_heads=float(claim.place == COLUMN_OF),
            label_after=float(claim.place == AFTER),
            label_share=self._share(claim, candidate),
            label_gap=claim.gap,
            label_shift=(candidate.box[0] - hit.box[0]) / height,
            label_shift_right=(candidate.box[2] - hit.box[2]) / height,
            label_letters=float(sum(c.isalpha() for c in hit.text)),
            label_starts=float(before in ("", COLUMN)),
            label_colon=float(hit.text.endswith(":") or text[hit.end : hit.end + 1] == ":"),
            label_shared=float(len(shared)),
            label_turn=float(sum(self._order[other] < self._order[name] for other in shared)),
            words_between=float(claim.words),
            way=self._ways.get(claim.place, float("nan")),
            columns_between=float(claim.columns),
        )

    def _is_owned(self, claim: Claim, candidate: Candidate, name: str) -> bool:
        """Whether the label is the first word of another label's value: ``Department: Cost centre 120``."""
        hit = claim.hit
        if claim.place != RIGHT or claim.columns or hit.text.endswith(":") or hit.line.number != candidate.line.number:
            return False
        key = (id(hit), name)
        if key not in self._owned:
            self._owned[key] = any(_owns(other, hit) for other in self._hits.get(name, ()))
        return self._owned[key]

    @staticmethod
    def _share(claim: Claim, candidate: Candidate) -> float:
        """The share of the letters of the label's column, without the candidate, that the label has."""
        hit = claim.hit
        text = hit.line.text
        first = text.rfind(COLUMN, 0, hit.start) + 1
        end = text.find(COLUMN, hit.end)
        stop = len(text) if end < 0 else end
        if candidate.line.number == hit.line.number:
            stop = min(stop, candidate.start)
        own = sum(c.isalpha() for c in text[hit.start : hit.end])
        return own / max(1, sum(c.isalpha() for c in text[first:stop]), own)

    def _captions(self) -> float:
        """Whether the document sets its labels over (1) or under (-1) their values, by those that leave no doubt."""
        votes = []
        for hit in self.labels.hits:
            if not stands_alone(hit):
                continue
            height = max(4.0, hit.line.height)
            near = [
                (segment.box[1] > hit.box[1], self._labelled(segment.line.number, segment.start))
                for segment in self.layout.segments(hit.page)
                if segment.line.number != hit.line.number
                and abs(segment.box[0] - hit.box[0]) < height
                and -0.4 * height < max(segment.box[1] - hit.box[3], hit.box[1] - segment.box[3]) < 1.3 * height
            ]
            below = any(under and not labelled for under, labelled in near)
            above = any(not under and not labelled for under, labelled in near)
            if below != above:
                votes.append(1.0 if below else -1.0)
        return sum(votes) / len(votes) if votes else 0.0

    def _directions(self) -> dict[str, float]:
        """How often values stand right of, below and over their labels here, by labels whose values a grammar knows.

        By place the share of the votes, with ``""`` their number; a label with values in two places is half a vote.
        """
        kinds = [kind for kind in _VOTING if kind in self._kinds]
        places: dict[int, dict[str, list[float]]] = {}
        for kind in kinds:
            own = {name for name, spec in self.kind.fields.items() if spec.kind is kind}
            for one in self.values.of(kind):
                for claim in self.claims.of(one):
                    if (
                        own & claim.hit.names
                        and claim.words == 0
                        and claim.columns < 2
                        and claim.gap < _NEAR.get(claim.place, 0.0)
                    ):
                        places.setdefault(id(claim.hit), {}).setdefault(claim.place, []).append(claim.gap)
        votes = dict.fromkeys((RIGHT, BELOW, OVER), 0.0)
        for found in places.values():
            if any(len(set(gaps)) > 1 for gaps in found.values()):  # the heading of a column
                continue
            for place in found:
                votes[place] += 1 / len(found)
        total = sum(votes.values())
        return {place: (votes[place] + _PRIOR) / (total + 3 * _PRIOR) for place in votes} | {"": total}

    def _labelled(self, line: int, start: int) -> bool:
        return any(hit.start == start for hit in self.labels.by_line.get(line, ()))

    def _rivals(self, features: dict[str, float], candidate: Candidate, name: str, spec: FieldSpec) -> None:
        rival = rival_kind = right = 0.0
        for claim in self.claims.of(candidate):
            if name in claim.hit.names:
                continue
            if claim.strength > rival:
                rival, right = claim.strength, float(claim.place == RIGHT)
            if claim.strength > rival_kind and any(
                other in self.kind.fields and self.kind.fields[other].kind is spec.kind for other in claim.hit.names
            ):
                rival_kind = claim.strength
        features["rival"], features["rival_kind"], features["rival_right"] = rival, rival_kind, right

    def _party(self, features: dict[str, float], candidate: Candidate, name: str) -> None:
        group = self.headings.groups.get(name)
        if group is None:
            return
        over = self.headings.over(candidate)
        features["group"] = 0.0 if over is None else 1.0 if over[0] == group else -1.0
        if over is not None:
            features["group_gap"] = over[1]

    def _issuer(self, name: str, spec: FieldSpec) -> dict[str, float]:
        """Whether the field tells of who issues documents of the type; nothing of fields that tell of no party."""
        issuer = self.kind.issued_by
        party = self.headings.groups.get(name)
        if issuer is None or (party is None and spec.kind not in _PARTIES):
            return {}
        return {"issuer": float(issuer in (name, party))}

    # --- one candidate --------------------------------------------------------------------------------------------

    def _of_candidate(self, one: Candidate) -> Mapping[str, float]:
        lines = one.lines if isinstance(one, Span) else 1
        key = (one.kind, one.line.number, one.start, one.end, lines)
        if key not in self._plain:
            self._plain[key] = self._place(one) | self._value(one, lines) | self._among(one)
        return self._plain[key]

    def _place(self, one: Candidate) -> dict[str, float]:
        width, height = self.layout.sizes[one.page]
        line = one.line
        x0, y0, x1, y1 = one.box
        before, after = line.text[: one.start], line.text[one.end :]
        beside = before.split(COLUMN)[-1] + " " + after.split(COLUMN)[0]
        rest = before + " " + after
        covered = sum(hit.end - hit.start for hit in self.labels.by_line.get(line.number, ()) if hit.end <= one.start)
        inside = sum(
            one.start <= hit.start < one.end
            and (line.text[hit.start - 1 : hit.start] in ("", COLUMN, WIDE) or hit.text.endswith(":"))
            for hit in self.labels.by_line.get(line.number, ())
        )
        tokens = line.tokens[slice(*line.span(one.start, one.end))]
        return {
            "x": (x0 + x1) / 2 / max(1.0, width),
            "y": (y0 + y1) / 2 / max(1.0, height),
            "page": float(one.page),
            "last_page": float(one.page == self._last),
            "size": line.height / max(1.0, self._median),
            "alone": float(not rest.strip()),
            "starts": float(not before.split(COLUMN)[-1].strip()),
            "ends": float(not after.split(COLUMN)[0].strip()),
            "line_words": float(len(_WORD.findall(rest))),
            "line_numbers": float(len(_NUMBER.findall(rest))),
            "prose": float(max(0, sum(c.isalpha() for c in beside) - covered)),
            "labels_inside": float(inside),
            "label_like": self._like(one),
            "checked": checked(before, after),
            **self._sentence(one),
            "ocr": float(self.layout.ocr),
            "read_least": one.confidence,
            "read_mean": sum(t.confidence for t in tokens) / max(1, len(tokens)),
        }

    def _like(self, one: Candidate) -> float:
        """How like a label of anything the whole candidate is."""
        length = max(1, sum(c.isalnum() for c in one.line.text[one.start : one.end]))
        return max(
            (
                hit.likeness * min(1.0, sum(c.isalnum() for c in hit.text) / length)
                for hit in self.labels.by_line.get(one.line.number, ())
                if one.start < hit.end and hit.start < one.end
            ),
            default=0.0,
        )

    def _sentence(self, one: Candidate) -> dict[str, float]:
        """What stands right before and behind the candidate, on the next line of its paragraph too."""
        line, end = (one.last, one.stop) if isinstance(one, Span) and one.last else (one.line, one.end)
        behind, before = line.text[end:], one.line.text[: one.start]
        if not behind.strip() and (after := self._line(line.number + 1)) and goes_on(line, after):
            behind = f" {after.text}"
        if not before.strip() and (last := self._line(one.line.number - 1)) and goes_on(last, one.line):
            before = f"{last.text} "
        return {"before": _sign(before[::-1], last=True), "behind": _sign(behind, last=False)}

    def _line(self, number: int) -> Line | None:
        return self.layout.lines[number] if 0 <= number < len(self.layout.lines) else None

    def _value(self, one: Candidate, lines: int) -> dict[str, float]:
        words = one.raw.split()
        features = {
            "letters": float(sum(c.isalpha() for c in one.raw)),
            "digits": float(sum(c.isdigit() for c in one.raw)),
            "words": float(len(words)),
            "lines": float(lines),
            "goes_on": float(one.more) if isinstance(one, Span) else 0.0,
            "capitals": sum(word[:1].isupper() for word in words) / max(1, len(words)),
            "rule": _RULES.get(one.rule, 1.0),
        }
        if one.valid is not None:
            features["valid"] = 1.0 if one.valid else -1.0
        if one.kind in (Kind.PARTY, Kind.PERSON):
            features["legal_form"] = float(has_legal_form(one.value))
        if isinstance(one, AmountCandidate):
            features["currency"] = float(one.currency is not None)
            features["decimals"] = float(one.decimals)
            features["negative"] = float(one.number < 0)
            features["is_sum"] = float(self._sums[0].get(one.value, 0) > 0)
            features["in_sum"] = float(self._sums[1].get(one.value, 0) > 0)
        if one.kind is Kind.DATE:
            after = one.line.text[one.end :].replace("\u2002", " ")
            before = one.line.text[: one.start].replace("\u2002", " ")
            features["range_first"] = float(bool(_RANGE.match(after)))
            features["range_second"] = float(
                bool(re.search(r"\d\.?\s*(?:[-–—]|do|bis|to|au|until|po|až|a)\s*$", before, re.IGNORECASE))
            )
        return features

    def _among(self, one: Candidate) -> dict[str, float]:
        others = self.values.of(one.kind)
        count = len(others)
        same = sum(other.value == one.value for other in others)
        features = {
            "count": float(count),
            "nth": sum(other.line.number < one.line.number for other in others) / max(1, count),
            "repeated": float(max(0, same - 1)),
            "taken": float(self.values.is_taken(one)),
            "share": same / max(1, count),
        }
        if one.kind in _COLUMNS:
            above = [_number(other.value) for other in reversed(self._over(one))]
            totals = list(accumulate(above))[1:]
            value = _number(one.value)
            features["column_sum"] = float(value != 0 and any(abs(total - value) < _TOLERANCE for total in totals))
            features["column_rows"] = float(len(above))
        height = max(4.0, one.line.height)
        features["column_mates"] = float(
            sum(
                other.page == one.page
                and other.line.number != one.line.number
                and min(abs(other.box[0] - one.box[0]), abs(other.box[2] - one.box[2])) < 0.5 * height
                for other in others
            )
        )
        if one.kind in _ORDERED:
            if one.kind is Kind.DATE:
                greater = sum(other.value > one.value for other in others)
            else:
                value = _number(one.value)
                greater = sum(_number(other.value) > value for other in others)
            features["size_rank"] = greater / max(1, count)
        return features

    # --- arithmetic -----------------------------------------------------------------------------------------------

    def _tie(self, by_field: dict[str, list[tuple[Candidate, dict[str, float]]]]) -> None:
        """Set ``sums``: for every field in a declared sum how many hold with a candidate in its place."""
        for one in self.kind.sums:
            best: list[list[Decimal]] = []
            for name in one.names:
                rows = sorted(by_field.get(name, ()), key=lambda row: -row[1]["label"])
                for _, features in rows:
                    features.setdefault("sums", 0.0)
                claimed = dict.fromkeys(_number(candidate.value) for candidate, features in rows if features["label"])
                best.append(list(claimed)[:_TRIED])
            if not all(best):
                continue
            signs = [-1 if part.startswith("-") else 1 for part in one.parts]
            held: set[tuple[str, Decimal]] = set()
            for numbers in product(*best):
                total = sum((sign * number for sign, number in zip(signs, numbers, strict=False)), Decimal(0))
                if numbers[-1] and abs(total - numbers[-1]) < _TOLERANCE:
                    held |= set(zip(one.names, numbers, strict=True))
            for name in one.names:
                for candidate, features in by_field.get(name, ()):
                    if (name, _number(candidate.value)) in held:
                        features["sums"] += 1.0


def _bests(paired: Sequence[tuple[Candidate, object]], strengths: Sequence[float]) -> list[tuple[str, float]]:
    """The two values with the strongest claims, and how strong these are."""
    best: dict[str, float] = {}
    for (candidate, _), strength in zip(paired, strengths, strict=True):
        best[candidate.value] = max(strength, best.get(candidate.value, strength))
    return sorted(best.items(), key=lambda one: -one[1])[:2]


def _owns(other: LabelHit, hit: LabelHit) -> bool:
    """Whether ``hit`` stands where the value of the label ``other`` begins: behind it, or under it."""
    if other.line.number == hit.line.number:
        between = hit.line.text[other.end : hit.start]
        return other.end <= hit.start and _COPULA.fullmatch(between) is not None
    height = max(4.0, hit.line.height)
    return (
        other.page == hit.page
        and abs(other.box[0] - hit.box[0]) < height
        and -0.4 * height < hit.box[1] - other.box[3] < _NEAR[BELOW] * height
        and stands_alone(other)
    )


def _sign(text: str, *, last: bool) -> float:
    """What ``text`` begins with, read from the candidate away: see the features ``before`` and ``behind``."""
    rest = text.lstrip(" ")
    if not rest or rest[0] in (COLUMN, WIDE):
        return 0.0
    if rest[0] in ".!?;" and (last or len(rest) == 1 or rest[1].isspace()):
        return 1.0
    if rest[0] in ",()–—-":
        return 2.0
    if not rest[0].isalnum():
        return 3.0
    word = re.split(r"\W", rest, maxsplit=1)[0]
    return 5.0 if word.isdigit() or (word[-1:] if last else word[:1]).isupper() else 4.0


def _number(value: str) -> Decimal:
    try:
        return Decimal(value)
    except InvalidOperation:
        return Decimal(0)


def _sums(values: Iterable[str]) -> tuple[dict[str, int], dict[str, int]]:
    """For the amounts of a document: how often each is the sum of two others, and part of such a sum."""
    by_number = {_number(value): value for value in values}
    numbers = sorted((n for n in by_number if n > 0), reverse=True)[:_SUMMED]
    known = set(numbers)
    whole: Counter[str] = Counter()
    part: Counter[str] = Counter()
    for one, other in combinations(numbers, 2):
        if one + other in known:
            whole[by_number[one + other]] += 1
            part[by_number[one]] += 1
            part[by_number[other]] += 1
    return whole, part
