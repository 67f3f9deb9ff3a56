"""What the pipeline asks of a document, each in a child process: read it, understand it, draw a page of it.

The functions with a leading underscore run in the child; paths must be absolute there, because the child works
in a folder of its own. Settings cross as JSON, and explicit values win over the child's environment.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from models.records import Box, Page, Reading, Table, Tables, Understanding, from_json, to_json
from models.settings import Limits, Settings
from pipeline.page_cache import Shelf, Writer
from pipeline.tools.cage import run_caged

if TYPE_CHECKING:
    from pipeline.tools.cage_server import Line

Progress = Callable[[int], None]


def _ask(  # noqa: PLR0917 - what the functions below were given
    function: str,
    path: Path,
    media_type: str,
    settings: Settings,
    progress: Progress | None,
    shelf: Shelf | None,
    into: BinaryIO | None = None,
) -> bytes:
    values = _values(settings)
    return run_caged(
        function,
        str(path.absolute()),
        media_type,
        values,
        [str(shelf.folder), shelf.fingerprint] if shelf else None,
        limits=settings.limits,
        progress=progress,
        keep=Writer(settings, shelf) if shelf else None,
        into=into,
        warm={name: values[name] for name in ("languages", "tesseract")},
    )


def _values(settings: Settings) -> dict[str, object]:
    """The settings as JSON knows them, without the database, in which the child has no business."""
    return settings.model_dump(mode="json", exclude={"database_url"})


def understand_caged(
    path: Path, media_type: str, settings: Settings, progress: Progress | None = None, shelf: Shelf | None = None
) -> Understanding:
    """Run `pipeline.stages.understand` on a file in a cage. What ``shelf`` holds of it is not read again.

    Raises:
        UnreadableDocument: see `pipeline.tools.cage.run_caged`.
        MissingTool: a language or program is not installed.
    """
    return from_json(Understanding, _ask("pipeline.caged:_understand", path, media_type, settings, progress, shelf))


def read_caged(
    path: Path, media_type: str, settings: Settings, progress: Progress | None = None, shelf: Shelf | None = None
) -> Reading:
    """Run `pipeline.reading.read` on a file in a cage. What ``shelf`` holds of it is not read again.

    Raises:
        UnreadableDocument: see `pipeline.tools.cage.run_caged`.
        MissingTool: a language or program is not installed.
    """
    return from_json(Reading, _ask("pipeline.caged:_read", path, media_type, settings, progress, shelf))


def searchable_caged(  # noqa: PLR0917 - as `read_caged`, and where to
    path: Path,
    media_type: str,
    settings: Settings,
    into: BinaryIO,
    progress: Progress | None = None,
    shelf: Shelf | None = None,
) -> None:
    """Run `pipeline.searchable.write` on a file in a cage; the PDF goes to ``into``, in pieces.

    Raises:
        UnreadableDocument: see `pipeline.tools.cage.run_caged`, and ``protected``. ``into`` may hold a part then.
        MissingTool: a language or program is not installed.
    """
    _ask("pipeline.caged:_searchable", path, media_type, settings, progress, shelf, into)


def tables_caged(
    path: Path, media_type: str, settings: Settings, progress: Progress | None = None, shelf: Shelf | None = None
) -> tuple[Table, ...]:
    """Read a file in a cage and find the tables on its pages (`pipeline.reading.tables.find_tables`).

    Raises:
        UnreadableDocument: see `pipeline.tools.cage.run_caged`.
        MissingTool: a language or program is not installed.
    """
    return from_json(Tables, _ask("pipeline.caged:_tables", path, media_type, settings, progress, shelf)).tables


def render_page_caged(
    path: Path, media_type: str, number: int, settings: Settings, *, turned: int = 0, dpi: int = 110
) -> bytes:
    """Draw page ``number`` (from 1) of a file upright, as a PNG, in a cage.

    Raises:
        UnreadableDocument: see `pipeline.tools.cage.run_caged`.
    """
    return run_caged(
        "pipeline.caged:_render_page",
        str(path.absolute()),
        media_type,
        number,
        turned,
        dpi,
        settings.limits.model_dump(mode="json"),
        limits=settings.limits,
    )


def read_region_caged(path: Path, media_type: str, page: Page, box: Box, settings: Settings) -> Page:
    """Run `pipeline.reading.region.read_region` in a cage.

    Raises:
        UnreadableDocument: see `pipeline.tools.cage.run_caged`.
        MissingTool: an engine is not installed.
    """
    return from_json(
        Page,
        run_caged(
            "pipeline.caged:_read_region",
            str(path.absolute()),
            media_type,
            json.loads(to_json(replace(page, words=(), blocks=(), codes=()))),
            list(box),
            _values(settings),
            limits=settings.limits,
        ),
    )


def show_caged(path: Path, media_type: str, number: int, stage: str, settings: Settings) -> bytes:
    """Page ``number`` (from 1) of a file after a step of the clean-up (`pipeline.reading.shown`), as a PNG, in a cage.

    Raises:
        UnreadableDocument: see `pipeline.tools.cage.run_caged`, and ``damaged`` if there is no such page.
        MissingTool: a language or program is not installed.
    """
    return run_caged(
        "pipeline.caged:_show",
        str(path.absolute()),
        media_type,
        number,
        stage,
        _values(settings),
        limits=settings.limits,
    )


@dataclass(frozen=True, slots=True)
class _Memory:
    """What the child knows of its file: it reads the shelf itself and hands what is new to its parent."""

    shelf: Shelf | None
    line: Line

    def get(self, name: str) -> bytes | None:
        return self.shelf.get(name) if self.shelf else None

    def keep(self, name: str, data: bytes) -> None:
        if self.shelf:
            self.line.keep(name, data)


def _memory(shelf: list[str] | None, line: Line) -> _Memory:
    return _Memory(Shelf(Path(shelf[0]), shelf[1]) if shelf else None, line)


def _understand(
    path: str, media_type: str, settings: dict[str, object], shelf: list[str] | None = None, *, progress: Line
) -> bytes:
    from pipeline.stages import understand

    return to_json(understand(Path(path), media_type, _settings(settings), progress, _memory(shelf, progress)))


def _read(
    path: str, media_type: str, settings: dict[str, object], shelf: list[str] | None = None, *, progress: Line
) -> bytes:
    from pipeline.reading import read

    return to_json(read(Path(path), media_type, _settings(settings), progress, _memory(shelf, progress)))


def _tables(
    path: str, media_type: str, settings: dict[str, object], shelf: list[str] | None = None, *, progress: Line
) -> bytes:
    from pipeline.reading import read
    from pipeline.reading.tables import find_tables

    ours = _settings(settings)
    reading = read(Path(path), media_type, ours, progress, _memory(shelf, progress))
    found: list[Table] = []
    for page in reading.pages:
        found += find_tables(Path(path), media_type, reading, ours, {page.number})
        progress(page.number)
    return to_json(Tables(tuple(found)))


def _searchable(
    path: str, media_type: str, settings: dict[str, object], shelf: list[str] | None = None, *, progress: Line
) -> Path:
    from pipeline.searchable import write

    target = Path("searchable.pdf")  # in the child's folder
    write(Path(path), media_type, target, _settings(settings), progress, _memory(shelf, progress))
    return target


def _render_page(  # noqa: PLR0917 - arguments cross as a list
    path: str, media_type: str, number: int, turned: int, dpi: int, limits: dict[str, object], progress: Progress
) -> bytes:
    from pipeline.reading import render_page

    del progress  # one page; the clock runs once
    return render_page(
        Path(path), media_type, number, turned=turned, dpi=dpi, limits=Limits.model_validate_json(json.dumps(limits))
    )


def _read_region(  # noqa: PLR0917 - arguments cross as a list
    path: str,
    media_type: str,
    page: dict[str, object],
    box: list[float],
    settings: dict[str, object],
    progress: Progress,
) -> bytes:
    from pipeline.reading.region import read_region

    del progress  # a few words; the clock runs once
    x0, y0, x1, y1 = box
    bare = from_json(Page, json.dumps(page))
    return to_json(read_region(Path(path), media_type, bare, (x0, y0, x1, y1), _settings(settings)))


def _show(  # noqa: PLR0917 - arguments cross as a list
    path: str, media_type: str, number: int, stage: str, settings: dict[str, object], progress: Progress
) -> bytes:
    from pipeline.reading import shown
    from pipeline.tools.images import encode_png

    del progress  # one page; the clock runs once
    return encode_png(shown.stage(Path(path), media_type, number, stage, _settings(settings)))


def _settings(values: dict[str, object]) -> Settings:
    return Settings(**values)  # type: ignore[arg-type]  # pydantic checks them
