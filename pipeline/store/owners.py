"""Names for who holds a lease, from which a neighbour on the same machine can tell that the holder is dead.

A lease expires by the clock, but after a crash nobody should wait a quarter of an hour for that: a name holds
the machine, its boot, the process namespace, the process and when that process began. Where all of this is known
and there is no such process any more, the holder is lost. Anything we can't judge (another machine, another
container, a person at the desk) is left to the clock.
"""

from __future__ import annotations

import os
import secrets
import socket
from pathlib import Path

_PROC = Path("/proc")


def _started(pid: int) -> str:
    """When the process began, in clock ticks since boot (proc(5), field 22 of ``stat``); empty where there is none."""
    try:
        stat = (_PROC / str(pid) / "stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return ""
    fields = stat.rpartition(")")[2].split()
    return "" if fields[0] in "ZX" else fields[19]  # a zombie is dead


def _machine() -> str:
    try:
        boot = (_PROC / "sys/kernel/random/boot_id").read_text(encoding="ascii")[:8]
        namespace = (_PROC / "self/ns/pid").stat().st_ino
    except OSError:
        boot, namespace = "", 0
    return f"{socket.gethostname().replace(':', '-')[:14]}:{boot}:{namespace}"


def new_owner() -> str:
    """A name that only its caller has, at most 64 characters, for one line of work at a time."""
    return f"{_machine()}:{os.getpid()}:{_started(os.getpid())}:{secrets.token_hex(4)}"


def is_lost(owner: str) -> bool:
    """Whether the process of that name is certainly gone; False where we can't know."""
    parts = owner.split(":")
    if len(parts) != 6 or not parts[3].isdigit() or not parts[4]:
        return False
    host, boot, namespace, pid, started, _ = parts
    our_host, our_boot, our_namespace = _machine().split(":")
    if host != our_host or not boot or not our_boot:
        return False
    if boot != our_boot:  # a machine that was started again has lost all its processes
        return True
    return namespace == our_namespace and _started(int(pid)) != started


def is_this_process(owner: str) -> bool:
    """Whether the name was made by this very process."""
    return owner.rpartition(":")[0] == f"{_machine()}:{os.getpid()}:{_started(os.getpid())}"
