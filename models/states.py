"""The life of a document: its states and the only moves between them."""

from __future__ import annotations

from enum import StrEnum

from models.errors import IllegalMove


class State(StrEnum):
    """One document is in exactly one of these at any time."""

    RECEIVED = "received"  # its bytes are in the vault, nobody has looked inside
    READ = "read"  # its words are known
    UNDERSTOOD = "understood"  # its type and fields are known
    REVIEW = "review"  # waits for a person
    LOADED = "loaded"  # its row stands in the destination table
    REJECTED = "rejected"  # a person sent it back, with a reason
    QUARANTINED = "quarantined"  # can't be read safely, with a reason
    REPLACED = "replaced"  # a person put its pages into other documents; its bytes stay in the vault


MOVES: dict[State, frozenset[State]] = {
    State.RECEIVED: frozenset({State.READ, State.QUARANTINED, State.REPLACED}),  # what it was made of is taken back
    State.READ: frozenset({State.UNDERSTOOD, State.QUARANTINED}),
    State.UNDERSTOOD: frozenset({State.REVIEW, State.LOADED, State.QUARANTINED}),
    State.REVIEW: frozenset({State.LOADED, State.REJECTED, State.REPLACED}),
    State.LOADED: frozenset({State.REVIEW}),  # recalled by a supervisor, with a reversing entry
    State.REJECTED: frozenset({State.RECEIVED, State.REVIEW}),  # released by an operator; taken back by the reviewer
    State.QUARANTINED: frozenset({State.RECEIVED, State.REPLACED}),  # released by an operator; unlocked by a password
    # taken back while nothing made of it is loaded; made a second time after it was taken back
    State.REPLACED: frozenset({State.REVIEW, State.QUARANTINED, State.RECEIVED}),
}


def check_move(before: State, after: State) -> None:
    """Raise `IllegalMove` unless a document may go from ``before`` to ``after``."""
    if after not in MOVES[before]:
        raise IllegalMove(f"A document that is {before} can't become {after}.")
