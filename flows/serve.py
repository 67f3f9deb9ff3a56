"""``podatelna serve``: the desk, the Prefect server and the scheduled flows on one machine.

Four children of one parent: the Prefect server, the runner of the deployments, the desk, and (here, in the
parent) a watcher of the drop folder that takes a file in within seconds and starts the process flow. The
schedules are the safety net behind the watcher. When any child ends, all end.
"""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import httpx
import structlog

from flows.prefect_home import api_url, configure
from flows.watch import watch
from models.errors import SettingsError, StoreUnavailable
from models.settings import Settings
from pipeline.intake import take_in
from pipeline.process import pending
from pipeline.store import Store

log = structlog.get_logger()

PROCESS = "process/scheduled"
_START_SECONDS = 120.0
_STOP_SECONDS = 15.0
_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None)


def deploy() -> None:
    """Run the deployments of the three flows until stopped (the child process ``serve`` starts this)."""
    from models.settings import load_settings

    settings = load_settings()
    configure(settings, server=True)
    from prefect import Flow, serve
    from prefect.deployments.runner import RunnerDeployment

    from flows.flows import housekeeping, ingest, process

    schedules: dict[Flow[..., Any], int] = {
        ingest: settings.ingest_every_seconds,
        process: settings.process_every_seconds,
        housekeeping: settings.housekeeping_every_seconds,
    }
    serve(
        *(RunnerDeployment.from_flow(flow, "scheduled", interval=seconds) for flow, seconds in schedules.items()),
        pause_on_shutdown=False,
        print_starting_message=False,
    )


def desk() -> None:
    """Serve the review desk until stopped (the child process ``serve`` starts this)."""
    import uvicorn

    from models.settings import load_settings
    from pipeline.review.desk import create_app

    settings = load_settings()
    uvicorn.run(create_app(settings), host=settings.host, port=settings.desk_port, log_level="warning")


def _end_with_parent() -> None:
    """In a child before it starts: when ``serve`` is lost, however it is lost, the child is told to end (prctl(2))."""
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _refuse_taken_ports(settings: Settings, own_server: bool) -> None:
    """Raise `SettingsError` where another program listens already: its page is not the desk."""
    wanted = {"PODATELNA_DESK_PORT": settings.desk_port}
    if own_server:
        wanted["PODATELNA_PREFECT_PORT"] = settings.prefect_port
    for name, port in wanted.items():
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((settings.host, port))
            except OSError as error:
                raise SettingsError(
                    f"{settings.host}:{port} can't be used ({error.strerror}): another program listens there, perhaps "
                    f"another serve. Stop it, or choose another port with {name}."
                ) from error


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2.0).status_code < 500
    except httpx.HTTPError:
        return False


def _deployed() -> bool:
    """Whether the Prefect server knows our deployments yet."""
    from prefect.client.orchestration import get_client
    from prefect.exceptions import ObjectNotFound

    with get_client(sync_client=True) as client:
        try:
            client.read_deployment_by_name(PROCESS)
        except (ObjectNotFound, httpx.HTTPError):
            return False
    return True


def _started_process_flow() -> bool:
    """Whether a run of the process flow was asked for; where Prefect does not answer, it is asked again later."""
    from prefect.deployments import run_deployment
    from prefect.exceptions import PrefectException

    try:
        run_deployment(PROCESS, timeout=0)
    except (PrefectException, httpx.HTTPError) as error:
        log.warning("process flow not started", error=type(error).__name__)
        return False
    return True


class Services:
    """The children of one ``serve``; start them, wait for them, stop them."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._children: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str, *arguments: str) -> None:
        """Start ``python ARGUMENTS`` as a child of its own process group."""
        home = self.settings.home.absolute()
        temporary = home / "prefect" / "tmp"  # Prefect's runner would use one folder of /tmp for all accounts
        temporary.mkdir(parents=True, exist_ok=True, mode=0o700)
        environment = os.environ | {"PODATELNA_HOME": str(home), "TMPDIR": str(temporary)}
        self._children[name] = subprocess.Popen(
            [sys.executable, *arguments],
            env=environment,
            start_new_session=True,
            stdout=subprocess.DEVNULL,
            preexec_fn=_end_with_parent,  # noqa: PLW1509 - this process has one thread so far
        )

    def wait_for(self, name: str, answers: Callable[[], bool], stop: threading.Event) -> None:
        """Wait until a child answers, or ``stop`` is set.

        Raises:
            StoreUnavailable: the child ended or stayed silent.
        """
        end = time.monotonic() + _START_SECONDS
        while time.monotonic() < end and self._children[name].poll() is None:
            if stop.is_set() or answers():
                return
            time.sleep(0.3)
        raise StoreUnavailable(
            f"The {name} did not start; its last words are above. If a port is taken, choose another with "
            "PODATELNA_DESK_PORT or PODATELNA_PREFECT_PORT."
        )

    def ended(self) -> str | None:
        """The name of a child that has ended, or None while all live."""
        return next((name for name, child in self._children.items() if child.poll() is not None), None)

    def stop(self) -> None:
        """End all children: politely, then by force."""
        for child in self._children.values():
            if child.poll() is None:
                os.killpg(child.pid, signal.SIGTERM)
        end = time.monotonic() + _STOP_SECONDS
        for child in self._children.values():
            try:
                child.wait(max(0.1, end - time.monotonic()))
            except subprocess.TimeoutExpired:
                os.killpg(child.pid, signal.SIGKILL)
                child.wait()


def serve(settings: Settings, ready: Callable[[], None]) -> None:
    """Run everything until SIGINT or SIGTERM; ``ready`` is called once all answers.

    Raises:
        StoreUnavailable: a part could not start, or ended by itself.
    """
    configure(settings, server=True)
    store = Store.open(settings)
    services = Services(settings)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    try:
        own_server = os.environ["PREFECT_API_URL"] == api_url(settings)
        _refuse_taken_ports(settings, own_server)
        if own_server:
            arguments = ("--host", settings.host, "--port", str(settings.prefect_port))
            services.start("Prefect server", "-m", "prefect", "server", "start", *arguments, "--log-level", "WARNING")
        services.start("desk", "-m", "flows.serve", "desk")
        services.wait_for("desk", lambda: _answers(f"http://{settings.host}:{settings.desk_port}/"), stop)
        if own_server:
            services.wait_for("Prefect server", lambda: _answers(f"{api_url(settings)}/health"), stop)
        services.start("deployments", "-W", "ignore::RuntimeWarning", "-m", "flows.serve", "deploy")
        services.wait_for("deployments", _deployed, stop)
        if not stop.is_set():
            ready()
        waiting = bool(pending(store, limit=1))
        for _ in watch(settings, stop):
            if name := services.ended():
                raise StoreUnavailable(f"The {name} ended by itself; everything was stopped. Its last words are above.")
            waiting = bool(take_in(store).taken) or waiting
            if waiting:
                waiting = not _started_process_flow()
    finally:
        services.stop()
        store.close()


if __name__ == "__main__":
    {"deploy": deploy, "desk": desk}[sys.argv[1]]()
