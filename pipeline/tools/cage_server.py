"""The process that `pipeline.tools.cage` forks its children from: ``python -m pipeline.tools.cage_server FD``.

It imports the heavy modules once and then waits on one socket; each request is answered with a fork. It never
looks at a document itself, has one thread, and ends when its parent does (the socket closes), taking all
children with it. A child's end is told to the parent on the request's second descriptor.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import importlib
import json
import os
import re
import resource
import select
import shutil
import signal
import socket
import sys
import tempfile
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from models.errors import PodatelnaError, UnreadableDocument
from pipeline.tools.cage import MESSAGE_BYTES

PRELOAD = (
    "pipeline.stages", "pipeline.caged", "pipeline.searchable", "pipeline.tools.rapidocr", "pdfplumber",
    "PIL.JpegImagePlugin",
)  # fmt: skip
WARM = (
    "pipeline.classify", "extractors", "pipeline.reading.pdf.digits", "pipeline.reading.ocr.policy",
    "pipeline.tools.rapidocr",
)  # fmt: skip
_WARM_SETTINGS = 4  # different ones that a server serves; each may take 70 MB
_TRIM_PAGES = 20
TEMPORARY_FILE_BYTES = 512 * 1024 * 1024

_CLONE_NEWUSER = 0x10000000
_CLONE_NEWNET = 0x40000000
_PR_SET_PDEATHSIG = 1
_OUT_OF_MEMORY = re.compile(
    rb"bad_alloc|out of memory|cannot allocate memory|failed to allocate|insufficient memory", re.I
)
_libc = ctypes.CDLL(None, use_errno=True)
_warmed: set[str] = set()


@dataclass
class _Child:
    """One running child: what to watch, whom to tell, what to tidy up."""

    pid: int
    pidfd: int
    fate: socket.socket
    stderr: int
    folder: str


def main() -> None:
    """Import, then fork a child for each request until the parent is gone."""
    control = socket.socket(fileno=int(sys.argv[1]))
    preload()
    gc.collect()
    gc.freeze()  # so that the collector of a child does not touch, and so copy, the shared pages
    children: dict[int, _Child] = {}
    poll = select.poll()
    poll.register(control, select.POLLIN)
    while True:
        for descriptor, _event in poll.poll():
            if descriptor == control.fileno():
                request, descriptors, _, _ = socket.recv_fds(control, MESSAGE_BYTES, 2)
                if not request:  # the parent has ended, however it did
                    for orphan in {child.pid: child for child in children.values()}.values():
                        _kill(orphan)
                        _bury(orphan)
                    return
                order = json.loads(request)
                warm_engines(order["warm"])
                child = _spawn(order, descriptors)
                for watched in (child.pidfd, child.fate.fileno()):
                    children[watched] = child
                    poll.register(watched, select.POLLIN)
            elif descriptor in children:
                child = children[descriptor]
                _kill(child)  # it has ended, or its caller has lost patience: either way the group goes
                for watched in (child.pidfd, child.fate.fileno()):
                    poll.unregister(watched)
                    del children[watched]
                _bury(child)


def preload() -> None:
    """Import what children need. A module that can't be imported shows its error in the child that needs it."""
    for name in PRELOAD:
        with contextlib.suppress(Exception):
            importlib.import_module(name)
    for name in WARM:
        with contextlib.suppress(Exception):
            importlib.import_module(name).warm()


def warm_engines(wanted: dict[str, Any]) -> None:
    """Load the engines for these settings once, before the fork: children share them. What fails, fails there."""
    key = json.dumps(wanted, sort_keys=True)
    if not wanted or key in _warmed or len(_warmed) >= _WARM_SETTINGS:
        return
    _warmed.add(key)
    with contextlib.suppress(Exception):
        importlib.import_module("pipeline.tools.engines").warm(**wanted)
        gc.freeze()


def _kill(child: _Child) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
    with contextlib.suppress(ProcessLookupError):
        os.kill(child.pid, signal.SIGKILL)  # in case it has not reached setsid yet


def _bury(child: _Child) -> None:
    """Wait for the child, tell the caller how it ended, and remove its folder."""
    _, status, usage = os.wait4(child.pid, 0)
    size = os.fstat(child.stderr).st_size
    noise = os.pread(child.stderr, 8192, max(0, size - 8192))
    message = {
        "status": status,
        "out_of_memory": bool(_OUT_OF_MEMORY.search(noise)),
        "peak_bytes": usage.ru_maxrss * 1024,
        "cpu_seconds": usage.ru_utime + usage.ru_stime,
    }
    os.close(child.stderr)
    os.close(child.pidfd)
    shutil.rmtree(child.folder, ignore_errors=True)
    with child.fate, contextlib.suppress(OSError):
        child.fate.send(json.dumps(message).encode(), socket.MSG_DONTWAIT)


def _spawn(order: dict[str, Any], descriptors: list[int]) -> _Child:
    channel, fate = descriptors
    folder = tempfile.mkdtemp(prefix="podatelna-cage-")
    stderr = os.memfd_create("stderr")
    server = os.getpid()
    pid = os.fork()
    if pid == 0:
        _child(order, channel, stderr, folder, server)
    os.close(channel)
    return _Child(pid, os.pidfd_open(pid), socket.socket(fileno=fate), stderr, folder)


def _child(order: dict[str, Any], channel: int, stderr: int, folder: str, server: int) -> NoReturn:
    """Everything that happens in the child. It leaves by ``os._exit`` only: no handler of the parent may run."""
    code = 1
    try:
        os.setsid()
        null = os.open(os.devnull, os.O_RDWR)
        pipe = socket.socket(fileno=_arrange_descriptors(null, stderr, channel))
        os.environ["TMPDIR"] = tempfile.tempdir = folder
        os.chdir(folder)
        _cut_network()
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)  # after the change of user namespace, which resets it
        if os.getppid() != server:
            os._exit(1)
        _set_limits(order["limits"])
        _work(order, pipe)
        code = 0
    except BaseException:
        with contextlib.suppress(BaseException):
            traceback.print_exc()
    finally:
        os._exit(code)


def _arrange_descriptors(null: int, stderr: int, channel: int) -> int:
    """Leave open only 0, 1 (to nowhere), 2 (to memory that the server looks at) and 3, the channel."""
    for source, target in ((null, 0), (null, 1), (stderr, 2), (channel, 3)):
        if source != target:
            os.dup2(source, target, inheritable=target < 3)
    os.closerange(4, resource.getrlimit(resource.RLIMIT_NOFILE)[0])
    return 3


def _cut_network() -> None:
    """Move into an empty network namespace. Not allowed everywhere, and then we go on without."""
    if _libc.unshare(_CLONE_NEWNET) == 0:
        return
    user, group = os.getuid(), os.getgid()
    if _libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET) == 0:
        with contextlib.suppress(OSError):  # without these maps, new files would belong to nobody
            Path("/proc/self/setgroups").write_text("deny")
            Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
            Path("/proc/self/gid_map").write_text(f"{group} {group} 1")


def _set_limits(limits: dict[str, Any]) -> None:
    """Limit private writable memory, the size of any file and core dumps; programs that we start inherit this."""
    for which, value in (
        (resource.RLIMIT_DATA, int(limits["memory_bytes"])),
        (resource.RLIMIT_FSIZE, TEMPORARY_FILE_BYTES),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(which)[1]
        limit = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(which, (limit, limit))


def _work(order: dict[str, Any], pipe: socket.socket) -> None:
    """Call the function and send its result or its error."""
    line = Line(pipe)
    try:
        module, _, name = order["function"].partition(":")
        function = getattr(importlib.import_module(module), name)
        result: bytes | Path = function(*order["args"], progress=line)
    except Exception as error:
        with contextlib.suppress(BaseException):
            traceback.print_exc()
        pipe.sendall(b"E" + json.dumps(_describe(error)).encode())
        return
    if isinstance(result, Path):
        with result.open("rb") as file:
            while piece := file.read(MESSAGE_BYTES - 1):
                pipe.sendall(b"R" + piece)
    else:
        line.pieces(b"R", result)
    pipe.sendall(b"D")


class Line:
    """The child's end of the pipe: called with a page's number it reports that page."""

    def __init__(self, pipe: socket.socket) -> None:
        self._pipe = pipe
        self._pages = 0

    def __call__(self, number: int) -> None:
        """Report that page ``number`` is done; the clock starts anew."""
        self._pages += 1
        if self._pages % _TRIM_PAGES == 0:
            _libc.malloc_trim(0)  # pictures of pages come and go; what lies free between words goes back
        self._pipe.sendall(b"P%d" % number)

    def keep(self, name: str, data: bytes) -> None:
        """Hand over bytes that are to outlive this child. ``name`` is of ``a-z``, ``0-9`` and ``-``."""
        self.pieces(b"K", data)
        self._pipe.sendall(b"N" + name.encode())

    def pieces(self, kind: bytes, data: bytes) -> None:
        """Send ``data`` in packets of a ``kind``."""
        view = memoryview(data)
        step = MESSAGE_BYTES - 1
        for start in range(0, len(view), step):
            self._pipe.sendall(kind + view[start : start + step])


def _describe(error: Exception) -> dict[str, str]:
    """Put an exception into words. Of foreign ones only type and place: their text may quote the document."""
    if isinstance(error, UnreadableDocument):
        return {"error": "UnreadableDocument", "code": error.code, "message": str(error)[:500]}
    if isinstance(error, PodatelnaError):
        return {"error": type(error).__name__, "message": str(error)[:2000]}
    if isinstance(error, MemoryError) or _OUT_OF_MEMORY.search(str(error).encode(errors="replace")):
        message = "Reading needed more memory than the limits allow."
        return {"error": "UnreadableDocument", "code": "memory", "message": message}
    places = traceback.extract_tb(error.__traceback__)[-3:]
    where = " < ".join(f"{Path(place.filename).name}:{place.lineno}" for place in reversed(places))
    return {"error": "", "message": f"Reading failed with {type(error).__name__} at {where}."}


if __name__ == "__main__":
    main()
    os._exit(0)  # nothing is left to do, and libraries that say farewell on the terminal don't get to
