"""The vault: original bytes under their SHA-256, written once, never changed.

Threat: a station may go on writing while we copy, and the machine may stop at any instruction. So bytes
are copied to a temporary name, synced, and linked to their final name only when they are whole; the name is
their hash, so whoever reads them can check them.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
from pathlib import Path

_CHUNK = 1024 * 1024


def sync_directory(path: Path) -> None:
    """Make the names in a directory survive a power cut."""
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class Vault:
    """A folder of files named by the SHA-256 of their content, in 256 subfolders."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, sha256: str) -> Path:
        """Where the bytes with that hash are (or would be)."""
        return self.root / sha256[:2] / sha256

    def put(self, handle: int) -> tuple[str, int]:
        """Copy an open file from its beginning into the vault; done twice it does nothing more.

        Returns:
            The hash in hex and the size in bytes of what was copied.

        Raises:
            OSError: the disk is full or broken; nothing was added.
        """
        self.root.mkdir(parents=True, exist_ok=True)
        temporary = self.root / f"incoming-{os.getpid()}-{secrets.token_hex(4)}"
        digest, size = hashlib.sha256(), 0
        try:
            with temporary.open("xb") as out:
                os.lseek(handle, 0, os.SEEK_SET)
                while chunk := os.read(handle, _CHUNK):
                    digest.update(chunk)
                    out.write(chunk)
                    size += len(chunk)
                out.flush()
                os.fsync(out.fileno())
            final = self.path(digest.hexdigest())
            if not final.parent.exists():
                final.parent.mkdir(exist_ok=True)
                sync_directory(self.root)
            temporary.chmod(0o440)
            with contextlib.suppress(FileExistsError):
                os.link(temporary, final)
            sync_directory(final.parent)
        finally:
            temporary.unlink(missing_ok=True)
        return digest.hexdigest(), size

    def read(self, sha256: str) -> bytes:
        """The bytes with that hash.

        Raises:
            FileNotFoundError: the vault has no such file.
        """
        return self.path(sha256).read_bytes()
