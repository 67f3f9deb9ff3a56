"""Payment terms: the sentence or lines behind their label."""

from __future__ import annotations

import re
from collections.abc import Sequence
from statistics import fmean

from extractors.candidates.base import Candidate, make
from extractors.page.labels import LabelHit, Labels
from extractors.page.layout import Layout, Segment, overlap, union
from extractors.page.text import clean, fold
from models.document_types import Kind

_SPAN = (
    r"\d{1,3} ?(?:(?:kalender|werk|arbeits|bank|calendar|working|business) ?)?(?:tage?n?|tg|dn[iuye]|days?|jours?)\b"
)
_SPEAKS = (
    r"netto|\bnet\b|\brein\b|zahlbar|zahlung|zahlen|binnen|innerhalb|within|\bdue\b|payment|payable|terms|paiement|"
    r"reglement|regler|payable|date de facture|fin de mois|splatn|platb|uhrad|vystaveni|doruceni|skonto|abzug"
)
_PHRASE = re.compile(
    rf"(?:(?=.*\b(?:{_SPEAKS}))(?:\D*\b)?{_SPAN}[^.]*|net \d{{1,3}}$|(?:due|payable|payment) (?:up)?on receipt|"
    r"(?:payable|due) immediately|paiement (?:immediat|a reception|comptant)|comptant a reception|"
    r"sofort (?:fallig|zahlbar)|zahlbar sofort|rein netto sofort|fallig sofort|ihned splatn|splatne ihned|"
    r"splatno pri prevzeti|end of month following)"
)
"""Folded: how long one may take to pay, in few words of their own."""
_SENTENCE = re.compile(
    r"(?:(?:zahlbar|zahlung innerhalb|payable within|payment within|paiement|splatnost do|der betrag in hohe|"
    r"net \d+ days|skonto)\b|[^.:]{0,45}\b(?:bitte uberweisen|uberweisen sie|please (?:pay|remit|transfer)|"
    r"merci de (?:regler|payer|virer)|prosime o uhradu|zaplatte prosim)\b)"
)
_REQUEST = re.compile(r"uberweisen|please|merci|prosime|prosim")
_LATE = re.compile(r"retard|verzug|\blate\b|overdue|prodlen|mahn|interest|\burok|penal|indemnit|reklam|return|widerruf")
_DAYS = re.compile(r"(?i)[\s:]*((?:[^\W\d_]+ ){0,2}\d{1,3}[ \u2002](?:dn|tag|day|jour)[^\t]*)")
_MOST_WORDS = 12  # of a phrase
_MONEY = {"net_total", "tax_total", "gross_total", "amount_due"}


def _is_column_head(segment: Segment) -> bool:
    return bool(re.fullmatch(r"(?i)\W*(beschreibung|description|popis|fälligkeit|teilzahlung)\W*", segment.text))


def _is_money_label(labels: Labels, segment: Segment) -> bool:
    """Whether a segment is a label of the totals, which stand beside the terms on many invoices."""
    if _PHRASE.match(fold(segment.text)):
        return False  # "Net 45", "30 Tage netto"
    hits = labels.by_line.get(segment.line.number, ())
    return any(
        hit.start == segment.start
        and hit.names & _MONEY
        and not re.search(r"[^\W\d_]", hit.line.text[hit.end : segment.end])
        for hit in hits
    )


def _run(layout: Layout, labels: Labels, first: Segment) -> list[Segment]:
    """The segments of a paragraph from ``first`` down: the same left edge, one line apart, no label at their start.

    Its first line may be indented.
    """
    found, left = [first], first.box[0]
    while len(found) < 14:
        last = found[-1]
        height = max(6.0, last.height)
        near = [
            s
            for s in layout.segments(first.page)
            if s.box[1] > last.box[1] + 0.4 * height and s.box[1] - last.box[3] < 0.75 * height
        ]
        below = [s for s in near if abs(s.box[0] - left) < 6]
        if not below and len(found) == 1:
            below = [s for s in near if s.box[0] < left and s.box[2] > first.box[2] and len(s.text.split()) >= 4]
            left = below[0].box[0] if below else left
        if not below:
            break
        following = min(below, key=lambda s: s.box[1])
        hits = labels.by_line.get(following.line.number, ())
        if any(h.end <= following.start for h in hits) or any(
            h.start == following.start and ":" in following.line.text[h.end - 1 : h.end + 2] for h in hits
        ):
            break
        found.append(following)
    return found


def _start(layout: Layout, hit: LabelHit) -> Segment | None:
    own = next((s for s in hit.line.segments if s.start <= hit.start < s.end), None)
    if own is None or own.start != hit.start:
        return None
    if re.search(r"\w", hit.line.text[hit.end : own.end]):
        return Segment(
            hit.line,
            hit.end,
            own.end,
            hit.line.text[hit.end : own.end].replace("\u2002", " "),
            hit.line.box_of(hit.end, own.end),
        )
    right = [s for s in hit.line.segments if s.start >= hit.end]
    height = max(8.0, hit.box[3] - hit.box[1])
    if right:
        under = [s for s in layout.below(hit.box, hit.page, 1.5 * height) if abs(s.box[0] - hit.box[0]) < 3]
        beside = _PHRASE.match(fold(right[0].text)) or not under  # a narrow column has its values under the labels
        return right[0] if beside or not _PHRASE.match(fold(under[0].text)) else under[0]
    page, over = hit.page, hit.box[3]
    for number in range(hit.line.number + 1, min(hit.line.number + 6, len(layout.lines))):
        line = layout.lines[number]
        tall = layout.sizes[line.page][1]
        if line.page != page:  # the heading stands at a page's end, its text on the next
            if line.page != page + 1 or over < 0.75 * layout.sizes[page][1]:
                break
            page, over = line.page, line.box[1]
        if line.box[1] > 0.93 * tall and re.search(r"\d", line.text):  # the number of the page
            continue
        if line.box[1] - over > 4.5 * height:
            break
        rest = [s for s in line.segments if not _is_column_head(s)]
        under = [s for s in rest if line.page == hit.page and overlap(s.box, hit.box) > 0]
        if under and own is not hit.line.segments[0]:
            return under[0]
        if rest and own is not hit.line.segments[0]:
            continue
        if not rest:
            over = max(over, line.box[3])
        elif len(rest) == len(line.segments):
            return rest[0] if not re.fullmatch(r"[\d.,/ -]+", rest[0].text) else None
    return None


def payment_terms(layout: Layout, labels: Labels) -> tuple[Candidate, float] | None:
    """The payment terms and the weight of their label, or None."""
    for hit in labels.named("due_date"):  # "Splatnost: 14 dní", "Zahlungsziel 30 Tage netto"
        rest = _DAYS.match(hit.line.text[hit.end :])
        if rest:
            # without a colon the label is the first word of the terms: "splatnost 14 dní"
            start = hit.end + rest.start(1)
            if not re.search(r"[:\t]", hit.line.text[hit.start : start]):
                start = hit.start
            end = hit.end + rest.end(1)
            return make(Kind.TEXT, clean_end(hit.line.text[start:end]), hit.line, start, end, "days"), 0.8
    for hit in labels.named("payment_terms"):
        first = _start(layout, hit)
        if first is None or not re.search(r"[^\W\d_]{3,}", first.text) or _is_money_label(labels, first):
            continue
        short = len(first.text.split()) <= _MOST_WORDS and _PHRASE.fullmatch(fold(first.text.strip()))
        run = [first] if short else _run(layout, labels, first)
        text = clean(" ".join(clean_end(s.text) for s in run))
        box = union(s.box for s in run)
        return Candidate(
            Kind.TEXT, text, text, first.line, first.start, first.end, box, _confidence(run), "terms"
        ), 0.75 * hit.likeness
    phrases = []
    for line in layout.lines:
        for segment in line.segments:
            text = fold(segment.text.strip())
            if _LATE.search(text):
                continue
            words = len(text.split())
            if 2 <= words <= _MOST_WORDS and _PHRASE.match(text):
                phrases.append(make(Kind.TEXT, clean(segment.text), line, segment.start, segment.end, "phrase"))
            if _SENTENCE.match(text) and len(re.findall(r"[^\W\d_]{2,}", text)) >= 3:
                run = _run(layout, labels, segment)
                text = clean(" ".join(clean_end(s.text) for s in run))
                if _REQUEST.search(fold(text)) and not re.search(r"\d", text):
                    continue  # it asks for the money and does not say when
                return Candidate(
                    Kind.TEXT,
                    text,
                    text,
                    line,
                    segment.start,
                    segment.end,
                    union(s.box for s in run),
                    _confidence(run),
                    "sentence",
                ), 0.6
    return (phrases[0], 0.6) if phrases else None


def _confidence(run: Sequence[Segment]) -> float:
    """The mean over the lines of the least confidence of each: one misread word spoils little of a paragraph."""
    return fmean(s.line.confidence_of(s.start, s.end) for s in run)


def clean_end(text: str) -> str:
    """A line of a paragraph: single blanks, its punctuation kept."""
    return re.sub(r"\s+", " ", text).strip()
