"""A desk in a process of its own, for the browser tests: ``python -m tests.browser.server SETTINGS PORT [KILL_FILE]``.

While KILL_FILE exists, the process dies at the named point that stands in it; by default between the commit of a
decision and its answer.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path

import uvicorn

from models.settings import Settings
from pipeline import checkpoint
from pipeline.review.desk import create_app


def main(settings: str, port: str, kill_file: str = "") -> None:
    def die(name: str) -> None:
        if not kill_file or not Path(kill_file).exists():
            return
        if name == (Path(kill_file).read_text() or "after_review_save"):
            os.kill(os.getpid(), signal.SIGKILL)

    checkpoint.observer = die
    uvicorn.run(create_app(Settings(**json.loads(settings))), host="127.0.0.1", port=int(port), log_level="warning")


if __name__ == "__main__":
    main(*sys.argv[1:])
