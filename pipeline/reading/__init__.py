"""Reading: from a file to words with boxes, page by page. Runs in the cage, for it opens a stranger's bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from models.errors import UnreadableDocument
from models.messages import say
from models.records import Finding, Page, Reading, Severity, Source
from models.settings import Limits, Settings
from pipeline.reading import einvoices
from pipeline.reading.isdocx import preview
from pipeline.reading.known import Memory, NoMemory, Read, recall, remember
from pipeline.reading.ocr.languages import Languages
from pipeline.reading.pages import PDF, draw, no_page, read_images
from pipeline.reading.pdf.bombs import refuse_bombs
from pipeline.reading.pdf.pages import read_pdf
from pipeline.tools import engines, images

__all__ = ["read", "read_pages", "render_page"]

_NOTHING = NoMemory()


def read(
    path: Path, media_type: str, settings: Settings, progress: Callable[[int], None], memory: Memory = _NOTHING
) -> Reading:
    """Read all words of a file, and the e-invoice in it.

    Boxes are PDF points from the top left of the upright page. ``progress`` is told each page's number when it
    is done, read anew or known to ``memory``. Idempotent, writes nothing but temporary files.

    Raises:
        UnreadableDocument: with the code ``password``, ``damaged``, ``incomplete``, ``type`` or ``limit:<which>``.
        MissingTool: Tesseract or one of its languages is not installed.
    """
    if media_type in einvoices.DATA:
        _check_size(path, settings)
        data, noticed = einvoices.from_data(path, media_type, settings.limits)
        if media_type == einvoices.ISDOCX:
            return _with_preview(Reading(media_type, (), data, tuple(noticed)), path, settings, progress, memory)
        return Reading(media_type, einvoice=data, findings=tuple(noticed))
    pages: list[Page] = []
    findings: list[Finding] = []
    for page, noticed in read_pages(path, media_type, settings, memory):
        pages.append(page)
        findings.extend(noticed)
        progress(page.number)
    einvoice = None
    if media_type == PDF:
        einvoice, noticed = einvoices.from_pdf(path, len(pages), settings.limits)
        findings += [*noticed, *einvoices.several_files(path)]
    if einvoice is None and all(page.source is Source.BLANK and not page.codes for page in pages):
        if media_type == PDF:
            refuse_bombs(path, settings.limits)
        findings.append(Finding("blank", Severity.WARNING, say("Nothing can be seen on any page.")))
    return Reading(media_type, tuple(pages), einvoice, tuple(findings))


def _with_preview(
    reading: Reading, path: Path, settings: Settings, progress: Callable[[int], None], memory: Memory
) -> Reading:
    """The reading of an archive with the pages of the PDF in it that shows its invoice; a PDF that fails is told."""
    pages: list[Page] = []
    findings = list(reading.findings)
    try:
        with preview(path, settings.limits) as pdf:
            for page, noticed in read_pages(pdf, PDF, settings, memory) if pdf else ():
                pages.append(page)
                findings.extend(noticed)
                progress(page.number)
    except UnreadableDocument as error:
        pages.clear()
        message = say(
            "The PDF that shows the invoice can't be read ({code}), so it was not compared with the data.",
            code=error.code,
        )
        findings.append(Finding("preview-unread", Severity.WARNING, message))
    return replace(reading, pages=tuple(pages), findings=tuple(findings))


def read_pages(path: Path, media_type: str, settings: Settings, memory: Memory = _NOTHING) -> Iterator[Read]:
    """The pages of a PDF or picture file one by one, each with what was noticed on it; only one is in memory.

    A page that ``memory`` knows is not even opened, one that it does not know is given to it.

    Raises:
        UnreadableDocument, MissingTool: as `read` does, when the first page is asked for or a later one fails.
    """
    engines.use(settings)
    _check_size(path, settings)
    recalled = set()
    languages = Languages(settings.languages)

    def known(number: int) -> Read | None:
        before = recall(memory, number, languages)
        if before is not None:
            recalled.add(number)
        return before

    if media_type == PDF:
        source = read_pdf(path, settings, languages, known)
    elif media_type in images.FORMATS:
        source = read_images(path, media_type, settings, languages, known)
    else:
        raise UnreadableDocument("type", say("Only PDF, TIFF, PNG, JPEG and WebP files have pages to read."))
    for page, findings in source:
        if page.number not in recalled:
            remember(memory, page, findings, languages)
        yield page, findings


def _check_size(path: Path, settings: Settings) -> None:
    if path.stat().st_size > settings.limits.file_bytes:
        raise UnreadableDocument("limit:file_bytes", say("The file is larger than the limits allow."))


def render_page(path: Path, media_type: str, number: int, *, turned: int = 0, dpi: int = 110, limits: Limits) -> bytes:
    """Draw page ``number`` (from 1) as a PNG, turned clockwise by ``turned`` degrees so that it stands upright.

    The picture of a PDF has ``dpi`` pixels to the inch (fewer where the page would be too large); that of an image
    file never more than the file has. Boxes of `models.records.Page` times ``picture width / page width`` fit it.

    Raises:
        UnreadableDocument: as `read` does, and ``no-page`` if there is no such page.
    """
    if media_type == einvoices.ISDOCX:
        with preview(path, limits) as pdf:
            if pdf is None:
                raise no_page(number, 0)
            return images.encode_png(draw(pdf, PDF, number, turned=turned, dpi=dpi, limits=limits))
    return images.encode_png(draw(path, media_type, number, turned=turned, dpi=dpi, limits=limits))
