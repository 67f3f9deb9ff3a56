"""Intake: from the drop folder into the vault and the database, losing nothing."""

from pipeline.intake.completeness import is_complete
from pipeline.intake.quarantine import mend, release, tell
from pipeline.intake.sniff import sniff
from pipeline.intake.take_in import IntakeEntry, IntakeReport, take_in, take_in_abandoned

__all__ = [
    "IntakeEntry",
    "IntakeReport",
    "is_complete",
    "mend",
    "release",
    "sniff",
    "take_in",
    "take_in_abandoned",
    "tell",
]
