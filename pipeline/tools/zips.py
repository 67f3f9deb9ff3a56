"""ZIP archives (APPNOTE 6.3.10), as far as an ``.isdocx`` needs them: the list of files, and one file's bytes.

Threat: archives that unpack without end, lists of millions of files, two files of one name (two programs see two
documents), files that overlap, locked files, names that lead out of a folder. So the list is read here, bounded; a file
is unpacked in memory up to a limit and its check sum verified; a name is compared and shown, never used as a path.
"""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from models.errors import UnreadableDocument
from models.messages import say

MAGIC = b"PK\x03\x04"
_LOCAL, _CENTRAL, _END = MAGIC, b"PK\x01\x02", b"PK\x05\x06"
_LOCAL_BYTES, _CENTRAL_BYTES, _END_BYTES = 30, 46, 22
_LONGEST_COMMENT = 65_535
_MOST_FILES, _MOST_LIST_BYTES = 1000, 1 << 20
_STORED, _DEFLATED = 0, 8
_LOCKED, _UTF_8 = 0x1, 0x800


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of an archive: its name for people, and where and how its bytes are kept."""

    name: str
    flags: int
    method: int
    check_sum: int
    packed: int
    size: int
    offset: int


def _name(raw: bytes, flags: int) -> str:
    if flags & _UTF_8:
        return raw.decode("utf-8", errors="replace")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("cp852")  # what Czech programs of old write


def entries(handle: int, size: int) -> list[Entry] | None:
    """The files of the archive in an open file of ``size`` bytes, folders left out; None where it has no whole list."""
    start = max(0, size - _END_BYTES - _LONGEST_COMMENT)
    tail = os.pread(handle, size - start, start)
    place = tail.rfind(_END)
    if place < 0 or len(tail) - place < _END_BYTES:
        return None
    disk, first_disk, here, count, length, offset = struct.unpack_from("<4H2I", tail, place + 4)
    if disk or first_disk or here != count or count > _MOST_FILES or length > _MOST_LIST_BYTES:
        return None
    if offset + length > start + place:
        return None
    found = list(_listed(os.pread(handle, length, offset)))
    return [one for one in found if not one.name.endswith("/")] if len(found) == count else None


def _listed(data: bytes) -> Iterator[Entry]:
    place = 0
    while data[place : place + 4] == _CENTRAL and len(data) >= place + _CENTRAL_BYTES:
        flags, method = struct.unpack_from("<2H", data, place + 8)
        check_sum, packed, size, name_size, extra, comment = struct.unpack_from("<3I3H", data, place + 16)
        offset = struct.unpack_from("<I", data, place + 42)[0]
        place += _CENTRAL_BYTES
        yield Entry(_name(data[place : place + name_size], flags), flags, method, check_sum, packed, size, offset)
        place += name_size + extra + comment


class Archive:
    """The files of one archive. Two of one name are refused with the whole."""

    def __init__(self, handle: int, size: int) -> None:
        found = entries(handle, size)
        if found is None:
            raise UnreadableDocument("damaged", say("The ZIP archive has no list of files that can be read."))
        self.files = {one.name: one for one in found}
        if len(self.files) != len(found):
            raise UnreadableDocument("damaged", say("The ZIP archive holds two files of one name."))
        self._handle = handle

    def read(self, name: str, most: int, limit: str) -> bytes:
        """The bytes of a file.

        Raises:
            UnreadableDocument: locked, packed in an unusual way or damaged; ``limit:<limit>`` over ``most`` bytes.
        """
        one = self.files[name]
        if one.flags & _LOCKED:
            raise UnreadableDocument("password", say("A file in the ZIP archive is locked with a password."))
        if one.method not in (_STORED, _DEFLATED):
            raise UnreadableDocument("damaged", say("A file in the ZIP archive is packed in a way that we don't read."))
        if max(one.size, one.packed) > most:
            raise UnreadableDocument(
                f"limit:{limit}", say("A file in the ZIP archive is larger than the limits allow.")
            )
        data = self._unpacked(one)
        if len(data) != one.size or zlib.crc32(data) != one.check_sum:
            raise UnreadableDocument("damaged", say("A file in the ZIP archive is damaged."))
        return data

    def _unpacked(self, one: Entry) -> bytes:
        head = os.pread(self._handle, _LOCAL_BYTES, one.offset)
        if len(head) < _LOCAL_BYTES or not head.startswith(_LOCAL):
            return b""
        start = one.offset + _LOCAL_BYTES + sum(struct.unpack_from("<2H", head, 26))
        packed = os.pread(self._handle, one.packed, start)
        if one.method == _STORED:
            return packed
        try:
            return zlib.decompressobj(-zlib.MAX_WBITS).decompress(packed, one.size + 1)
        except zlib.error:
            return b""


@contextmanager
def open_zip(path: Path) -> Iterator[Archive]:
    """Open an archive.

    Raises:
        UnreadableDocument: it has no list of files, too long a one, or two files of one name.
    """
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    try:
        yield Archive(handle, os.fstat(handle).st_size)
    finally:
        os.close(handle)
