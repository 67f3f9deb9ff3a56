"""Building the files: pages copied from PDFs as they are but for their turn, pictures wrapped without a new encoding.

What belongs to a whole file goes with its pages only where it must: layers (else hidden ones would be seen), and
embedded files, such as the XML of an e-invoice, with the file's first page. Outlines, scripts, threads, structure and
the ties between fields stay behind, for they lead to pages that are not there, and a page that was dropped must be in
the new file in no way. A signature says nothing about the new file and is left out of it; the original keeps it.

The same wishes about the same files give the same bytes: a build that was killed leaves no second version.

Threat: the files are strangers', so `compose` and `unlock` run in the cage and write only into its folder.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Callable, Generator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, BinaryIO

import pikepdf
from pikepdf import Array, Dictionary, Name

from models.errors import UnreadableDocument
from models.messages import say
from models.settings import Settings
from pipeline.tools import pdfium, qpdf, wrapping
from pipeline.tools.cage import run_caged

PDF = "application/pdf"
_MADE_FROM = "/PodatelnaMadeFrom"
_LENGTH_BYTES = 8
_FAILURES = (pikepdf.PdfError, TypeError, ValueError, AttributeError, KeyError, IndexError, RuntimeError)
_DROPPED_OF_PAGES = ("/B", "/AA", "/PieceInfo", "/Thumb", "/StructParents")
_DROPPED_OF_NOTES = ("/Dest", "/AA", "/StructParent")  # a pop-up's parent is a note of the same page
_OF_FIELDS = ("/FT", "/T", "/V", "/Ff", "/DA", "/Q", "/Opt", "/MaxLen")  # what a part of a field has from its parent
_ENCODINGS = ("utf-8", "cp1250", "latin-1")  # of passwords before PDF 2.0, whatever wrote the file

File = tuple[Path, str, str, list[tuple[float, float]]]
"""Path, media type, SHA-256, and the size in points of each page of a picture file as it lies."""
Page = tuple[int, int, int, bool]
"""Index of the file, page number from 1, degrees clockwise, and whether a person says that it stands upright so."""


def compose_caged(
    files: Sequence[File], outputs: Sequence[Sequence[Page]], settings: Settings
) -> Generator[BinaryIO, None, None]:
    """Build one PDF per output in a cage; each comes as an open file that lives until the next is asked for.

    Raises:
        UnreadableDocument: see `pipeline.tools.cage.run_caged`; ``limit:file_bytes`` where a new file is too large.
    """
    order = [[str(path.absolute()), media, sha256, sizes] for path, media, sha256, sizes in files]
    with tempfile.TemporaryFile(dir=settings.home) as whole:
        run_caged(
            "pipeline.rearrange.compose:compose",
            order,
            [[list(page) for page in output] for output in outputs],
            limits=settings.limits,
            into=whole,
        )
        yield from _pieces(whole, settings, len(outputs))


def unlock_caged(path: Path, password: str, settings: Settings) -> tuple[int, Generator[BinaryIO, None, None]]:
    """The number of pages of a locked PDF and its unlocked copy, made in a cage; the password goes nowhere else.

    Raises:
        UnreadableDocument: ``password`` where it is the wrong one; else as `pipeline.tools.cage.run_caged`.
    """
    whole = tempfile.TemporaryFile(dir=settings.home)  # noqa: SIM115 - closed by whoever takes the copy
    try:
        run_caged(
            "pipeline.rearrange.compose:unlock", str(path.absolute()), password, limits=settings.limits, into=whole
        )
        whole.seek(0)
        pages = int.from_bytes(whole.read(_LENGTH_BYTES))
        if not 1 <= pages <= settings.limits.pages:
            message = say(
                "A PDF of {pages} pages is over the limit of {limit}.",
                pages=pages,
                limit=settings.limits.pages,
            )
            raise UnreadableDocument("limit:pages", message)
    except BaseException:
        whole.close()
        raise
    return pages, _unlocked(whole, settings)


def _unlocked(whole: BinaryIO, settings: Settings) -> Generator[BinaryIO, None, None]:
    with whole:
        yield from _pieces(whole, settings, 1, start=_LENGTH_BYTES)


def _pieces(whole: BinaryIO, settings: Settings, count: int, start: int = 0) -> Generator[BinaryIO, None, None]:
    """The files in what a child sent: each after its length. A child that was taken over may send anything."""
    end = whole.seek(0, 2)
    for _ in range(count):
        whole.seek(start)
        length = int.from_bytes(whole.read(_LENGTH_BYTES))
        start += _LENGTH_BYTES
        if not 0 < length <= end - start:
            raise UnreadableDocument("crash", say("The process that builds files spoke nonsense."))
        if length > settings.limits.file_bytes:
            message = say(
                "A new file would have {length} bytes; at most {limit} are allowed.",
                length=length,
                limit=settings.limits.file_bytes,
            )
            raise UnreadableDocument("limit:file_bytes", message)
        with tempfile.TemporaryFile(dir=settings.home) as piece:
            left = length
            while left and (data := whole.read(min(left, 1 << 20))):
                piece.write(data)
                left -= len(data)
            piece.flush()
            yield piece
        start += length


def compose(files: list[list[Any]], outputs: list[list[list[Any]]], *, progress: Callable[[int], None]) -> Path:
    """In the cage: build the outputs; the result holds each after its length. ``progress`` is told every page.

    Raises:
        UnreadableDocument: ``damaged`` or ``password``.
    """
    with ExitStack() as stack:
        opened = [stack.enter_context(qpdf.open_pdf(_as_pdf(number, *one))) for number, one in enumerate(files)]
        for pdf in opened:
            pdf.pages  # noqa: B018 - what pages inherit is pushed down to them before they are looked at
        target = Path("made")
        with target.open("wb") as out:
            for output in outputs:
                try:
                    data = _build(opened, files, output, progress)
                except _FAILURES as error:
                    message = say("The pages can't be put together ({error}).", error=type(error).__name__)
                    raise UnreadableDocument("damaged", message) from error
                size = data.stat().st_size
                out.write(size.to_bytes(_LENGTH_BYTES))
                with data.open("rb") as piece:
                    while chunk := piece.read(1 << 20):
                        out.write(chunk)
                data.unlink()
    return target


def _as_pdf(number: int, path: str, media_type: str, _sha256: str, sizes: list[list[float]]) -> Path:
    if media_type == PDF:
        return Path(path)
    target = Path(f"wrapped-{number}.pdf")
    wrapping.wrap(Path(path), target, [(wide, high) for wide, high in sizes])
    return target


def _build(
    opened: list[pikepdf.Pdf], files: list[list[Any]], output: list[list[Any]], progress: Callable[[int], None]
) -> Path:
    made = pikepdf.Pdf.new()
    prepared: set[tuple[int, int]] = set()
    for place, (index, number, turn, _upright) in enumerate(output, start=1):
        source = opened[index]
        if not 1 <= number <= len(source.pages):
            raise UnreadableDocument("no-page", say("The file has no page {number}.", number=number))
        page = source.pages[number - 1]
        if (index, number) not in prepared:
            prepared.add((index, number))
            _let_go(page)
        made.pages.append(page)
        if turn:
            made.pages[-1].rotate(turn, relative=True)
        progress(place)
    used = list(dict.fromkeys(index for index, *_ in output))
    _layers(made, [opened[index] for index in used])
    _fields(made, [opened[index] for index in used])
    _embedded(made, [opened[index] for index in used if [index, 1] in [one[:2] for one in output]])
    recipe = json.dumps([[files[index][2], number, turn, upright] for index, number, turn, upright in output])
    made.docinfo[_MADE_FROM] = hashlib.sha256(recipe.encode()).hexdigest()  # so two ways to the same pages stay two
    if upright := [str(place) for place, one in enumerate(output, start=1) if one[3]]:
        made.docinfo[f"/{pdfium.UPRIGHT}"] = " ".join(upright)
    target = Path("output.pdf")
    made.save(target, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return target


def _let_go(page: pikepdf.Page) -> None:
    """Cut what leads from a page to the rest of its file, so that no other page comes along."""
    for key in _DROPPED_OF_PAGES:
        if key in page.obj:
            del page.obj[key]
    notes = page.obj.get("/Annots")
    for note in list(notes) if isinstance(notes, Array) else []:
        if not isinstance(note, Dictionary):
            continue
        dropped = list(_DROPPED_OF_NOTES)
        if note.get("/Subtype") == Name.Widget:
            for key in _OF_FIELDS:
                if key not in note and (value := _inherited(note, key)) is not None:
                    note[key] = value
            dropped += ["/Parent", *(["/V"] if note.get("/FT") == Name.Sig else [])]
        action = note.get("/A")
        if isinstance(action, Dictionary) and action.get("/S") != Name.URI:
            dropped.append("/A")
        for key in dropped:
            if key in note:
                del note[key]


def _inherited(field: Dictionary, key: str) -> pikepdf.Object | None:
    node: pikepdf.Object | None = field
    for _ in range(10):
        if not isinstance(node, Dictionary):
            return None
        if key in node:
            return node[key]
        node = node.get("/Parent")
    return None


def _fields(made: pikepdf.Pdf, sources: list[pikepdf.Pdf]) -> None:
    """Fields stay to be seen: each part of one is a field by itself now (programs show none that no form has)."""
    fields = []
    for page in made.pages:
        notes = page.obj.get("/Annots")
        if not isinstance(notes, Array):
            continue
        for place, note in enumerate(list(notes)):
            if isinstance(note, Dictionary) and note.get("/Subtype") == Name.Widget and note.get("/FT") != Name.Sig:
                if not note.is_indirect:
                    notes[place] = made.make_indirect(note)
                fields.append(notes[place])
    forms = [(one, form) for one in sources if isinstance(form := one.Root.get("/AcroForm"), Dictionary)]
    if not fields or not forms:
        return
    made.Root.AcroForm = Dictionary(Fields=Array(fields))
    source, form = forms[0]
    if isinstance(fonts := form.get("/DR"), Dictionary):  # for what has no look of its own
        made.Root.AcroForm.DR = made.copy_foreign(fonts if fonts.is_indirect else source.make_indirect(fonts))
    if (style := form.get("/DA")) is not None:
        made.Root.AcroForm.DA = pikepdf.String(str(style))
    if any(one.get("/NeedAppearances") for _, one in forms):
        made.Root.AcroForm.NeedAppearances = True


def _layers(made: pikepdf.Pdf, sources: list[pikepdf.Pdf]) -> None:
    """Optional content stays as visible as it was (ISO 32000-2, 8.11.4): on but for what is named as off."""
    groups, hidden = [], []
    for source in sources:
        layers = source.Root.get("/OCProperties")
        own = layers.get("/OCGs") if isinstance(layers, Dictionary) else None
        if not isinstance(layers, Dictionary) or not isinstance(own, Array):
            continue
        default = layers.get("/D")
        default = default if isinstance(default, Dictionary) else Dictionary()
        on, off = ({one.objgen for one in default.get(key, Array())} for key in ("/ON", "/OFF"))
        base_off = default.get("/BaseState") == Name.OFF
        for group in own:
            if not group.is_indirect:
                continue
            copy = made.copy_foreign(group)
            groups.append(copy)
            if group.objgen in off or (base_off and group.objgen not in on):
                hidden.append(copy)
    if groups:
        made.Root.OCProperties = Dictionary(OCGs=Array(groups), D=Dictionary(OFF=Array(hidden)))


def _embedded(made: pikepdf.Pdf, sources: list[pikepdf.Pdf]) -> None:
    """Embedded files, both by name and as associated files, where programs look for e-invoices."""
    found = [
        made.copy_foreign(spec if spec.is_indirect else source.make_indirect(spec))
        for source in sources
        for spec in qpdf.file_specifications(source)
    ]
    if found:
        named = [part for number, spec in enumerate(found) for part in (pikepdf.String(f"{number:04}"), spec)]
        made.Root.Names = Dictionary(EmbeddedFiles=Dictionary(Names=Array(named)))
        made.Root.AF = Array(found)


def unlock(path: str, password: str, *, progress: Callable[[int], None]) -> Path:
    """In the cage: the number of pages, then the length and bytes of the same PDF without its lock.

    Raises:
        UnreadableDocument: ``password`` where that is the wrong one, ``damaged`` where none opens it.
    """
    del progress  # the clock runs once
    copy = Path("unlocked.pdf")
    with _opened(path, password) as pdf:
        count = len(pdf.pages)
        pdf.save(copy, deterministic_id=True, encryption=False)
    target = Path("made")
    with target.open("wb") as out, copy.open("rb") as data:
        out.write(count.to_bytes(_LENGTH_BYTES) + copy.stat().st_size.to_bytes(_LENGTH_BYTES))
        while chunk := data.read(1 << 20):
            out.write(chunk)
    return target


def _opened(path: str, password: str) -> pikepdf.Pdf:
    tried: set[bytes] = set()
    for encoding in _ENCODINGS:
        try:
            secret = password.encode(encoding)
        except UnicodeEncodeError:
            continue
        if secret in tried:
            continue
        tried.add(secret)
        try:
            return pikepdf.open(path, password=secret, suppress_warnings=True)
        except pikepdf.PasswordError:
            continue
        except (pikepdf.PdfError, ValueError, OSError, RuntimeError) as error:
            message = say("No password opens this PDF ({error}).", error=type(error).__name__)
            raise UnreadableDocument("damaged", message) from error
    raise UnreadableDocument("password", say("This is not the password of the PDF."))
