"""Seller and buyer: which address block is whose, and which VAT id belongs to it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from rapidfuzz import fuzz

from extractors.candidates.base import Candidate
from extractors.page.addresses import Block, find_blocks, has_legal_form, is_form_alone
from extractors.page.labels import LabelHit, Labels
from extractors.page.layout import Layout, Segment
from extractors.page.text import clean, fold, squeeze
from extractors.values.dates import find_dates
from models.records import Box

SELLER, BUYER, NEITHER = "seller", "buyer", "neither"
_RECEIVERS = {"prijemce", "empfanger", "recipient", "destinataire"}
_CONTACT = re.compile(r"(?i)^(?:tel|fax|telefon|phone|mobil)\b")
_LETTERHEAD = 0.5
"""How clear a seller is of whom only the name is known, a company's at the top of the page."""
_COLUMNS = 5  # so many segments on a line make it a table's head
_HEADINGS = {"seller_name": SELLER, "buyer_name": BUYER, "x:delivery_party": NEITHER}


@dataclass(frozen=True)
class Party:
    """A party as decided: name, address, the block if there is one, and how clear it is, 0..1."""

    name: str
    address: str
    block: Block | None
    segment: Segment | None
    clarity: float
    labelled: bool


def is_heading(hit: LabelHit) -> bool:
    """Whether a party label stands as a heading: nothing but blanks or a colon's value behind it in its segment."""
    segment = next((s for s in hit.line.segments if s.start <= hit.start < s.end), None)
    if segment is None or hit.start != segment.start:
        return False
    rest = segment.line.text[hit.end : segment.end]
    return (
        not re.search(r"\w", rest)
        or ":" in segment.line.text[hit.end - 1 : hit.end + 2]
        or rest.lstrip().startswith("(")
    )


class Parties:
    """Decides the parties of one document.

    The real cases it knows:

    * two columns DODAVATEL and ODBĚRATEL, or one under the other (Verkäufer, Käufer);
    * a letter: the seller in the head or foot, the buyer in the window under the small sender line;
    * a delivery address, which is neither;
    * our own names and ids: whoever we are is the buyer, or, on what we issued, the seller.
    """

    def __init__(
        self,
        layout: Layout,
        labels: Labels,
        our_names: Iterable[str] = (),
        our_ids: Iterable[str] = (),
        our_role: str = BUYER,
    ) -> None:
        self._layout, self._labels = layout, labels
        self._our_role, self._their_role = (our_role, SELLER if our_role == BUYER else BUYER)
        self._our_names = [fold(n) for n in our_names if n.strip()]
        self._our_ids = {squeeze(i) for i in our_ids}
        self.headings = [
            (hit, role)
            for hit in labels.hits
            for name, role in _HEADINGS.items()
            if name in hit.names and is_heading(hit)
        ]
        if not any(role == BUYER for _, role in self.headings):
            # "Příjemce" receives the goods, or the invoice where nobody else is named
            self.headings = [(h, BUYER if squeeze(h.text) in _RECEIVERS else role) for h, role in self.headings]
        self.blocks = find_blocks(layout, labels)
        for block in self.blocks:
            block.roles = self._roles(block)

    def is_ours(self, name: str) -> bool:
        """Whether ``name`` is one of our names."""
        return any(fuzz.ratio(fold(name), ours) >= 88 for ours in self._our_names)

    def heading_of(
        self, page: int, x0: float, y0: float, height: float, reach: float = 9.0
    ) -> tuple[LabelHit, str] | None:
        """The party heading that stands over (or left of) a place: the nearest above in the same column."""
        best = None
        for hit, role in self.headings:
            up = y0 - hit.box[1]
            if hit.page != page or up < -0.4 * height or up > reach * height:
                continue
            beside = abs(up) < 0.7 * height and hit.box[2] <= x0 + 1 and x0 - hit.box[2] < 0.3 * self._width(page)
            if (
                not beside
                and not -45 <= hit.box[0] - x0 <= 60
                and not (hit.box[0] < x0 and self._first_column(hit, x0))
            ):
                continue
            cost = up + 0.3 * abs(hit.box[0] - x0)
            if best is None or cost < best[0]:
                best = (cost, hit, role)
        return (best[1], best[2]) if best else None

    def _width(self, page: int) -> float:
        return self._layout.sizes[page][0]

    def _first_column(self, hit: LabelHit, x0: float) -> bool:
        """Whether no other heading on the hit's line stands nearer to ``x0``."""
        width = self._layout.sizes[hit.page][0]
        rivals = [
            h for h, _ in self.headings if h.line.number == hit.line.number and h is not hit and h.box[0] <= x0 + 20
        ]
        return x0 - hit.box[0] < 0.3 * width and not any(r.box[0] > hit.box[0] for r in rivals)

    def _roles(self, block: Block) -> dict[str, float]:
        width, height = self._layout.sizes[block.page]
        scores = {SELLER: 0.0, BUYER: 0.0, NEITHER: 0.0}
        unit = block.lines[0].height or 10
        heading = None
        form = self._form_heading(block)
        if form:
            heading = form
        for segment in block.lines:
            heading = heading or self.heading_of(
                block.page, segment.box[0], segment.box[1], max(8.0, unit), 7.0 if segment is block.lines[0] else 1.0
            )
        if heading and not block.one_line:
            scores[heading[1]] += 3.0
        top = block.box[1] / height
        if block.one_line:
            scores[SELLER] += 1.5 if top < 0.35 or top > 0.8 else 0.5
        elif block.page == 1:
            if top < 0.12 and not self._under_letterhead(block):
                scores[SELLER] += 1.0
            elif top < 0.36 and block.box[0] < 0.45 * width:
                scores[BUYER] += 0.6
            elif top < 0.36:
                scores[BUYER] += 0.3
            if self._sender_line(block):
                scores[BUYER] += 2.0
            if block.greeted:
                scores[BUYER] += 1.5
            elif not heading and top < 0.5 and self._contacts_below(block):
                scores[SELLER] += 1.2
            if top > 0.85:
                scores[SELLER] += 1.0
        if block.page > 1:
            scores[NEITHER] += 0.5
        if self._our_names:
            ours = self.is_ours(block.name)
            scores[self._our_role if ours else self._their_role] += 4.0 if ours else 0.3
        return scores

    def _under_letterhead(self, block: Block) -> bool:
        """Whether a line of its own stands over a block in the right half: the block is a window, no letterhead."""
        width = self._layout.sizes[block.page][0]
        return block.box[0] > 0.5 * width and any(
            s.box[3] < block.box[1] - 0.8 * s.height and _is_name(clean(s.text)) and not find_date(s.text)
            for s in self._layout.segments(block.page)
        )

    def _contacts_below(self, block: Block) -> bool:
        """Whether telephone, fax or opening hours go on right under the block: whose paper it is gives them."""
        unit = max(8.0, block.lines[-1].height)
        return any(
            _CONTACT.search(s.text) and abs(s.box[0] - block.box[0]) < unit
            for s in self._layout.below(block.box, block.page, 2.5 * unit)
        )

    def _form_heading(self, block: Block) -> tuple[LabelHit, str] | None:
        """The heading over the labels of a form (Name: ..., Address: ...), however many rows stand between."""
        for segment in block.lines:
            hits = [h for h in self._labels.by_line.get(segment.line.number, ()) if h.end <= segment.start]
            if hits and hits[-1].names & {"x:name", "x:address"}:
                label = hits[-1].box
                over = [
                    (h, role)
                    for h, role in self.headings
                    if h.page == block.page and h.box[1] < label[1] and abs(h.box[0] - label[0]) < 25
                ]
                return max(over, key=lambda pair: pair[0].box[1], default=None)
        return None

    def _sender_line(self, block: Block) -> bool:
        """Whether a one-line address in small print stands right over the block."""
        return any(
            other.one_line
            and other.page == block.page
            and 0 <= block.box[1] - other.box[1] < 45
            and abs(other.box[0] - block.box[0]) < 25
            for other in self.blocks
            if other is not block
        )

    def decide(self) -> dict[str, Party]:
        """The seller and the buyer, as far as they are known."""
        best: tuple[float, Block | None, Block | None] = (-9.0, None, None)
        sellers: list[Block | None] = [*self.blocks, None]
        for seller in sellers:
            for buyer in sellers:
                if seller is not None and seller is buyer:
                    continue
                if seller and buyer and seller.name and squeeze(seller.name) == squeeze(buyer.name):
                    continue
                worth = self._worth(seller, SELLER) + self._worth(buyer, BUYER)
                if worth > best[0] + 1e-9:
                    best = (worth, seller, buyer)
        found = {}
        for role, block in ((SELLER, best[1]), (BUYER, best[2])):
            party = self._party(role, block)
            if party:
                found[role] = party
        return found

    @staticmethod
    def _worth(block: Block | None, role: str) -> float:
        if block is None:
            return 0.0
        other = max(score for name, score in block.roles.items() if name != role)
        return block.roles[role] - 0.8 * other + (0.2 if block.name else -0.3) + 0.25 - 0.02 * block.page

    def _party(self, role: str, block: Block | None) -> Party | None:
        labelled = self._labelled_name(role)
        if block is None or (block.roles[role] < 2.5 and labelled and labelled[2] > 0.6):
            if labelled is None:
                head, place = self._letterhead() if role == SELLER else ("", None)
                return Party(head, "", None, place, _LETTERHEAD, False) if has_legal_form(head) else None
            same = next((b for b in self.blocks if b.name and squeeze(b.name) == squeeze(labelled[0])), None)
            return Party(labelled[0], same.address if same else "", same, labelled[1], labelled[2], True)
        strength = block.roles[role] - max(score for name, score in block.roles.items() if name != role)
        clarity = min(1.0, max(0.2, 0.3 + 0.22 * strength))
        name, segment = block.name, block.name_segment
        if role == SELLER and block.roles[role] < 2.5 and not has_legal_form(name):
            # an agency or a person may stand in the block; who has a legal form and the head of the page is the seller
            head, place = self._letterhead()
            if not name or has_legal_form(head):
                name, segment = head, place
        elif not name and labelled:
            name, segment = labelled[0], labelled[1]
        return Party(name, block.address, block, segment, clarity, block.roles[role] >= 2.5)

    def _labelled_name(self, role: str) -> tuple[str, Segment, float] | None:
        """The text right of or under a heading of ``role``, where no address tells the block."""
        for hit, found in self.headings:
            if found != role or _in_table_head(hit):
                continue
            segment = next(s for s in hit.line.segments if s.start <= hit.start < s.end)
            rest = clean(hit.line.text[hit.end : segment.end].replace("\u2002", " ")).strip("() ")
            if rest and _is_name(rest):
                return rest, segment, 0.75
            right = [s for s in hit.line.segments if s.start > hit.end]
            if right and _is_name(clean(right[0].text)) and not self._label_at(right[0]):
                return clean(right[0].text), right[0], 0.65
            for below in self._layout.below(hit.box, hit.page, 3 * max(8.0, hit.box[3] - hit.box[1])):
                if is_form_alone(below.text):
                    break  # the rest of the name was not read
                if abs(below.box[0] - hit.box[0]) < 40 and _is_name(clean(below.text)) and not self._label_at(below):
                    return clean(below.text), below, 0.65
        return None

    def _is_label(self, segment: Segment) -> bool:
        """Whether a segment is a label or begins with one and a colon."""
        return any(
            h.start == segment.start
            and (not re.search(r"\w", h.line.text[h.end : segment.end]) or ":" in h.line.text[h.end - 1 : h.end + 2])
            for h in self._labels.by_line.get(segment.line.number, ())
        )

    def _label_at(self, segment: Segment) -> bool:
        return any(h.start == segment.start for h in self._labels.by_line.get(segment.line.number, ()))

    def _letterhead(self) -> tuple[str, Segment | None]:
        """A company's name in the head of the first page: a line with a legal form, or the largest print."""
        _, height = self._layout.sizes.get(1, (595.0, 842.0))
        head = [
            s
            for s in self._layout.segments(1)
            if s.box[3] < 0.25 * height and _is_name(clean(s.text)) and not self._is_label(s)
        ]
        inside = [(b.box, b.roles[BUYER] > b.roles[SELLER]) for b in self.blocks if b.page == 1]
        head = [s for s in head if not any(yes and _within(s.box, box) for box, yes in inside)]
        formed = [s for s in head if has_legal_form(s.text)]
        if formed:
            first = formed[0]
            above = [
                s
                for s in head
                if abs(s.box[0] - first.box[0]) < 3
                and -0.3 * first.height < first.box[1] - s.box[3] < 1.2 * first.height
                and s.line.number != first.line.number
                and 0.6 < s.height / max(1.0, first.height) < 1.6
            ]
            return clean(f"{above[-1].text} {first.text}" if above else first.text), first
        if not head:
            return "", None
        largest = max(head, key=lambda s: (round(s.height, 0), -s.box[1]))
        return clean(largest.text), largest

    def owner(self, candidate: Candidate, found: dict[str, Party]) -> str | None:
        """Whose id a candidate is: by its label, its party's heading or the nearest block of its column."""
        if squeeze(candidate.value) in self._our_ids:
            return self._our_role
        height = max(8.0, candidate.box[3] - candidate.box[1])
        heading = self.heading_of(candidate.page, self._column_start(candidate), candidate.box[1], height, 16.0)
        near: tuple[float, str] | None = None
        for role, party in found.items():
            block = party.block
            if block is None or block.page != candidate.page or block.one_line:
                continue
            gap = candidate.box[1] - block.box[3]
            column = block.box[0] - 45 <= candidate.box[0] <= max(block.box[2] + 40, block.box[0] + 200)
            if (
                column
                and -(block.box[3] - block.box[1]) - height <= gap <= 9 * height
                and (near is None or gap < near[0])
            ):
                near = (gap, role)
        if near and (heading is None or heading[1] == near[1] or heading[1] == NEITHER):
            return near[1]
        if heading and heading[1] != NEITHER:
            return heading[1]
        return near[1] if near else None

    def _column_start(self, candidate: Candidate) -> float:
        """Left edge of what the candidate stands in, its label on the left included."""
        hits = [h for h in self._labels.by_line.get(candidate.line.number, ()) if h.end <= candidate.start]
        if hits and not re.search(r"\w", candidate.line.text[hits[-1].end : candidate.start]):
            return hits[-1].box[0]
        return candidate.box[0]


def _within(inner: Box, outer: Box) -> bool:
    return (
        outer[0] - 2 <= inner[0] and inner[2] <= outer[2] + 2 and outer[1] - 2 <= inner[1] and inner[3] <= outer[3] + 2
    )


def _in_table_head(hit: LabelHit) -> bool:
    """Whether a label is one of many on its line, as the heads of a table's columns are."""
    return len(hit.line.segments) >= _COLUMNS and ":" not in hit.line.text[hit.end - 1 : hit.end + 2]


def find_date(text: str) -> bool:
    """Whether a date stands in ``text``."""
    return next(find_dates(text), None) is not None


def _is_name(text: str) -> bool:
    letters = sum(c.isalpha() for c in text)
    return (
        letters >= 3
        and letters > sum(c.isdigit() for c in text)
        and len(text) <= 80
        and not is_form_alone(text)
        and not re.search(r"@|www\.|https?:|\d{3,}", text)
    )
