"""F1 with the real reading: the worker dies while its child reads, and nothing of it stays behind."""

from __future__ import annotations

import time
from pathlib import Path

import psutil

from tests import files
from tests.faults import judge
from tests.faults.nursery import Nursery, fill


def _children_of_cages() -> set[int]:
    found = set()
    for process in psutil.process_iter(["pid", "cmdline"]):
        if any("cage_server" in part for part in process.info["cmdline"] or ()):
            found.add(process.info["pid"])
    return found


def _parent(pid: int) -> int | None:
    try:
        return psutil.Process(pid).ppid()
    except psutil.NoSuchProcess:
        return None


def test_killed_while_a_child_reads(nursery: Nursery, home: Path) -> None:
    lines = "Invoice number 2026-0042, total EUR 121.00"
    dropped = fill(home, {"a.pdf": files.pdf(lines), "copy.pdf": files.pdf(lines), "b.pdf": files.pdf("A letter.")})
    before = _children_of_cages()
    assert nursery.run(home, kill=["during_child_ocr", 1], reader="caged") == [-9]
    assert judge.during(home, dropped) == []
    # other tests run beside this one and have cages of their own: those have a living parent, an orphan has init
    end = time.monotonic() + 20
    while orphans := [pid for pid in _children_of_cages() - before if _parent(pid) == 1]:
        assert time.monotonic() < end, f"left behind: {orphans}"
        time.sleep(0.1)
    assert nursery.run(home, reader="caged") == [0]
    assert judge.after(home, dropped) == []
    assert judge.rows(home, "SELECT count(*) FROM documents WHERE state = 'quarantined'") == [(0,)]
    assert judge.rows(home, "SELECT count(*) FROM events WHERE kind = 'attempt'") == [(3,)]
