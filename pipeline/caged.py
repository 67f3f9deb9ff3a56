"""What the pipeline asks of a document, each in a child process: read it, understand it, draw a page of it.

The functions with a leading underscore run in the child; paths must be absolute there, because the child works
in a folder of its own. Settings cross as JSON, and explicit values win over the child's environment.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from models.records import Reading, Understanding, from_json, to_json
from models.settings import Limits, Settings
from pipeline.tools.cage import run_caged

Progress = Callable[[int], None]


def _ask(function: str, path: Path, media_type: str, settings: Settings, progress: Progress | None) -> bytes:
    values = settings.model_dump(mode="json", exclude={"database_url"})  # the child has no business in the database
    warm = {name: values[name] for name in ("languages", "tesseract")}
    return run_caged(
        function, str(path.absolute()), media_type, values, limits=settings.limits, progress=progress, warm=warm
    )


def understand_caged(
    path: Path, media_type: str, settings: Settings, progress: Progress | None = None
) -> Understanding:
    """Run `pipeline.stages.understand` on a file in a cage.

    Raises:
        UnreadableDocument: see `pipeline.tools.cage.run_caged`.
        MissingTool: a language or program is not installed.
    """
    return from_json(Understanding, _ask("pipeline.caged:_understand", path, media_type, settings, progress))


def read_caged(path: Path, media_type: str, settings: Settings, progress: Progress | None = None) -> Reading:
    """Run `pipeline.reading.read` on a file in a cage.

    Raises:
        UnreadableDocument: see `pipeline.tools.cage.run_caged`.
        MissingTool: a language or program is not installed.
    """
    return from_json(Reading, _ask("pipeline.caged:_read", path, media_type, settings, progress))


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


def _understand(path: str, media_type: str, settings: dict[str, object], progress: Progress) -> bytes:
    from pipeline.stages import understand

    return to_json(understand(Path(path), media_type, _settings(settings), progress))


def _read(path: str, media_type: str, settings: dict[str, object], progress: Progress) -> bytes:
    from pipeline.reading import read

    return to_json(read(Path(path), media_type, _settings(settings), progress))


def _render_page(  # noqa: PLR0917 - arguments cross as a list
    path: str, media_type: str, number: int, turned: int, dpi: int, limits: dict[str, object], progress: Progress
) -> bytes:
    from pipeline.reading import render_page

    del progress  # one page; the clock runs once
    return render_page(
        Path(path), media_type, number, turned=turned, dpi=dpi, limits=Limits.model_validate_json(json.dumps(limits))
    )


def _settings(values: dict[str, object]) -> Settings:
    return Settings(**values)  # type: ignore[arg-type]  # pydantic checks them
