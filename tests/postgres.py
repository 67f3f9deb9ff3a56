"""A private PostgreSQL cluster for a test session, started from whatever binaries the machine has.

PostgreSQL refuses to run as root: then it runs as ``postgres`` or ``nobody``. Data are in a temporary folder of that
user, nothing is synced (it is thrown away), it listens on a Unix socket and on a free loopback port, and the
kernel ends it when the test process dies.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

USER = "podatelna"
TEMPLATE = "template_podatelna"
_PR_SET_PDEATHSIG = 1


class NoPostgres(Exception):
    """There are no binaries, or the cluster does not start; the message says why."""


def binaries() -> Path:
    """The folder of ``initdb`` and ``postgres``."""
    folders: list[Path] = []
    with contextlib.suppress(OSError, subprocess.CalledProcessError):
        told = subprocess.run(["pg_config", "--bindir"], capture_output=True, text=True, check=True)
        folders.append(Path(told.stdout.strip()))
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    if found := shutil.which("initdb"):
        folders.append(Path(found).resolve().parent)
    for folder in folders:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    raise NoPostgres("PostgreSQL's server programs (initdb, postgres) are not installed")


def _account() -> pwd.struct_passwd | None:
    """The account to run under, or None for our own."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise NoPostgres("we are root, and there is no account postgres or nobody to run PostgreSQL under")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Cluster:
    """A running cluster. `url` addresses a database over the socket, `tcp_url` over the loopback."""

    folder: Path
    port: int
    bin: Path
    account: pwd.struct_passwd | None
    server: subprocess.Popen[bytes]

    @classmethod
    def start(cls) -> Cluster:
        bin_folder, account = binaries(), _account()
        folder = Path(tempfile.mkdtemp(prefix="podatelna-pg-"))
        if account is not None:
            os.chown(folder, account.pw_uid, account.pw_gid)
        made = subprocess.run(
            [bin_folder / "initdb", "-D", folder / "data", "-U", USER, "-A", "trust", "-E", "UTF8", "--locale=C", "-N"],
            capture_output=True,
            cwd=folder,
            check=False,
            **cls._as(account),
        )
        if made.returncode != 0:
            shutil.rmtree(folder, ignore_errors=True)
            raise NoPostgres(f"initdb failed: {made.stderr.decode(errors='replace').strip()[-300:]}")
        cluster = cls(folder, _free_port(), bin_folder, account, None)  # type: ignore[arg-type]
        cluster.launch()
        return cluster

    @staticmethod
    def _as(account: pwd.struct_passwd | None) -> dict[str, object]:
        if account is None:
            return {}
        return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": [account.pw_gid]}

    def launch(self) -> None:
        """Start the server and wait until it answers."""
        settings = {
            "fsync": "off",
            "full_page_writes": "off",
            "synchronous_commit": "off",
            "shared_buffers": "16MB",
            "max_connections": "150",
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": str(self.folder),
            "autovacuum": "off",
        }
        libc = ctypes.CDLL(None)
        with (self.folder / "log").open("ab") as log:
            self.server = subprocess.Popen(
                [self.bin / "postgres", "-D", self.folder / "data"]
                + [part for name, value in settings.items() for part in ("-c", f"{name}={value}")],
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                cwd=self.folder,
                preexec_fn=lambda: libc.prctl(_PR_SET_PDEATHSIG, signal.SIGQUIT),
                **self._as(self.account),
            )
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and self.server.poll() is None:
            with contextlib.suppress(Exception):
                self.execute("SELECT 1")
                return
            time.sleep(0.05)
        self.halt()
        raise NoPostgres(f"the server did not start: {(self.folder / 'log').read_text()[-300:]}")

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://{USER}@/{database}?host={self.folder}&port={self.port}"

    def tcp_url(self, database: str) -> str:
        return f"postgresql+psycopg://{USER}@127.0.0.1:{self.port}/{database}"

    def execute(self, statement: str) -> None:
        """Run one statement in the maintenance database, outside of a transaction."""
        import psycopg

        with psycopg.connect(
            host=str(self.folder), port=self.port, user=USER, dbname="postgres", autocommit=True
        ) as connection:
            connection.execute(statement)  # type: ignore[arg-type]

    def halt(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop the server: SIGINT fast, SIGQUIT as in a crash."""
        if self.server.poll() is None:
            self.server.send_signal(how)
            self.server.wait(30)

    def remove(self) -> None:
        self.halt()
        shutil.rmtree(self.folder, ignore_errors=True)
