"""Run a function on a stranger's bytes in a child process that can be lost without harm.

PDFium aborts the whole process when memory runs out, Tesseract and every image decoder can be made to run
for minutes, and all of them are written in C. So whatever opens a dropped file runs in a child: own session,
limits on memory, file size and time, no network where the kernel lets us, an empty folder of its own that is
removed, and one pipe back that carries plain bytes up to a limit (never pickle). The child is forked from a
small server process (`pipeline.tools.cage_server`) that has imported the heavy modules once; the server is
started on first use, and ends with the process that started it.

Threat: memory and time bombs, crashes, noisy or endless output. Accepted risk: the child runs as the same
user and sees the same files; a parser bug that gives *code execution* is not contained by this.
"""

from __future__ import annotations

import atexit
import contextlib
import io
import json
import os
import re
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO

from models.errors import MissingTool, PodatelnaError, SettingsError, UnreadableDocument
from models.messages import say
from models.settings import Limits

MESSAGE_BYTES = 65_536
"""The largest packet on the wire; results are cut into such pieces."""

Keep = Callable[[str, bytes], None]
"""Takes a name and the bytes that a child wants kept under it."""

_KEPT_NAME = re.compile(r"[a-z][a-z0-9-]{0,99}")  # it becomes part of a file's name
_GRACE_SECONDS = 10.0  # for the server to bury a child that was told to die


@dataclass(frozen=True, slots=True)
class Usage:
    """What a child cost: its highest resident memory in bytes (with that of the programs it ran) and CPU seconds."""

    peak_bytes: int
    cpu_seconds: float


def run_caged(
    function: str,
    *args: object,
    limits: Limits,
    progress: Callable[[int], None] | None = None,
    keep: Keep | None = None,
    into: BinaryIO | None = None,
    warm: Mapping[str, object] | None = None,
) -> bytes:
    """Call ``function(*args, progress=...)`` in a limited child process and return what it returns.

    ``function`` is ``"module:name"``; ``args`` are values that JSON knows; it returns bytes, or the path of a file that
    it wrote in its folder. The clock of ``limits.page_seconds`` starts anew whenever the child reports a page, and
    ``progress`` is called with its number in the caller's thread. So is ``keep``, with a name and the bytes that
    the child wants kept under it (`pipeline.tools.cage_server.Line.keep`): they come while it works, and so outlive
    it. The result goes to ``into`` piece by piece where that is given, and b"" is returned. ``warm`` is passed to
    `pipeline.tools.engines.warm` in the server before the fork. May be called from several threads at once.

    Raises:
        UnreadableDocument: the child crashed (``crash``), took too long (``timeout``), needed too much memory
            (``memory``), returned or kept too much (``limit:result``), or raised this with a code of its own.
        MissingTool, SettingsError: the child raised it.
    """
    return run_measured(function, *args, limits=limits, progress=progress, keep=keep, into=into, warm=warm)[0]


def run_measured(
    function: str,
    *args: object,
    limits: Limits,
    progress: Callable[[int], None] | None = None,
    keep: Keep | None = None,
    into: BinaryIO | None = None,
    warm: Mapping[str, object] | None = None,
) -> tuple[bytes, Usage]:
    """Like `run_caged`, and tell what the child cost."""
    order = {"function": function, "args": args, "limits": limits.model_dump(), "warm": dict(warm or {})}
    request = json.dumps(order).encode()
    ours, child_end = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    fate, server_end = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours, fate:
        with child_end, server_end:
            _send(request, child_end.fileno(), server_end.fileno())
        talk = _Conversation(ours, limits, progress, keep, into or io.BytesIO())
        try:
            error = talk.listen()
        finally:
            with contextlib.suppress(OSError):
                fate.shutdown(socket.SHUT_WR)  # whatever happened here, the whole group dies now
        end = _await_end(fate)
    if error is not None:
        raise error
    if not talk.complete:
        raise _death(end)
    result = talk.into.getvalue() if isinstance(talk.into, io.BytesIO) and into is None else b""
    return result, Usage(end.get("peak_bytes", 0), end.get("cpu_seconds", 0.0))


class _Conversation:
    """The parent's half of the pipe: collects the result, passes progress and what is to be kept on, watches the clock.

    The child may have been taken over by its document: whatever it says is counted, limited and never believed
    further than its own document.
    """

    def __init__(
        self,
        channel: socket.socket,
        limits: Limits,
        progress: Callable[[int], None] | None,
        keep: Keep | None,
        into: BinaryIO,
    ) -> None:
        self.channel = channel
        self.limits = limits
        self.progress = progress
        self.keep = keep
        self.into = into
        self.size = 0
        self.kept: list[bytes] = []
        self.kept_size = 0
        self.pages = 0
        self.complete = False

    def listen(self) -> PodatelnaError | None:
        """Read until the child is done or dead; return the error that it reported or that we found."""
        deadline = time.monotonic() + self.limits.page_seconds
        while True:
            ready, _, _ = select.select([self.channel], [], [], max(0.0, deadline - time.monotonic()))
            if not ready:
                return UnreadableDocument("timeout", f"A page took longer than {self.limits.page_seconds:g} s to read.")
            try:
                packet = self.channel.recv(MESSAGE_BYTES)
            except ConnectionError:
                packet = b""
            kind, body = packet[:1], packet[1:]
            if kind == b"P":
                self.pages += 1
                if self.pages > 2 * self.limits.pages + 100:  # a child gone mad must not keep its clock running
                    return UnreadableDocument("timeout", say("The child reported more pages than any file may have."))
                deadline = time.monotonic() + self.limits.page_seconds
                if self.progress is not None:
                    self.progress(int(body) if body.isdigit() else 0)
            elif kind == b"R":
                self.size += len(body)
                if self.size > self.limits.result_bytes:
                    return UnreadableDocument("limit:result", say("The file gives more text than the limits allow."))
                self.into.write(body)
            elif kind in (b"K", b"N"):
                self.kept_size += len(packet)
                if self.kept_size > self.limits.result_bytes:
                    return UnreadableDocument("limit:result", say("The file gives more text than the limits allow."))
                self._keep(kind, body)
            elif kind == b"E":
                return _reported(body)
            elif kind in (b"D", b""):
                self.complete = kind == b"D"
                return None
            else:
                return _crash("The process that reads files spoke nonsense.")

    def _keep(self, kind: bytes, body: bytes) -> None:
        """Collect the pieces (K) until the name of the whole comes (N); what has no proper name is dropped."""
        if kind == b"K":
            self.kept.append(body)
            return
        data, self.kept = b"".join(self.kept), []
        name = body.decode("ascii", errors="replace")
        if self.keep is not None and _KEPT_NAME.fullmatch(name):
            self.keep(name, data)


def _reported(body: bytes) -> PodatelnaError:
    """Turn the child's error message back into one of our exceptions; a taken-over child may say anything."""
    try:
        message = json.loads(body)
        name, text = str(message["error"]), str(message["message"])
        if name == "UnreadableDocument":
            return UnreadableDocument(str(message["code"]), text)
    except (ValueError, TypeError, KeyError):
        return _crash("The process that reads files spoke nonsense.")
    return _CHILDS_ERRORS.get(name, _crash)(text)


def _crash(message: str) -> UnreadableDocument:
    return UnreadableDocument("crash", message)


_CHILDS_ERRORS: dict[str, Callable[[str], PodatelnaError]] = {
    "MissingTool": MissingTool,
    "SettingsError": SettingsError,
}


def _death(end: dict[str, Any]) -> UnreadableDocument:
    """Say why a child that left no result has died."""
    status = end.get("status")
    if status is None:
        return UnreadableDocument("crash", say("The process that reads files was lost."))
    code = os.waitstatus_to_exitcode(status)
    if end.get("out_of_memory") or code == -signal.SIGKILL:
        return UnreadableDocument("memory", say("Reading needed more memory than the limits allow."))
    name = signal.Signals(-code).name if code < 0 else f"exit code {code}"
    return UnreadableDocument("crash", f"A reading library crashed on the file ({name}).")


def _await_end(fate: socket.socket) -> dict[str, Any]:
    fate.settimeout(_GRACE_SECONDS)
    try:
        packet = fate.recv(MESSAGE_BYTES)
    except OSError:
        packet = b""
    return dict(json.loads(packet)) if packet else {}


def _environment() -> dict[str, str]:
    """The server's environment: ours without settings and passwords, which whoever takes a child over could read."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PODATELNA_", "PREFECT_"))}
    return {"GLIBC_TUNABLES": _HUGE_PAGES, **kept, **_ONE_THREAD, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}


class _Server:
    """The forking server that belongs to this process; a forked copy of this process starts its own."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.owner = 0
        self.control: socket.socket | None = None
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> socket.socket:
        """Return the control socket of a living server."""
        if self.control is not None and self.process is not None and self.owner == os.getpid():
            if self.process.poll() is None:
                return self.control
            self.stop()
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "pipeline.tools.cage_server", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C in the terminal is for us; we end the server
                env=_environment(),
            )
        self.control, self.owner = ours, os.getpid()
        return ours

    def stop(self) -> None:
        """End the server and all its children."""
        if self.control is not None:
            self.control.close()
            self.control = None
        if self.process is not None:
            if self.owner == os.getpid():
                try:
                    self.process.wait(_GRACE_SECONDS)
                except subprocess.TimeoutExpired:
                    self.process.kill()
                    self.process.wait()
            self.process = None


_ONE_THREAD = {
    "OMP_THREAD_LIMIT": "1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
}  # four to six times less CPU than letting engines fight for the cores; and a fork needs a single thread
_HUGE_PAGES = "glibc.malloc.hugetlb=1"  # pictures take few page faults then, and a fork copies less: 2 to 5 % of CPU
_server = _Server()


def warm() -> None:
    """Start the server now, so that the first file does not wait for the imports."""
    with _server.lock:
        _server.start()


def stop() -> None:
    """End the server and whatever still runs in it; the next call starts a new one."""
    with _server.lock:
        _server.stop()


atexit.register(stop)


def _after_fork() -> None:
    """A forked copy of this process must not talk on its parent's line, nor wait for a lock that nobody holds."""
    global _server  # noqa: PLW0603
    if _server.control is not None:
        _server.control.close()
    if _server.process is not None:
        _server.process.returncode = 0  # not ours to wait for
    _server = _Server()


os.register_at_fork(after_in_child=_after_fork)


def _send(request: bytes, *descriptors: int) -> None:
    if len(request) > MESSAGE_BYTES:
        raise ValueError("The arguments of a caged call are too long; pass a path.")
    with _server.lock:
        for attempt in (1, 2):
            try:
                socket.send_fds(_server.start(), [request], list(descriptors))
                return
            except OSError:  # the server was killed between two calls
                _server.stop()
                if attempt == 2:
                    raise
