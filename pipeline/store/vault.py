"""The vault: original bytes under their SHA-256, written once, never changed.

Threat: a station may go on writing while we copy, and the machine may stop at any instruction. So bytes
are copied to a temporary name, synced, and linked to their final name only when they are whole; the name is
their hash, so whoever reads them can check them.
"""

from __future__ import annotations

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


def hash_of(path: Path) -> str:
    """The SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _read(handle: int, count: int) -> bytes:
    try:
        return os.read(handle, count)
    except OSError as error:
        raise SourceUnreadable(error.errno, f"The file can't be read: {error.strerror}") from error


class SourceUnreadable(OSError):
    """The file that was to be copied can't be read to its end; the vault itself is well."""


class Vault:
    """A folder of files named by the SHA-256 of their content, in 256 subfolders."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, sha256: str) -> Path:
        """Where the bytes with that hash are (or would be)."""
        return self.root / sha256[:2] / sha256

    def put(self, handle: int, limit: int | None = None) -> tuple[str, int]:
        """Copy an open file from its beginning into the vault; done twice it does nothing more.

        Bytes that are there already are compared first: if they have rotted, the good ones take their place.

        Args:
            handle: The open file.
            limit: Stop after so many bytes (a writer may go on for ever); the file is then not whole, which
                its caller sees by its size.

        Returns:
            The hash in hex and the size in bytes of what was copied.

        Raises:
            SourceUnreadable: the open file can't be read.
            OSError: the disk is full or broken; nothing was added.
        """
        self.root.mkdir(parents=True, exist_ok=True)
        temporary = self.root / f"incoming-{os.getpid()}-{secrets.token_hex(4)}"
        digest, size = hashlib.sha256(), 0
        try:
            with temporary.open("xb") as out:
                os.lseek(handle, 0, os.SEEK_SET)
                while chunk := _read(handle, _CHUNK if limit is None else min(_CHUNK, limit - size)):
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
            try:
                os.link(temporary, final)
            except FileExistsError:
                if hash_of(final) != digest.hexdigest():
                    temporary.replace(final)
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
