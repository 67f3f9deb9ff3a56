"""Is our own company on the side of the document where it belongs? Asked only where the settings name us."""

from __future__ import annotations

from collections.abc import Iterator

from models.messages import say
from models.records import Finding
from pipeline.check.facts import Facts, error, warning


def own_company(facts: Facts) -> Iterator[Finding]:
    """We are the buyer of what vendors send and the seller of what we issue (``our_side`` of the type).

    A document that has us on the other side only is of another type; one that names neither of us was perhaps sent to
    the wrong house, or the party was misread.
    """
    side = facts.kind.our_side
    if side is None or not facts.ours:
        return
    other = "seller" if side == "buyer" else "buyer"
    ours, theirs = (_parties(facts, one) for one in (side, other))
    if any(facts.ours.is_us(value) for value in ours.values()):
        return
    if any(facts.ours.is_us(value) for value in theirs.values()):
        names = [name for name, value in theirs.items() if facts.ours.is_us(value)]
        if other == "seller":
            message = say("Our own company is the seller here: this is an invoice that we issued.")
        else:
            message = say("Our own company is the buyer here: this is one that we received.")
        yield error("wrong-side", message, *names)
    elif name := ours.get(f"{side}_name"):
        yield warning(
            "not-ours",
            say("{title} {name} is not our own company.", title=facts.title(f"{side}_name"), name=name),
            f"{side}_name",
        )
    elif ours:
        if side == "seller":
            message = say("The seller's number is not that of our own company.")
        else:
            message = say("The buyer's number is not that of our own company.")
        yield warning("not-ours", message, *ours)


def _parties(facts: Facts, side: str) -> dict[str, str]:
    names = (f"{side}_{part}" for part in ("name", "vat_id", "tax_number"))
    return {name: facts.text(name) for name in names if facts.text(name)}
