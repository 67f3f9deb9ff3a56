"""F2, F3, F4: killed, out of space or a broken disk at every n-th call of the kernel, by strace; slow."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests import files
from tests.faults import judge
from tests.faults.nursery import Nursery, fill

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed"),
]

DROPS = {
    "a.pdf": files.pdf("a"),
    "copy of a.pdf": files.pdf("a"),
    "b.png": files.image("PNG", "b"),
    "letter.pdf": b"This is a letter.",
}
CALLS = ("rename", "link", "unlink", "mkdir", "rmdir", "fsync", "fdatasync", "write", "pwrite64")
WHEN = (1, 2, 3, 4, 6, 8, 11, 15, 20, 27)


@pytest.mark.parametrize("fault", ["signal=KILL", "error=ENOSPC", "error=EIO"])
@pytest.mark.parametrize("call", CALLS)
def test_a_fault_at_every_call_loses_nothing(nursery: Nursery, home: Path, call: str, fault: str) -> None:
    if fault == "error=EIO" and call not in ("fsync", "fdatasync", "write", "pwrite64"):
        pytest.skip("the kernel does not answer so")
    codes = []
    for when in WHEN:
        one = home / str(when)
        dropped = fill(one, DROPS)
        codes += nursery.run(one, inject=f"{call}:{fault}:when={when}")
        assert codes[-1] != 1, "an exception that nobody expected; it is printed above"
        assert judge.during(one, dropped) == [], (call, fault, when)
        assert nursery.run(one) == [0], (call, fault, when)
        assert judge.after(one, dropped) == [], (call, fault, when)
        if codes[-1] == 0 and when > 8:
            break
    assert any(codes) or call in ("rmdir", "fdatasync"), f"no {call} was ever hit"
