"""What a browser gets of a document's bytes: pages as pictures drawn in the cage, the original as a download."""

from __future__ import annotations

import contextlib
import os
import secrets
import threading
from pathlib import Path
from urllib.parse import quote

from models.errors import NotFound
from models.messages import say
from models.records import Box
from models.tables import DocumentRow, PageRow
from pipeline.caged import render_page_caged
from pipeline.store import Store

DPI = 144
_LEAST_DPI = 5  # of a plan as large as PDF allows


class Renditions:
    """Page images, each drawn once and kept under its document's hash; the folder may be emptied at any time."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._locks = [threading.Lock() for _ in range(16)]  # the same page is not drawn twice at once

    def png(self, document_id: int, number: int, width: int | None = None) -> Path:
        """The file with the picture of one upright page, at `DPI` or about ``width`` pixels wide.

        Raises:
            NotFound: there is no such document or page.
            UnreadableDocument: the page can't be drawn.
        """
        with self._store.reading() as session:
            document = session.get(DocumentRow, document_id)
            page = session.get(PageRow, (document_id, number))
            if document is None or page is None or document.media_type is None:
                raise NotFound(say("There is no such page."))
        dpi = DPI if width is None else min(DPI, max(_LEAST_DPI, round(width * 72 / page.width)))
        folder = self._store.settings.renditions / document.sha256[:2]
        path = folder / f"{document.sha256}-{number}-{page.turned}-{dpi}.png"
        with self._locks[hash(path) % len(self._locks)]:
            if not path.exists():
                data = render_page_caged(
                    self._store.vault.path(document.sha256),
                    document.media_type,
                    number,
                    self._store.settings,
                    turned=page.turned,
                    dpi=dpi,
                )
                folder.mkdir(parents=True, exist_ok=True)
                temporary = path.with_suffix(f".{os.getpid()}-{secrets.token_hex(4)}")
                try:
                    temporary.write_bytes(data)
                    temporary.replace(path)
                finally:
                    with contextlib.suppress(FileNotFoundError):
                        temporary.unlink()
        return path


def attachment(name: str) -> str:
    """A Content-Disposition that saves under ``name`` (RFC 6266, with the encoding of RFC 8187).

    The plain name is for old programs: ASCII without quotes and without the percent signs that some decode.
    """
    base = "".join(char if char.isprintable() else "_" for char in name.replace("\\", "/").rsplit("/", 1)[-1])
    base = base.strip() or "document"
    plain = "".join(char if char.isascii() and char not in '"%\\' else "_" for char in base)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(base, safe='', errors='replace')}"


def svg_box(box: Box) -> tuple[float, float, float, float]:
    """A box as x, y, width and height, a little larger than the words in it."""
    x0, y0, x1, y1 = box
    return x0 - 3, y0 - 3, x1 - x0 + 6, y1 - y0 + 6
