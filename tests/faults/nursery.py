"""The test's side of `tests.faults.runner`, and homes to let it loose on."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path

from tests.faults.judge import Dropped

ROOT = Path(__file__).parents[2]


class Nursery:
    """The runner, with everything imported, that forks a worker for each request."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.runner"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )

    def run(self, home: Path, **request: object) -> list[int]:
        """Exit codes of the workers, negative for a signal."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"home": str(home), **request}) + "\n")
        self._process.stdin.flush()
        codes: list[int] = json.loads(self._process.stdout.readline())
        return codes

    def close(self) -> None:
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()
        self._process.wait(10)


def fill(home: Path, drops: dict[str, bytes]) -> list[Dropped]:
    (home / "inbox").mkdir(parents=True, exist_ok=True)
    for name, data in drops.items():
        (home / "inbox" / name).write_bytes(data)
    return [Dropped(name, hashlib.sha256(data).hexdigest()) for name, data in drops.items()]
