"""Address blocks: the lines of a letter that end in a postal code and a town, and one-line addresses."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from extractors.page.labels import TITLE, Labels
from extractors.page.layout import Layout, Segment, union
from extractors.page.text import clean, fold, squeeze
from extractors.page.vocabulary import COUNTRIES, LEGAL_FORMS
from extractors.values.dates import find_dates
from models.records import Box

# possessive: a blank or dash belongs to one part only, or a rule of dashes would be tried in every division
_TOWN = r"[^\W\d_][\w.’'()/-]*+(?:[ ,–-]++[\w.’'()/-]++){0,5}"
_PREFIX = (
    r"(?:(?P<country>DE|D|AT|A|CH|FR|F|CZ|SK|PL|BE|B|NL|LU|L|IT|I|ES|E|GB|HU|H|SI|HR|RO|PT|P|DK|SE|FI)(?: ?[-–] ?| ))?"
)
_ZIP = re.compile(
    rf"^{_PREFIX}(?P<zip>\d{{5}}|\d{{3}} \d{{2}}|\d{{2}}-\d{{3}}|\d{{4}}(?: [A-Z]{{2}})?)[ ,]+(?P<town>{_TOWN})$"
)
_UK = re.compile(
    rf"^(?:GB )?(?:(?P<before>{_TOWN}),? )?(?P<zip>[A-Z]{{1,2}}\d[A-Z\d]? ?\d[A-Z]{{2}})(?:,? (?P<town>{_TOWN}))?$"
)
_STATES = (
    "A[BKLRZ]|BC|C[AOT]|D[CE]|FL|G[AU]|HI|I[ADLN]|K[SY]|LA|M[ABDEHINOST]|N[BCDEHJLMSTUVY]|O[HKNR]|P[AER]|QC|RI|S[CDK]|"
    "T[NX]|UT|V[AIT]|W[AIVY]|YT"
)
_STATE_ZIP = rf"(?:{_STATES})\.? {{1,2}}(?:\d{{5}}(?:-\d{{4}})?|[A-Z]\d[A-Z] ?\d[A-Z]\d)"
_AMERICA = re.compile(rf"^(?P<town>{_TOWN}),? (?P<zip>{_STATE_ZIP})$")
_ZIP_ALONE = re.compile(rf"{_STATE_ZIP}|[A-Z]{{1,2}}\d[A-Z\d]? ?\d[A-Z]{{2}}")
_ROAD = re.compile(
    r"(?i)(?:ul|pl|al|os|tř|nám|str|via|rue|av|c|avda|ulica|ulice|plac|aleja|náměstí|třída|straße|platz|viale|piazza|corso|"
    r"calle|avenida|plaza|avenue|boulevard|place|utca|tér)\b"
)
"""Words that begin a street: "ul. 11 Listopada 17" holds no date."""
_POSTCODE = r"[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}"
_SPLIT = re.compile(r"\s+[-–—·•|∙*]\s+|\s*[·•|∙]\s*|,\s+|;\s+")
_FORM_ONLY = re.compile(rf"(?:& ?Co\.? ?)?(?:{LEGAL_FORMS})|& ?Co\.?(?: ?KG(?:aA)?)?")
_LABELLED_NUMBER = re.compile(r"[^\W\d_][\w .-]{2,25} ?: ?\d[\d /.-]{3,}$")  # its label is none we know
_LEGAL = re.compile(rf"(?:^|[\s,])(?:{LEGAL_FORMS})\s*$")
_SALUTATION = {"herr", "herrn", "frau", "firma", "fa", "familie", "mr", "mrs", "ms", "pan", "pani", "m", "mme"}
_NOT_STREET = re.compile(
    r"(?i)\b(tel|fax|mobil|phone|e-?mail|www|ičo?|dič|iban|bic|vat|ust|steuer|hrb|nummer|siret|gln|"
    r"p\.?o\.? box)\b|@|https?:|\+\d{2}|^\d+$"
)


@dataclass
class Block:
    """A name and an address: its lines from name to town, ``one_line`` if all of it stands on one.

    ``greeted`` says that it begins with "Herrn" or "Paní", as who is written to is addressed.
    """

    page: int
    box: Box
    name: str
    name_segment: Segment | None
    street: str
    town: str
    lines: list[Segment]
    one_line: bool = False
    greeted: bool = False
    roles: dict[str, float] = field(default_factory=dict)

    @property
    def address(self) -> str:
        """``"street, zip town"``."""
        return ", ".join(part for part in (self.street, self.town) if part)


def read_town(text: str) -> str | None:
    """``"80333 München"`` of ``"DE 80333 München"``, ``"D-80333 München"``; None where there is no postal code."""
    text = clean(text)
    match = _ZIP.match(text)
    if match and len(match["town"]) >= 2 and not re.search(r"(?i)\b(eur|kg|stk|uhr|czk|kč|ks)\b|\d{3}", match["town"]):
        return f"{match['zip']} {clean(match['town'])}"
    if _AMERICA.match(text) and not re.search(r"\d", text[: text.rindex(",")] if "," in text else ""):
        return text
    match = _UK.match(text)
    if match and len(match["zip"]) >= 5:
        return clean(" ".join(p for p in (match["before"], match["zip"], match["town"]) if p))
    return None


def has_legal_form(name: str) -> bool:
    """Whether a company's legal form ends ``name``."""
    return bool(_LEGAL.search(clean(name))) or bool(re.search(r"\b(?:GmbH|AG) ?& ?Co\.?$", clean(name)))


def is_form_alone(name: str) -> bool:
    """Whether ``name`` is a legal form and nothing else."""
    return bool(_FORM_ONLY.fullmatch(clean(name)))


def _is_street(text: str) -> bool:
    return (
        bool(re.search(r"\d", text) and re.search(r"[^\W\d_]{2,}", text))
        and not _NOT_STREET.search(text)
        and len(text) < 70
    )


def _left_label(segment: Segment, labels: Labels) -> frozenset[str]:
    """The names of the label directly left of a segment on its line, or within it at its start."""
    hits = [h for h in labels.by_line.get(segment.line.number, ()) if h.end <= segment.start and TITLE not in h.names]
    starts = {s.start for s in segment.line.segments}
    if hits and hits[-1].start in starts and not re.search(r"\w", segment.line.text[hits[-1].end : segment.start]):
        return hits[-1].names
    return frozenset()


def _inner_label(segment: Segment, labels: Labels) -> tuple[frozenset[str], str]:
    """The names of a label that starts the segment, and what follows it."""
    for hit in labels.by_line.get(segment.line.number, ()):
        if hit.start == segment.start and hit.end <= segment.end:
            heading = bool(hit.names & _PARTY) and not re.search(r"\w", segment.line.text[hit.end : segment.end])
            if hit.likeness < _LABEL and ":" not in hit.text and not heading:
                continue
            rest = clean(segment.line.text[hit.end : segment.end].replace("\u2002", " "))
            follows = segment.line.text[hit.end - 1 : hit.end + 2]
            if not rest or ":" in follows:
                return hit.names, rest
    return frozenset(), clean(segment.text)


def clean_heading(text: str) -> bool:
    """Whether a line is a heading of its own: words and a colon."""
    return bool(re.fullmatch(r"[^\W\d_][^:\d]{2,50}:", text.strip()))


_LABEL = 0.9  # a word of an address that is less like a label is none, unless it is a party's heading of its own
_PARTY = frozenset(("seller_name", "buyer_name", "x:delivery_party"))


def _stack(segment: Segment, layout: Layout, labels: Labels) -> list[Segment]:
    """The segments above ``segment`` in its column, nearest first, up to a gap or a party's heading."""
    found: list[Segment] = []
    current = segment
    while len(found) < 7:
        height = max(6.0, current.height)
        # the rows of a form (Name: ..., Address: ...) stand further apart than the lines of a letter
        reach = 2.7 if _left_label(current, labels) & {"x:address", "x:name"} else 1.35
        if len(found) == 1 and _is_street(current.text):  # some leave a gap between the name and the street
            reach = 2.4
        above = [
            s
            for s in layout.segments(segment.page)
            if s.box[1] < current.box[1]
            and -0.6 * height < current.box[1] - s.box[3] < reach * height
            and s.line.number != current.line.number
            and (
                abs(s.box[0] - segment.box[0]) < 0.9 * height
                or abs((s.box[0] + s.box[2]) - (segment.box[0] + segment.box[2])) < height
            )
        ]
        if not above:
            break
        current = max(above, key=lambda s: s.box[1])
        names, rest = _inner_label(current, labels)
        town = read_town(current.text) and not (not found and _AMERICA.match(clean(segment.text)))
        if (names & _PARTY and not rest) or town or clean_heading(current.text):
            break
        found.append(current)
        if names & _PARTY:
            break
    return found


def _usable(segment: Segment, labels: Labels) -> tuple[str, frozenset[str]] | None:
    """The text of a line of a block without its label; None for a line of numbers, contacts and the like."""
    left = _left_label(segment, labels)
    names, rest = _inner_label(segment, labels)
    if names & _PARTY or "x:name" in names or "x:address" in names:
        return (rest, names) if rest else None
    if names and rest != clean(segment.text):
        return None
    if left and not left & (_PARTY | {"x:name", "x:address"}):
        return None
    before = [s.text.strip() for s in segment.line.segments if s.end < segment.start]
    if not left and before and re.fullmatch(r"[^\W\d_][\w .-]{2,30}:", before[-1]):  # "Abteilung: ..." in a form
        return None
    text = clean(segment.text)
    if not text or _NOT_STREET.search(text) or not re.search(r"[^\W\d_]", text):
        return None
    if next(find_dates(text), None) and not _ROAD.match(text):
        return None
    return text, left


def _name_of(lines: list[str]) -> tuple[str, int]:
    """The name at the top of a block and how many lines it takes."""
    if not lines:
        return "", 0
    first = squeeze(lines[0])
    if first in ("firma", "fa") and len(lines) > 1:
        name, used = _name_of(lines[1:])
        return name, used + 1
    if first in _SALUTATION and len(lines) > 1:
        return f"{lines[0]} {lines[1]}", 2
    if len(lines) > 1 and lines[1].startswith("("):
        return f"{lines[0]} {lines[1]}", 2
    used = 1
    if len(lines) > 1 and not has_legal_form(lines[0]) and has_legal_form(lines[1]) and not _is_street(lines[1]):
        used = 2
    while used < len(lines) and _FORM_ONLY.fullmatch(lines[used]):  # a long name's last line: "& Co. KG"
        used += 1
    return " ".join(lines[:used]), used


def _assemble(town: str, segment: Segment, above: list[Segment], labels: Labels) -> Block | None:
    rows: list[tuple[str, frozenset[str], Segment]] = []
    for one in reversed(above):
        if not re.search(r"\w", one.text) or _LABELLED_NUMBER.match(one.text):
            continue
        use = _usable(one, labels)
        if use:
            rows.append((*use, one))
        elif not any("x:name" in row[1] for row in rows):
            rows.clear()
    named = next((i for i, row in enumerate(rows) if "x:name" in row[1]), None)
    greeted = next((i for i, row in enumerate(rows) if squeeze(row[0]) in _SALUTATION), 0)
    if greeted:  # what stands over "Herrn" is the sender
        rows = rows[greeted:]
    while rows and _one_line(rows[0][2]):  # the small sender line over a window address
        rows = rows[1:]
    first = next((i for i, row in enumerate(rows) if "x:address" in row[1]), None)
    texts = [row[0] for row in rows]
    if first is None:
        first = next((i for i, text in enumerate(texts) if i > 0 and _is_street(text)), None)
    if first is None:
        first = len(texts) - 1 if len(texts) > 1 else len(texts)
    if (
        re.fullmatch(_POSTCODE, town) and len(texts) > 1 and not has_legal_form(texts[-1])
    ):  # a British town on a line of its own
        town = f"{texts.pop()}, {town}"
        first = min(first, len(texts))
    name, used = _name_of(texts[:first])
    if named is not None and first > 1 and "x:address" in rows[first][1]:
        name, used = " ".join(texts[:first]), first
    if not name and first == 0 and texts:
        first = 1 if len(texts) > 1 else 0
    if is_form_alone(name):  # the rest of the name was not read
        name = ""
    street = ", ".join(texts[max(first, used) :])
    if not name and not street:
        return None
    segments = [row[2] for row in rows] + [segment]
    return Block(
        segment.page,
        union(s.box for s in segments),
        name,
        rows[0][2] if rows and name else None,
        street,
        town,
        segments,
        greeted=bool(texts) and squeeze(texts[0]) in _SALUTATION - {"firma", "fa"},
    )


def _one_line(segment: Segment) -> Block | None:
    """``Au bon moulin SARL - 1242 chemin de l'olive - 84340 Malaucène - France``."""
    parts = [clean(p) for p in _SPLIT.split(segment.text) if clean(p)]
    parts = [re.sub(r"(?i)^(absender|dodavatel|sídlo|se sídlem):?\s*", "", p) for p in parts]
    for index, part in enumerate(parts):
        town = read_town(part)
        if town is None and index and (inner := re.match(r"^(.*\d\S*)\s+((?:[A-Z]{1,2}-)?\d{5}\s.*)$", part)):
            town = read_town(inner[2])
            if town:
                parts[index : index + 1] = [inner[1], inner[2]]
                index += 1  # noqa: PLW2901 - the part was cut in two
        if town is None and index and re.fullmatch(_STATE_ZIP, part):  # "Austin, TX 78701"
            town = part
        if town and index >= 2 and _ZIP_ALONE.fullmatch(town) and not re.search(r"\d", parts[index - 1]):
            town = f"{parts[index - 1]}, {town}"
            index -= 1  # noqa: PLW2901 - the town is a part of its own
        if town and index >= 1:
            street = parts[index - 1]
            if index >= 2 and re.fullmatch(r"\d+\w?(?:/\w+)?", street):  # "Via Garibaldi, 7"
                index -= 1  # noqa: PLW2901 - the street's number is a part of its own
                street = f"{parts[index - 1]}, {street}"
            if not _is_street(street) and not (index == 2 and has_legal_form(parts[0])):  # "rue Aubry"
                continue
            name = ", ".join(parts[: index - 1])
            return Block(
                segment.page, segment.box, name, segment if name else None, street, town, [segment], one_line=True
            )
    glued = re.match(r"^(.{4,60}?) ((?:[A-Z]{1,2}-)?\d{5} [^\W\d_][^\d]+?)(?: - .*)?$", clean(segment.text))
    if glued and (town := read_town(glued[2].split(" - ")[0])) and _is_street(glued[1]):
        return Block(segment.page, segment.box, "", None, glued[1], town, [segment], one_line=True)
    return None


def find_blocks(layout: Layout, labels: Labels) -> list[Block]:
    """Every name and address of the document, from the top."""
    blocks: list[Block] = []
    for line in layout.lines:
        for segment in line.segments:
            _, text = _inner_label(segment, labels)
            town = read_town(text)
            block = _assemble(town, segment, _stack(segment, layout, labels), labels) if town else _one_line(segment)
            if block and fold(block.name) not in COUNTRIES:
                blocks.append(block)
    # "43558 Patterson Forks" is a street where "Springfield, ME 69438" stands below
    streets = {id(s) for b in blocks if _AMERICA.match(b.town) for s in b.lines[:-1]}
    return [block for block in blocks if id(block.lines[-1]) not in streets]
