"""Runs the real pipeline over documents with known truth: every file in its cage, pages from the cache where it can."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from models.errors import QUARANTINE_CODES, UnreadableDocument
from models.settings import Settings
from pipeline.caged import understand_caged
from pipeline.evaluate.judge import Judged, judge, judge_refused
from pipeline.evaluate.truth import Truth
from pipeline.intake import is_complete, sniff
from pipeline.page_cache import shelf_of


def judge_all(
    truths: Sequence[Truth], settings: Settings, progress: Callable[[], None] = lambda: None
) -> tuple[Judged, ...]:
    """Understand every document as `podatelna run` would, without loading it, and judge it; in the order of ``truths``.

    ``progress`` is called as each is done. Only the cache of the home is written to, which is made if it is not there,
    so that the next run reads nothing twice.

    Raises:
        MissingTool: a language or program is not installed.
        OSError: a file can't be read, or the home can't be made.
    """
    if settings.cache_bytes:
        settings.home.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(settings.workers) as pool:
        return tuple(_as_done(pool.map(lambda truth: _judged(truth, settings), truths), progress))


def _as_done(judged: Iterator[Judged], progress: Callable[[], None]) -> Iterator[Judged]:
    for one in judged:
        progress()
        yield one


def _judged(truth: Truth, settings: Settings) -> Judged:
    path = truth.path.resolve()
    media_type = sniff(path)
    if media_type is None:
        return judge_refused(truth, "", "type", QUARANTINE_CODES["type"])
    if not is_complete(path, media_type):  # intake waits for the rest, and then refuses it
        return judge_refused(truth, media_type, "incomplete", QUARANTINE_CODES["incomplete"])
    shelf = shelf_of(settings, path, media_type)
    try:
        return judge(truth, media_type, understand_caged(path, media_type, settings, None, shelf), settings)
    except UnreadableDocument as error:
        return judge_refused(truth, media_type, error.code, str(error))
