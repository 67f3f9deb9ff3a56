"""Functions that misbehave on purpose; the cage tests run them in its children."""

from __future__ import annotations

import ctypes
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from models.errors import MissingTool, UnreadableDocument


def echo(text, progress):
    return json.dumps(text).encode()


def slow_pages(pages, seconds, progress):
    for page in range(1, pages + 1):
        time.sleep(seconds)
        progress(page)
    return b"all"


def hang(progress):
    while True:
        time.sleep(1)


def segfault(progress):
    ctypes.string_at(0)


def abort(progress):
    os.abort()


def swallow_memory(megabytes, progress):
    blocks = []
    for _ in range(megabytes):
        blocks.append(bytearray(b"x") * 1_048_576)
    return str(len(blocks)).encode()


def bad_alloc(progress):
    os.write(2, b"terminate called after throwing an instance of 'std::bad_alloc'\n")
    os.abort()


def huge_result(size, progress):
    return bytes(size)


def refuse(progress):
    raise UnreadableDocument("password", "It is locked.")


def missing(progress):
    raise MissingTool("Install it.")


def bug(progress):
    raise ValueError("secret content of the document")


def leave_grandchild(marker, progress):
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    Path(marker).write_text(str(child.pid))
    return b"left"


def grandchild_then_hang(marker, progress):
    leave_grandchild(marker, progress)
    Path(marker + ".child").write_text(str(os.getpid()))
    hang(progress)


def write_big_file(size, progress):
    with Path("big").open("wb") as file:
        file.truncate(size)
        file.seek(size)
        file.write(b"x")
    return b"written"


def surroundings(progress):
    folder = Path(tempfile.gettempdir())
    Path(folder, "leftover").write_text("x")
    print("noise on stdout")
    try:
        socket.create_connection(("127.0.0.1", 9), timeout=1)
        network = "reached"
    except OSError as error:
        network = error.strerror
    return json.dumps(
        {
            "cwd": str(Path.cwd()),
            "temp": str(folder),
            "before": sorted(path.name for path in folder.iterdir()),
            "session": os.getsid(0) == os.getpid(),
            "descriptors": sorted(int(path.name) for path in Path("/proc/self/fd").iterdir()),
            "network": network,
            "interfaces": [name for _, name in socket.if_nameindex()],
            "threads": len(list(Path("/proc/self/task").iterdir())),
        }
    ).encode()


def be_noisy(progress):
    for _ in range(64):
        os.write(1, b"x" * 1_000_000)
        os.write(2, b"x" * 1_000_000)
    return b"quiet"


def environment(progress):
    return repr(dict(os.environ)).encode() + Path("/proc/self/environ").read_bytes()


def keep_pages(pages, size, then, progress):
    """Keep some bytes for every page, and end as told."""
    for page in range(1, pages + 1):
        progress.keep(f"page-{page}", bytes([page]) * size)
        progress(page)
    {"end": lambda: None, "abort": os.abort}[then]()
    return b"all"


def keep_under_odd_names(progress):
    for name in ("../page-1", "/etc/passwd", "Page-1", "page-1\n", "", "page 1", "x" * 101, "page-ž"):
        progress.keep(name, b"evil")
    progress.keep("page-1", b"good")
    return b"all"


def keep_for_ever(progress):
    while True:
        progress.keep("page-1", bytes(1_000_000))


def speak_nonsense(kind, progress):
    progress.pieces(kind.encode(), b"\xff\x00{")
    return b"all"


def write_result(size, progress):
    path = Path("result")
    path.write_bytes(bytes(range(256)) * (size // 256))
    return path
