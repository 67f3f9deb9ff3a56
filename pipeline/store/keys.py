"""Secrets of a home: made at random on first use, in a file that only its owner can read."""

from __future__ import annotations

import contextlib
import os
import secrets
import tempfile
from pathlib import Path


def secret(path: Path) -> str:
    """The secret in ``path``; makes one of 256 bits on first use. Whole from the first moment, even with two makers.

    Raises:
        ValueError: the file holds no usable secret.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o750)
        handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # mode 0600
        try:
            with os.fdopen(handle, "w", encoding="ascii") as out:
                out.write(secrets.token_urlsafe(32) + "\n")
            with contextlib.suppress(FileExistsError):
                os.link(temporary, path)
        finally:
            Path(temporary).unlink()
    word = path.read_text(encoding="ascii").strip()
    if len(word) < 16:
        raise ValueError(f"{path} holds no usable secret. Delete it; a new one is made at the next start.")
    return word
