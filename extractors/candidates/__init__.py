"""Candidates by kind: every place on the page that may be a date, an amount or an identifier, with its normal form."""

from extractors.candidates.base import Candidate, make

__all__ = ["Candidate", "make"]
