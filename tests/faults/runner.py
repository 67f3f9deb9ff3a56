"""A worker for the fault tests: takes in, processes and reviews one home, and can be told to kill itself.

``python -m tests.faults.runner`` reads one JSON request a line and answers with one. Each request is done in a fork of
this process, in which everything is imported already, so that a kill costs milliseconds:
``{"home": path, "kill": [point, n] | null, "workers": 1, "reader": "stand-in" | "recalling" | "caged"}``; the answer is
the list of exit codes, negative for a signal. With ``"inject": FAULT`` the worker runs under strace, which injects
that fault. With ``"pages": {...}`` it does what a person asked of some pages instead (`rearranged`).
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import select

from models.errors import PodatelnaError, UnreadableDocument
from models.records import Route, Understanding
from models.settings import Settings
from models.states import State
from models.tables import DocumentRow, EventRow
from pipeline import checkpoint
from pipeline import process as processing
from pipeline.intake import take_in
from pipeline.page_cache import Shelf, Writer
from pipeline.process import pending, process, summary
from pipeline.rearrange import Taken, put_back, rearrange, unlock
from pipeline.review import queue
from pipeline.review.decide import decide_accept
from pipeline.store import Store
from tests.process.understanding import INVOICE, understanding

_PR_SET_PTRACER = 0x59616D61  # prctl(2): who may trace us, where only parents may by default


def stand_in(
    path: Path, _media_type: str, settings: Settings, progress: Callable[[int], None], shelf: Shelf | None
) -> Understanding:
    """Invents an understanding that depends on the bytes alone: most load, some wait, some can't be read."""
    for page in (1, 2):
        if shelf and page == 1:
            Writer(settings, shelf)("page-1", path.read_bytes())
        progress(page)
    choice = int(path.name[:4], 16) % 5
    if choice == 0:
        raise UnreadableDocument("password", "It is locked.")
    values = {**INVOICE, "invoice_number": path.name[:12]}
    return understanding(values, route=Route.REVIEW if choice == 1 else Route.AUTO)


def kill_at(point: str, count: int) -> Callable[[str], None]:
    """An observer that ends this process, as a power cut would, when it comes to ``point`` for the n-th time."""
    passes = 0

    def observe(name: str) -> None:
        nonlocal passes
        passes += name == point
        if name == point and passes == count:
            os.kill(os.getpid(), signal.SIGKILL)

    return observe


def work(home: Path, reader: str) -> None:
    """Do all there is to do in a home, until nothing waits for a machine or for a reviewer."""
    if reader != "caged":
        processing.understand_caged = stand_in  # type: ignore[assignment]
    settings = Settings(home=home, settle_seconds=0, patience_seconds=0)
    with Store.open(settings) as store:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            report = take_in(store)
            process(store, pending(store), workers=1)
            if reader == "stand-in":
                review(store, f"reviewer {os.getpid()}")
            if reader == "recalling":
                recall_once(store)
            if not report.entries and not summary(store)[State.RECEIVED]:
                return
        raise TimeoutError("The work does not end.")


def review(store: Store, reviewer: str) -> None:
    """Accept all that waits for a person."""
    while (claimed := queue.claim_next(store, reviewer)) is not None:
        document = queue.open_document(store, claimed)
        decide_accept(store, claimed, document.version, reviewer, {}, None, load_anyway=True, override="A fault test")


def recall_once(store: Store) -> None:
    """Recall everything that is loaded and never was recalled."""
    with store.reading() as session:
        recalled = select(EventRow.document_id).where(EventRow.kind == "recalled")
        query = select(DocumentRow.id, DocumentRow.version).where(DocumentRow.state == State.LOADED)
        found = session.execute(query.where(DocumentRow.id.not_in(recalled))).all()
    for one in found:
        queue.recall(store, one.id, one.version, "supervisor", "A fault test")


def rearranged(do: str, settings: dict[str, Any], **what: Any) -> None:
    """Split, join or turn pages (``arrange``), take that back (``back``), or open a locked file (``unlock``)."""
    with Store.open(Settings(**settings)) as store:
        if do == "arrange":
            versions = {int(source): version for source, version in what["versions"].items()}
            rearrange(store, "anna", versions, [tuple(Taken(*one) for one in output) for output in what["outputs"]])
        elif do == "back":
            put_back(store, what["document"], "anna")
        else:
            unlock(store, what["document"], what["version"], "anna", what["password"])


def run(request: dict[str, object]) -> int:
    """Do one request in this process; returns the exit code."""
    kill = request.get("kill")
    if kill:
        checkpoint.observer = kill_at(*kill)  # type: ignore[misc]
    try:
        if pages := request.get("pages"):
            rearranged(**pages)  # type: ignore[arg-type]
        else:
            work(Path(str(request["home"])), str(request.get("reader", "stand-in")))
    except PodatelnaError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


def start(request: dict[str, object]) -> int:
    """Fork a worker and return its process id."""
    wait, go = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(go)
        ctypes.CDLL(None).prctl(_PR_SET_PTRACER, ctypes.c_ulong(-1), 0, 0, 0)
        os.read(wait, 1)
        os._exit(run(request))
    os.close(wait)
    if inject := request.get("inject"):
        command = ["strace", "-f", "-o", "/dev/null", "-e", "signal=none", "-e", f"inject={inject}", "-p", str(child)]
        tracer = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        assert tracer.stderr is not None
        told = tracer.stderr.readline()
        if "attached" not in told:
            print(told, file=sys.stderr)
        threading.Thread(target=tracer.communicate, daemon=True).start()
    os.close(go)
    return child


def serve() -> None:
    """Answer requests until the input ends."""
    for line in sys.stdin:
        request = json.loads(line)
        children = [start(request) for _ in range(request.get("workers", 1))]
        codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
        print(json.dumps(codes), flush=True)


if __name__ == "__main__":
    serve()
