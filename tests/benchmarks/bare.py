"""Chromium driven over its debugging pipe, by as little as typing and looking need.

Playwright switches on the browser's network log for whatever it drives, and that keeps the bodies of all answers in the
page's process. So memory is measured on a browser that nobody listens to.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import time
from collections import Counter
from pathlib import Path
from typing import Any

import psutil

_SECONDS = 120.0  # a busy machine is no reason to end


class Chromium:
    """One browser with one page, in a private window of 1280 x 800.

    ``folder`` takes its profile. Raises `EOFError` once the browser is gone.
    """

    def __init__(self, executable: str, arguments: list[str], folder: Path) -> None:
        theirs, ours = os.pipe(), os.pipe()
        self._into, self._from, self._number, self._rest = theirs[1], ours[0], 0, b""

        def lend() -> None:  # it reads from 3 and writes to 4
            ends = os.dup(theirs[0]), os.dup(ours[1])
            os.dup2(ends[0], 3)
            os.dup2(ends[1], 4)

        command = [executable, *arguments, "--headless", "--remote-debugging-pipe", f"--user-data-dir={folder}"]
        self._process = subprocess.Popen(command, preexec_fn=lend, close_fds=False, stderr=subprocess.DEVNULL)
        os.close(theirs[0])
        os.close(ours[1])
        self._session: str | None = None
        window = self.send("Target.createBrowserContext")["browserContextId"]
        sizes = {"width": 1280, "height": 800}
        target = self.send("Target.createTarget", url="about:blank", browserContextId=window, **sizes)["targetId"]
        self._session = self.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.send("Page.enable")  # scripts can be added
        self.send("Performance.enable")

    def send(self, method: str, **params: Any) -> Any:
        """A command of the DevTools protocol; what it answers. Events are thrown away."""
        self._number += 1
        message: dict[str, Any] = {"id": self._number, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._into, json.dumps(message).encode() + b"\0")
        while True:
            while b"\0" not in self._rest:
                read = os.read(self._from, 1 << 20)
                if not read:
                    raise EOFError
                self._rest += read
            one, _, self._rest = self._rest.partition(b"\0")
            answer = json.loads(one)
            if answer.get("id") == self._number:
                if "error" in answer:
                    raise RuntimeError(answer["error"]["message"])
                return answer["result"]

    def evaluate(self, script: str) -> Any:
        """The value of an expression in the page."""
        return self.send("Runtime.evaluate", expression=script, returnByValue=True)["result"].get("value")

    def wait(self, script: str) -> Any:
        """The value of an expression as soon as there is one that is true."""
        end = time.monotonic() + _SECONDS
        while time.monotonic() < end:
            if found := self.evaluate(script):
                return found
            time.sleep(0.02)
        raise TimeoutError(script)

    def enter(self) -> None:
        """Press Enter."""
        self._press("Enter", "\r", {"code": "Enter", "windowsVirtualKeyCode": 13})

    def type(self, text: str) -> None:
        """Press the keys of a text."""
        for letter in text:
            self._press(letter, letter, {})

    def _press(self, key: str, text: str, more: dict[str, Any]) -> None:
        self.send("Input.dispatchKeyEvent", type="keyDown", key=key, text=text, **more)
        self.send("Input.dispatchKeyEvent", type="keyUp", key=key, **more)

    def memory(self) -> Counter[str]:
        """Bytes by kind of process, and those of pictures and drawing buffers that processes share.

        Mapped files are left out: how much of them counts here depends on who else runs the same program.
        """
        found: Counter[str] = Counter()
        for one in [*psutil.Process(self._process.pid).children(recursive=True), psutil.Process(self._process.pid)]:
            try:
                command = " ".join(one.cmdline())
                rollup = Path(f"/proc/{one.pid}/smaps_rollup").read_text("ascii")
            except (psutil.Error, OSError):
                continue
            if "chrom" not in command.partition(" ")[0]:
                continue
            sizes = {name: int(size) * 1024 for name, size in re.findall(r"(\w+):\s+(\d+) kB", rollup)}
            kind = re.search(r"--type=(\S+)", command)
            name = "browser" if kind is None else "page" if kind[1] == "renderer" else "other"
            found[name] += sizes["Pss_Anon"]
            found["shared"] += sizes["Pss_Shmem"]
        return found

    def close(self) -> None:
        """End it."""
        self._session = None
        self.send("Browser.close")
        self._process.wait(20)
        os.close(self._into)
        os.close(self._from)
