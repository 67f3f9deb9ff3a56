"""Which party a place on the page belongs to: the heading that it stands under."""

from __future__ import annotations

from collections.abc import Mapping

from extractors.candidates.base import Candidate
from extractors.page.labels import Labels
from models.document_types import DocumentType, Kind

_SIDEWAYS = 0.5  # a point sideways counts so much of one downwards

_HEADS = frozenset({Kind.PARTY, Kind.PERSON})


def groups(kind: DocumentType) -> Mapping[str, str]:
    """The party of a field, by field: the front part of its name, if a party or person of the type shares it."""
    fronts: dict[str, list[str]] = {}
    for name in kind.fields:
        if "_" in name:
            fronts.setdefault(name.split("_")[0], []).append(name)
    return {
        name: front
        for front, names in fronts.items()
        if len(names) > 1 and any(kind.fields[one].kind in _HEADS for one in names)
        for name in names
    }


class Headings:
    """The headings of the parties of one document."""

    def __init__(self, labels: Labels, kind: DocumentType) -> None:
        self.groups = groups(kind)
        heads = {
            name: group for name, group in self.groups.items() if kind.fields[name].kind in (Kind.PARTY, Kind.PERSON)
        }
        self._found = []
        for hit in labels.hits:
            own = {heads[name] for name in hit.names if name in heads}
            if len(own) > 1 or (not own and "x:delivery_party" not in hit.names):
                continue
            self._found.append((hit, next(iter(own), "")))

    def over(self, candidate: Candidate) -> tuple[str, float] | None:
        """The party whose heading is nearest above or left of ``candidate``, and how far down in line heights."""
        height = max(4.0, candidate.line.height)
        best: tuple[float, str, float] | None = None
        for hit, group in self._found:
            if hit.page != candidate.page:
                continue
            down = candidate.box[1] - hit.box[1]
            if down < -0.5 * height or hit.box[0] > candidate.box[0] + 2 * height:
                continue
            same_line = hit.line.number == candidate.line.number
            aside = max(0.0, candidate.box[0] - (hit.box[2] if same_line else hit.box[0]))
            distance = max(0.0, down) + _SIDEWAYS * aside
            if best is None or distance < best[0]:
                best = (distance, group, max(0.0, down) / height)
        return (best[1], best[2]) if best else None
