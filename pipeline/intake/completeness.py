"""Whether the end of a file is there, so that a writer who pauses is not taken for one who is done.

That a program can open a file proves nothing: of real PDFs cut to 60 % of their length every third one still
opened. So each format is asked for what stands at its end. Nothing is decoded, nothing is allocated by what the
file says about itself, and the work is bounded; zeros that a writer reserved and never filled do not count
as content. A PDF without its end marks can't be told from a cut one (4 of 1,058 real ones lack them); an operator
can release it from quarantine.
"""

from __future__ import annotations

import os
import struct
from pathlib import Path

from pipeline.intake.media_types import HEAD_BYTES, ISDOCX, JPEG, PDF, PNG, TIFF, WEBP, XML, root_tag, xml_text
from pipeline.tools import zips

_TAIL_BYTES = 2048
_PADDING_BYTES = 1024 * 1024  # so far back we look past zeros and blanks
_CHUNK = 256 * 1024
_PNG_END = b"\0\0\0\0IEND\xaeB`\x82"  # PNG (ISO/IEC 15948) 11.2.5: the last chunk is empty, so it is always these bytes
_MAX_IFDS = 4096
_MAX_VALUES = 4_000_000
_TIFF_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
_OFFSETS_AND_COUNTS = {273: 279, 324: 325}  # StripOffsets and TileOffsets, with their byte counts (TIFF 6.0)


def is_complete(path: Path, media_type: str | None) -> bool:
    """Whether the file ends as its format says; True for a type of which we don't know that.

    Raises:
        OSError: it can't be opened, or it is a symbolic link.
    """
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        return is_whole(handle, os.fstat(handle).st_size, media_type)
    finally:
        os.close(handle)


def is_whole(handle: int, size: int, media_type: str | None) -> bool:
    """The same for an open file of ``size`` bytes."""
    if size == 0:
        return False
    if media_type == PDF:
        tail = _tail(handle, size, _TAIL_BYTES)
        return b"%%EOF" in tail and b"startxref" in tail
    if media_type == PNG:
        return _PNG_END in _tail(handle, size, HEAD_BYTES)
    if media_type == JPEG:
        return _jpeg_ends(handle, size)
    if media_type == WEBP:
        head = os.pread(handle, 12, 0)
        return len(head) == 12 and struct.unpack_from("<I", head, 4)[0] + 8 <= size
    if media_type == TIFF:
        return _Tiff(handle, size).is_whole()
    if media_type == XML:
        return _xml_ends(handle, size)
    if media_type == ISDOCX:
        return zips.entries(handle, size) is not None
    return True


def _tail(handle: int, size: int, length: int) -> bytes:
    """The last ``length`` bytes before trailing zeros and blanks."""
    start = max(0, size - _PADDING_BYTES)
    return os.pread(handle, size - start, start).rstrip(b"\0 \t\r\n")[-length:]


def _xml_ends(handle: int, size: int) -> bool:
    root = root_tag(xml_text(os.pread(handle, HEAD_BYTES, 0)).lstrip("\ufeff \t\r\n\0"))
    if root is None:
        return False
    # UTF-16 has a zero in every second byte, which a look at single-byte text may simply drop
    tail = _tail(handle, size, HEAD_BYTES).replace(b"\0", b"").decode("utf-8", errors="replace")
    closing = tail.rfind("</" + root[0])
    return (closing >= 0 and ">" in tail[closing:]) or root[1].rstrip().endswith("/")


def _jpeg_ends(handle: int, size: int) -> bool:
    """Whether an end marker follows the first scan (ITU-T T.81, B.1.1).

    Segments before it are skipped by their length, so the end of a thumbnail does not count; within a scan
    the bytes FF D9 can't be anything else, because FF is always followed by 00 there.
    """
    position = 2
    for _ in range(HEAD_BYTES):
        marker = os.pread(handle, 4, position)
        if len(marker) < 4 or marker[0] != 0xFF:
            return False
        if marker[1] == 0xFF:  # fill byte
            position += 1
            continue
        if marker[1] == 0x01 or 0xD0 <= marker[1] <= 0xD8:  # without a length
            position += 2
            continue
        position += 2 + struct.unpack_from(">H", marker, 2)[0]
        if marker[1] == 0xDA:  # start of scan
            return _find(handle, b"\xff\xd9", position, size)
    return False


def _find(handle: int, needle: bytes, start: int, size: int) -> bool:
    while start < size:
        chunk = os.pread(handle, _CHUNK, start)
        if not chunk:
            return False
        if needle in chunk:
            return True
        start += max(1, len(chunk) - len(needle) + 1)
    return False


class _Tiff:
    """Walks the directories of a TIFF or BigTIFF; whole means: every directory and every strip lies in the file."""

    def __init__(self, handle: int, size: int) -> None:
        self.handle = handle
        self.size = size
        self.values = 0
        header = os.pread(handle, 16, 0).ljust(16, b"\0")
        self.order = "<" if header[:2] == b"II" else ">"
        self.big = struct.unpack_from(self.order + "H", header, 2)[0] == 43
        self.first: int = struct.unpack_from(self.order + ("Q" if self.big else "I"), header, 8 if self.big else 4)[0]

    def is_whole(self) -> bool:
        """Follow the chain; a loop or more work than we allow is for the reading to judge."""
        seen: set[int] = set()
        offset = self.first
        while offset and offset not in seen and len(seen) < _MAX_IFDS and self.values < _MAX_VALUES:
            seen.add(offset)
            following = self._directory(offset)
            if following is None:
                return False
            offset = following
        return bool(seen)

    def _read(self, offset: int, length: int) -> bytes | None:
        if offset + length > self.size:
            return None
        data = os.pread(self.handle, length, offset)
        return data if len(data) == length else None

    def _directory(self, offset: int) -> int | None:
        """The offset of the next directory (0 at the end), or None where this one reaches out of the file."""
        count_format, entry_size, word = ("Q", 20, "Q") if self.big else ("H", 12, "I")
        raw = self._read(offset, struct.calcsize(count_format))
        if raw is None:
            return None
        count = struct.unpack(self.order + count_format, raw)[0]
        table = self._read(offset + len(raw), min(count, 65_535) * entry_size + struct.calcsize(word))
        if table is None:
            return None
        found: dict[int, tuple[int, ...]] = {}
        for index in range(min(count, 65_535)):
            entry = table[index * entry_size : (index + 1) * entry_size]
            tag = struct.unpack_from(self.order + "H", entry)[0]
            values = self._values(entry, word, keep=tag in _OFFSETS_AND_COUNTS or tag in _OFFSETS_AND_COUNTS.values())
            if values is None:
                return None
            found[tag] = values
        for offsets, counts in _OFFSETS_AND_COUNTS.items():
            pairs = zip(found.get(offsets, ()), found.get(counts, ()), strict=False)
            if any(start + length > self.size for start, length in pairs):
                return None
        following: int = struct.unpack_from(self.order + word, table, len(table) - struct.calcsize(word))[0]
        return following

    def _values(self, entry: bytes, word: str, *, keep: bool) -> tuple[int, ...] | None:
        """The values of an entry where ``keep``, else only whether they lie in the file (None: they do not)."""
        kind = struct.unpack_from(self.order + "H", entry, 2)[0]
        count = struct.unpack_from(self.order + word, entry, 4)[0]
        width = struct.calcsize(word)
        length = count * _TIFF_SIZES.get(kind, 1)
        if length <= width:
            data: bytes | None = entry[4 + width : 4 + width + length]
        else:
            where = struct.unpack_from(self.order + word, entry, 4 + width)[0]
            if not keep:
                return () if where + length <= self.size else None
            data = self._read(where, length)
        if data is None:
            return None
        code = {3: "H", 4: "I", 13: "I", 16: "Q", 18: "Q"}.get(kind)
        self.values += 1 + count
        if not keep or code is None or self.values > _MAX_VALUES:
            return ()
        return struct.unpack(f"{self.order}{count}{code}", data)
