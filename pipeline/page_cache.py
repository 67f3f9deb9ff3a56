"""What was read of a file is kept, so that a second run reads nothing twice and a killed one goes on where it was.

Only a cache: the folder may be emptied at any time, and no page is worse for it. An entry is one page, and its key
is all that decides what is read: the SHA-256 of the whole file, the page's number, and the `fingerprint` of
settings, engines, languages and our own code.

Threat: the child that reads may be taken over by its document. So the child only reads the folder of its own file,
and the *parent* writes what the child hands over, always under the hash that the parent has computed: a bad child
can spoil the words of its own document, which it could anyway, and of no other. An entry that is torn or was put in the
place of another is told by its seal and ignored. The seal is no signature: who can write the home can write this.

Entries hold the words of documents: they lie in the home, mode 0600, and `forget` removes those of one file.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import importlib.metadata
import os
import secrets
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from models.settings import Settings

_ROOT = Path(__file__).resolve().parents[1]
CODE = (
    "pipeline/reading",
    "pipeline/tools",
    "extractors/values",
    "extractors/mrz.py",
    "models/messages.py",
    "models/records.py",
    "models/weights/reading",
)
"""What of ours decides which words are read; a test holds the imports of `pipeline.reading` against it."""

_PACKAGES = (
    "numpy", "opencv-python", "opencv-python-headless", "pillow", "pypdfium2", "pdfplumber", "pdfminer-six", "pikepdf",
    "pytesseract", "tesserocr", "rapidocr", "onnxruntime", "openvino", "zxing-cpp", "lightgbm", "spacy",
)  # fmt: skip
_LANGUAGE_FOLDERS = ("usr/share/tesseract-ocr/*/tessdata", "usr/share/tessdata", "usr/local/share/tessdata")
_IRRELEVANT = frozenset({
    "home", "database_url", "workers", "our_names", "our_ids", "settle_seconds", "patience_seconds", "lease_seconds",
    "review_lease_seconds", "max_attempts", "type_threshold", "field_threshold", "host", "desk_port", "prefect_port",
    "ingest_every_seconds", "process_every_seconds", "housekeeping_every_seconds", "chunk_documents", "cache_bytes",
    "desk_url", "four_eyes_above", "four_eyes_types", "session_seconds", "session_idle_seconds",
    "station_priorities", "put_aside_hours",
})  # fmt: skip
"""Settings that change no word; one that is added counts until it is named here."""
_IRRELEVANT_LIMITS = frozenset({
    "file_bytes", "pages", "tiff_frames", "attachments", "attachment_bytes", "xml_bytes", "memory_bytes",
    "page_seconds", "result_bytes",
})  # fmt: skip
_MARK = b"podatelna page 1\n"
_SEAL_BYTES = 32
_PRUNE_EVERY = 16  # when so large a part of the bound was written by this process, it prunes by itself


@dataclass(frozen=True, slots=True)
class Shelf:
    """What is kept of one file as read under one `fingerprint`. A name is of ``a-z``, ``0-9`` and ``-``."""

    folder: Path
    fingerprint: str
    source: Path | None = None  # a file outside of the vault, and its state before it was hashed
    state: tuple[int, ...] = ()

    def get(self, name: str) -> bytes | None:
        """The bytes that were put under ``name``; None where there are none, or they are not what was put."""
        path = self._path(name)
        try:
            data = path.read_bytes()
        except OSError:
            return None
        start = len(_MARK) + _SEAL_BYTES
        return data[start:] if data[:start] == self._head(path, data[start:]) else None

    def put(self, name: str, data: bytes) -> None:
        """Keep ``data`` under ``name``. A disk that is full or broken is no reason to stop reading: nothing is kept.

        Nor is anything of a file that was written to since it was hashed.
        """
        path = self._path(name)
        temporary = path.with_name(f".new-{os.getpid()}-{secrets.token_hex(4)}")
        with contextlib.suppress(OSError):
            if self.source is not None and _state(self.source) != self.state:
                return
            for folder in (self.folder.parents[1], self.folder.parent, self.folder):
                folder.mkdir(exist_ok=True, mode=0o700)
            try:
                with os.fdopen(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as out:
                    out.write(self._head(path, data) + data)
                temporary.replace(path)
            finally:
                temporary.unlink(missing_ok=True)

    def touch(self) -> None:
        """Note that it is in use: what was used longest ago goes first."""
        with contextlib.suppress(OSError):
            os.utime(self.folder)

    def _path(self, name: str) -> Path:
        return self.folder / f"{self.fingerprint}-{name}"

    def _head(self, path: Path, data: bytes) -> bytes:
        return _MARK + hashlib.sha256(f"{path.parent.name}/{path.name}\n".encode() + data).digest()


class Writer:
    """Puts the pages of one file on its shelf as they come, and keeps the cache within its bound."""

    _lock = threading.Lock()
    _written = 0  # by this process since it pruned last

    def __init__(self, settings: Settings, where: Shelf) -> None:
        self._settings = settings
        self._shelf = where

    def __call__(self, name: str, data: bytes) -> None:
        """Keep ``data`` under ``name``."""
        self._shelf.put(name, data)
        with Writer._lock:
            Writer._written += len(data)
            due = Writer._written > self._settings.cache_bytes / _PRUNE_EVERY
            if due:
                Writer._written = 0
        if due:
            prune(self._settings)


def shelf(settings: Settings, sha256: str, media_type: str) -> Shelf | None:
    """The shelf of the file with that hash; None where the settings keep none or there is no home."""
    if not settings.cache_bytes or not settings.home.is_dir():
        return None
    found = Shelf(settings.cache.absolute() / sha256[:2] / sha256, fingerprint(settings, media_type))
    found.touch()
    return found


def shelf_of(settings: Settings, path: Path, media_type: str) -> Shelf | None:
    """The shelf of a file that is not in the vault, and may change while we look.

    Raises:
        OSError: the file can't be read.
    """
    if not settings.cache_bytes or not settings.home.is_dir():
        return None
    state = _state(path)
    with path.open("rb") as file:
        found = shelf(settings, hashlib.file_digest(file, "sha256").hexdigest(), media_type)
    return found and replace(found, source=path, state=state)


def fingerprint(settings: Settings, media_type: str) -> str:
    """A short name for all that decides what is read of a file besides its bytes."""
    relevant = settings.model_dump_json(exclude=set(_IRRELEVANT) | {"limits"})
    limits = settings.limits.model_dump_json(exclude=set(_IRRELEVANT_LIMITS))
    parts = (media_type, relevant, limits, _engines(), code_version())
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:24]


@functools.cache
def code_version() -> str:
    """A hash of our code and weights that read."""
    digest = hashlib.sha256()
    for start in CODE:
        for path in sorted((_ROOT / start).rglob("*")) if (_ROOT / start).is_dir() else [_ROOT / start]:
            if path.is_file() and path.suffix != ".pyc":
                content = path.read_bytes()
                digest.update(f"{path.relative_to(_ROOT)} {len(content)}\n".encode() + content)
    return digest.hexdigest()


@functools.cache
def _engines() -> str:
    """Versions of the packages that read, and size and date of Tesseract and its languages."""
    found = []
    for name in _PACKAGES:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            found.append(f"{name} {importlib.metadata.version(name)}")
    named = os.environ.get("TESSDATA_PREFIX")
    folders = [one for pattern in _LANGUAGE_FOLDERS for one in sorted(Path("/").glob(pattern))]
    folders += [Path(named), Path(named) / "tessdata"] if named else []
    files = [path for folder in folders for path in sorted(folder.rglob("*.traineddata"))]
    program = shutil.which("tesseract")
    for path in [*files, *([Path(program)] if program else [])]:
        with contextlib.suppress(OSError):
            state = path.stat()
            found.append(f"{path} {state.st_size} {state.st_mtime_ns}")
    return "\n".join(found)


def size(settings: Settings) -> tuple[int, int]:
    """How many pages are kept, and how many bytes they and what was asked about them take."""
    entries = [entry for _, entries in _folders(settings) for entry in entries]
    return sum("-page-" in entry.name for entry in entries), sum(map(_bytes, entries))


def prune(settings: Settings) -> int:
    """Remove what was used longest ago, a file's pages at a time, until ``cache_bytes`` holds the rest.

    Returns:
        How many pages were removed. Safe beside workers: what vanishes under them is read anew.
    """
    kept, removed = [], 0
    for folder, entries in _folders(settings):
        try:
            kept.append((folder.stat().st_mtime, sum(map(_bytes, entries)), folder, len(entries)))
        except FileNotFoundError:
            continue
    total = sum(one[1] for one in kept)
    for _, taken, folder, count in sorted(kept):
        if total <= settings.cache_bytes:
            break
        shutil.rmtree(folder, ignore_errors=True)
        total -= taken
        removed += count
    return removed


def forget(settings: Settings, sha256: str) -> None:
    """Remove all that is kept of one file."""
    shutil.rmtree(settings.cache / sha256[:2] / sha256, ignore_errors=True)


def _folders(settings: Settings) -> Iterator[tuple[Path, list[Path]]]:
    """The folder of each file, with its entries."""
    for first in _inside(settings.cache):
        for folder in _inside(first):
            yield folder, [path for path in _inside(folder) if not path.name.startswith(".")]


def _inside(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return []


def _bytes(path: Path) -> int:
    """What a file takes on the disk, as far as that is known already."""
    try:
        state = path.lstat()
    except FileNotFoundError:
        return 0
    return max(state.st_size, state.st_blocks * 512)


def _state(path: Path) -> tuple[int, ...]:
    state = path.stat()
    return state.st_dev, state.st_ino, state.st_size, state.st_mtime_ns, state.st_ctime_ns
