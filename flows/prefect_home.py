"""Prefect's settings, made before Prefect is imported: our home, no telemetry, a password, loopback only.

Prefect reads its environment when it is first imported, so every module of `flows` that needs Prefect is
imported after `configure` (the command line and the flow runs that ``serve`` starts both see to that).
A Prefect run is disposable: nothing here holds business truth.
"""

from __future__ import annotations

import os

from models.settings import Settings
from pipeline.store import secret


def api_url(settings: Settings) -> str:
    """Where the Prefect server of ``serve`` answers."""
    return f"http://{settings.host}:{settings.prefect_port}/api"


def configure(settings: Settings, *, server: bool = False) -> None:
    """Set Prefect's environment for this process and its children.

    With ``server`` the flows report to the server that ``serve`` runs, else Prefect starts a private one
    for as long as the process lives. What the environment already says wins, so an operator may
    point us at a server of their own with ``PREFECT_API_URL``.
    """
    home = settings.home.absolute()
    password = f"podatelna:{secret(home / 'prefect.key')}"
    wanted = {
        "PREFECT_HOME": str(home / "prefect"),
        "PREFECT_SERVER_ALLOW_EPHEMERAL_MODE": "true",
        "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "90",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_CLOUD_ENABLE_ORCHESTRATION_TELEMETRY": "false",
        "DO_NOT_TRACK": "1",
        "PREFECT_RESULTS_PERSIST_BY_DEFAULT": "false",
        "PREFECT_RESULTS_DEFAULT_SERIALIZER": "json",
        "PREFECT_LOGGING_LEVEL": "WARNING",
        "PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW": "ignore",
        "PREFECT_CLI_PROMPT": "false",
        "PREFECT_SERVER_API_HOST": settings.host,
        "PREFECT_SERVER_API_PORT": str(settings.prefect_port),
    }
    if "PREFECT_API_URL" not in os.environ:
        wanted |= {"PREFECT_SERVER_API_AUTH_STRING": password, "PREFECT_API_AUTH_STRING": password}
        if server:
            wanted["PREFECT_API_URL"] = api_url(settings)
    for name, value in wanted.items():
        os.environ.setdefault(name, value)
