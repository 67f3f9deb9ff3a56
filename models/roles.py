"""Who may do what: roles, the rights that they give, and the documents that an account may see."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What an account is for; it may have several."""

    STATION = "station"  # drops files; sees what became of those of its own stations
    REVIEWER = "reviewer"  # decides on documents
    SUPERVISOR = "supervisor"  # decides, sets what is urgent, recalls, and manages the accounts
    OPERATOR = "operator"  # runs the machine; looks, and decides nothing
    INTEGRATOR = "integrator"  # a program that reads
    AUDITOR = "auditor"  # looks at everything, changes nothing


class Right(StrEnum):
    """What a route asks for."""

    SEE = "see"  # documents within the account's scope
    DECIDE = "decide"  # claim, load, send back
    SUPERVISE = "supervise"  # set priorities, recall what is loaded, see what reviewing cost
    ACCOUNTS = "accounts"  # add, change and disable accounts


RIGHTS: dict[Role, frozenset[Right]] = {
    Role.STATION: frozenset({Right.SEE}),
    Role.REVIEWER: frozenset({Right.SEE, Right.DECIDE}),
    Role.SUPERVISOR: frozenset({Right.SEE, Right.DECIDE, Right.SUPERVISE, Right.ACCOUNTS}),
    Role.OPERATOR: frozenset({Right.SEE}),
    Role.INTEGRATOR: frozenset({Right.SEE}),
    Role.AUDITOR: frozenset({Right.SEE}),
}


def rights_of(roles: frozenset[Role]) -> frozenset[Right]:
    """All that these roles may do together."""
    return frozenset().union(*(RIGHTS[role] for role in roles))


@dataclass(frozen=True, slots=True)
class Scope:
    """The documents that an account may see: of these types *and* from these stations. None: no such limit.

    A document whose type is not known yet is seen by those without a limit of types; ``""`` is the station of
    what lies directly in the inbox. A document that several stations dropped belongs to all of them.
    """

    types: frozenset[str] | None = None
    stations: frozenset[str] | None = None

    @property
    def limited(self) -> bool:
        """Whether anything is kept from the account."""
        return self.types is not None or self.stations is not None

    def has_type(self, name: str | None) -> bool:
        """Whether documents of this type are within it."""
        return self.types is None or name in self.types


EVERYTHING = Scope()
