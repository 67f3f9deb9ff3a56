"""The list of stages: this one function is what happens to a document between the vault and the database.

It runs in a cage (`pipeline.tools.cage`), because everything in it works on a stranger's bytes; it touches
neither database nor network. Intake comes before it, loading or review after it (`pipeline.process`).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from extractors import extract
from models.document_types import document_types
from models.records import Route, Understanding
from models.settings import Settings
from pipeline.check import check, our_company
from pipeline.classify import classify
from pipeline.reading import read
from pipeline.reading.known import Memory, NoMemory
from pipeline.reading.ocr.names import names_again
from pipeline.reading.ocr.second import second_readings
from pipeline.reading.pages import PDF
from pipeline.reading.pdf.verify import verify
from pipeline.route import route


def understand(
    path: Path,
    media_type: str,
    settings: Settings,
    progress: Callable[[int], None] = lambda _page: None,
    memory: Memory | None = None,
) -> Understanding:
    """Read, classify, extract, check and route one file. ``progress`` is told each page number as its reading ends.

    What ``memory`` knows is not read again. Names and addresses that OCR read are read again and extracted anew, and
    fields that decide are read once more by the other engine, before the checks. Fields of a text layer that decide
    are compared with the drawn page before the document may go on without a person.

    Raises:
        UnreadableDocument: the file can't be read; its ``code`` says why.
    """
    start = time.perf_counter()
    memory = memory or NoMemory()
    reading = read(path, media_type, settings, progress, memory)
    classification = classify(reading, settings.our_names, settings.our_ids)
    kind = document_types()[classification.type]
    extraction = extract(reading, kind, our_names=settings.our_names, our_ids=settings.our_ids)
    named = names_again(path, media_type, reading, kind, extraction, settings=settings, memory=memory)
    if named is not reading:
        reading = named
        extraction = extract(reading, kind, our_names=settings.our_names, our_ids=settings.our_ids)
    extraction, compared = second_readings(
        path, media_type, reading, kind, extraction, settings=settings, memory=memory
    )
    findings = (*reading.findings, *compared, *check(reading, kind, extraction, ours=our_company(settings)))
    decision = route(kind, classification, extraction, findings, settings)
    if decision.route is Route.AUTO and media_type == PDF:
        extraction, noticed = verify(path, reading, kind, extraction, settings.limits, memory=memory)
        findings += noticed
        decision = route(kind, classification, extraction, findings, settings)
    return Understanding(reading, classification, extraction, findings, decision, time.perf_counter() - start)
