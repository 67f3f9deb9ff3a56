"""The Prefect flows against a real Prefect server, and ``serve`` as a whole."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.chunks import LARGE_BYTES, chunks

EXECUTABLE = str(Path(sys.executable).with_name("podatelna"))
SAMPLES = Path(__file__).parents[2] / "data" / "samples" / "documents"


@given(
    st.dictionaries(st.integers(1, 10_000), st.integers(0, 2 * LARGE_BYTES), max_size=300),
    st.integers(1, 16),
    st.integers(1, 60),
)
def test_chunks_hold_every_document_once(sizes: dict[int, int], workers: int, most: int) -> None:
    made = chunks(sizes, workers, most)
    assert sorted(one for chunk in made for one in chunk) == sorted(sizes)
    assert all(1 <= len(chunk) <= most for chunk in made)
    assert all(len(chunk) == 1 for chunk in made if any(sizes[one] >= LARGE_BYTES for one in chunk))


def test_a_small_batch_is_spread_over_all_workers() -> None:
    assert chunks(dict.fromkeys(range(10), 1), workers=2, most=50) == [[0, 1, 2, 3, 4], [5, 6, 7, 8, 9]]


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    return clean | {
        "PODATELNA_HOME": str(tmp_path / "home"),
        "PODATELNA_SETTLE_SECONDS": "0.2",
        "PODATELNA_DESK_PORT": str(free_port()),
        "PODATELNA_PREFECT_PORT": str(free_port()),
    }


@pytest.fixture
def serving(environment: dict[str, str], tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    log = (tmp_path / "serve.log").open("w")
    child = subprocess.Popen(
        [EXECUTABLE, "serve"], env=environment, cwd=tmp_path, stdout=subprocess.PIPE, stderr=log, text=True
    )
    yield child
    if child.poll() is None:
        child.kill()
    child.wait()
    assert child.stdout
    child.stdout.close()
    log.close()


def test_serve_takes_a_dropped_file_to_its_end_and_stops_cleanly(
    serving: subprocess.Popen[str], environment: dict[str, str], tmp_path: Path
) -> None:
    assert serving.stdout
    first = serving.stdout.readline()  # printed once everything answers
    assert "Drop folder" in first, (tmp_path / "serve.log").read_text()
    sample = next(path for path in sorted(SAMPLES.glob("*.xml")))
    (tmp_path / "home" / "inbox" / sample.name).write_bytes(sample.read_bytes())

    deadline = time.monotonic() + 120
    settled = 0
    while time.monotonic() < deadline and not settled:
        done = subprocess.run(
            [EXECUTABLE, "status", "--json"], env=environment, cwd=tmp_path, capture_output=True, text=True, check=True
        )
        states = json.loads(done.stdout)["states"]
        settled = states["loaded"] + states["review"]
        time.sleep(1)
    assert settled == 1, (tmp_path / "serve.log").read_text()

    family = psutil.Process(serving.pid).children(recursive=True)
    serving.send_signal(signal.SIGTERM)
    assert serving.wait(60) == 0
    _, alive = psutil.wait_procs(family, timeout=20)
    assert not alive


@pytest.mark.slow
def test_a_lost_serve_takes_its_children_with_it(serving: subprocess.Popen[str], tmp_path: Path) -> None:
    assert serving.stdout
    assert "Drop folder" in serving.stdout.readline(), (tmp_path / "serve.log").read_text()
    family = psutil.Process(serving.pid).children(recursive=True)
    assert len(family) >= 3
    serving.kill()
    _, alive = psutil.wait_procs(family, timeout=30)
    assert not alive


def test_the_flows_run_without_a_server_of_ours_and_twice_changes_nothing(
    environment: dict[str, str], tmp_path: Path
) -> None:
    inbox = tmp_path / "home" / "inbox"
    inbox.mkdir(parents=True)
    sample = next(path for path in sorted(SAMPLES.glob("*.xml")))
    (inbox / sample.name).write_bytes(sample.read_bytes())
    script = (
        "import json\n"
        "from models.settings import load_settings\n"
        "from flows.prefect_home import configure\n"
        "settings = load_settings()\n"
        "configure(settings)\n"
        "from flows.flows import housekeeping, ingest, run_process\n"
        "print(json.dumps([ingest(), run_process(settings), ingest(), run_process(settings)]))\n"
        "housekeeping()\n"
    )
    settled = environment | {"PODATELNA_SETTLE_SECONDS": "0"}
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=settled,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    first, processed, second, again = json.loads(done.stdout.splitlines()[-1])
    assert first["taken"] == 1
    assert sum(processed.values()) == 1
    assert second["taken"] == 0
    assert again == {}
