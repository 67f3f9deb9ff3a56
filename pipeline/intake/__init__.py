"""Intake: from the drop folder into the vault and the database, losing nothing."""

from pipeline.intake.completeness import is_complete
from pipeline.intake.media_types import media_type_of, sniff
from pipeline.intake.protocol import IntakeEntry, IntakeReport, take_in, take_in_abandoned
from pipeline.intake.quarantine import advice, mend, release, tell

__all__ = [
    "IntakeEntry",
    "IntakeReport",
    "advice",
    "is_complete",
    "media_type_of",
    "mend",
    "release",
    "sniff",
    "take_in",
    "take_in_abandoned",
    "tell",
]
