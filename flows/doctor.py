"""``podatelna doctor``: what is here, what is missing, and the command that mends it."""

from __future__ import annotations

import importlib.metadata
import os
import shutil
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from models.errors import PodatelnaError
from models.settings import RapidOcrRuntime, Settings

_FREE_BYTES = 1024**3


@dataclass(frozen=True)
class Check:
    """One thing looked at: ``well`` or not, the facts, and the command that mends it where it is not."""

    name: str
    well: bool
    detail: str
    mend: str = ""

    @property
    def mark(self) -> str:
        """A tick or a cross."""
        return "[green]✓[/]" if self.well else "[red]✗[/]"

    def as_dict(self) -> dict[str, object]:
        """For ``--json``."""
        return asdict(self)


def _packages() -> Check:
    names = ("prefect", "spacy", "rapidocr", "onnxruntime", "opencv-python-headless", "pdfplumber", "pypdfium2")
    versions, missing = [], []
    for name in names:
        try:
            versions.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            missing.append(name)
    if missing:
        return Check("packages", False, f"missing: {', '.join(missing)}", "make setup")
    return Check("packages", True, ", ".join(versions))


def _engines(settings: Settings) -> list[Check]:
    from pipeline.tools import engines, rapidocr

    engines.use(settings)
    try:
        strong = Check("rapidocr", True, rapidocr.version())
    except PodatelnaError as error:
        mend = ".venv/bin/pip install openvino" if settings.rapidocr is RapidOcrRuntime.OPENVINO else "make setup"
        strong = Check("rapidocr", False, str(error), mend)
    return [*_tesseract(settings), strong]


def _tesseract(settings: Settings) -> list[Check]:
    from pipeline.tools import tesseract

    try:
        version, languages = tesseract.version(), tesseract.languages()
    except PodatelnaError as error:
        return [Check("tesseract", False, str(error), "sudo apt-get install tesseract-ocr tesseract-ocr-osd")]
    wanted = [*settings.languages, "osd"]
    missing = [one for one in wanted if one not in languages]
    packages = " ".join(f"tesseract-ocr-{one.replace('_', '-')}" for one in missing)
    threads = os.environ.get("OMP_THREAD_LIMIT")
    return [
        Check("tesseract", True, f"{version}, {'one thread' if threads == '1' else 'one thread (set by the cage)'}"),
        Check(
            "languages",
            not missing,
            f"missing: {', '.join(missing)}" if missing else ", ".join(wanted),
            f"sudo apt-get install {packages}" if missing else "",
        ),
    ]


def _classifier() -> Check:
    from pipeline.classify import warm

    try:
        warm()
    except (PodatelnaError, OSError) as error:
        return Check("classifier", False, str(error), "podatelna train classifier")
    return Check("classifier", True, "spaCy weights load")


def _folders(settings: Settings) -> list[Check]:
    home = settings.home.absolute()
    there = next(path for path in (home, *home.parents) if path.exists())
    if not os.access(there, os.W_OK):
        return [Check("home", False, f"{home}: {there} can't be written", f"sudo chown $USER {there}")]
    free = shutil.disk_usage(there).free
    folders = [path for path in (settings.inbox, settings.work, settings.vault, settings.quarantine) if path.exists()]
    one_disk = len({Path(path).stat().st_dev for path in folders}) <= 1
    return [
        Check(
            "home",
            one_disk,
            f"{home}" if one_disk else f"{home}: inbox, work, vault and quarantine must lie on one file system",
            "" if one_disk else "move them onto one file system (a claim is a rename)",
        ),
        Check("disk", free > _FREE_BYTES, f"{free / 1024**3:.1f} GiB free", "" if free > _FREE_BYTES else "make room"),
        _cache(settings),
    ]


def _cache(settings: Settings) -> Check:
    from pipeline.page_cache import size

    pages, taken = size(settings)
    most = f"{taken / 1024**2:.0f} of at most {settings.cache_bytes / 1024**2:.0f} MiB"
    return Check("cache", True, f"{pages} pages need not be read again, {most}" if settings.cache_bytes else "off")


def _database(settings: Settings) -> Check:
    from pipeline.store import Store

    url = make_url(settings.url).render_as_string(hide_password=True)
    try:
        with Store.open(settings):
            return Check("database", True, f"{url}, schema up to date")
    except (PodatelnaError, SQLAlchemyError, OSError) as error:
        return Check("database", False, f"{url}: {error}", "check PODATELNA_DATABASE_URL and that the server runs")


def examine(settings: Settings) -> list[Check]:
    """Look at everything that a run needs; what is missing is a check that is not well, never an exception."""
    ours = importlib.metadata.version("podatelna")
    return [
        Check("podatelna", True, f"{ours}, Python {sys.version.split()[0]}, {settings.workers} workers"),
        _packages(),
        *_engines(settings),
        _classifier(),
        *_folders(settings),
        _database(settings),
    ]
