"""The Prefect flows: a thin wrap around the pipeline's own functions.

Measured for Prefect 3.8.8: a flow run costs 1.1 s (a heartbeat thread's wait) and a task 24 ms of server CPU. So one
flow run takes a whole batch and one task a chunk of documents; the documents themselves are read in our
own child processes, and state and leases are in our tables. Only ids pass between tasks. After a SIGKILL
a run stays "Running" in Prefect for ever; the documents do not care, because their leases expire.

Import this module after `flows.prefect_home.configure`.
"""

from __future__ import annotations

import fcntl
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from prefect import flow, task, unmapped
from prefect.cache_policies import NO_CACHE
from prefect.task_runners import ThreadPoolTaskRunner
from sqlalchemy import select

from flows.chunks import chunks
from models.errors import SomeFailed
from models.settings import Settings, load_settings
from models.tables import DocumentRow
from pipeline.housekeeping import tidy
from pipeline.intake import take_in
from pipeline.process import pending
from pipeline.process import process as process_documents
from pipeline.store import Store


def _settings(home: str | None) -> Settings:
    return load_settings(home=Path(home) if home else None)


@contextmanager
def _alone(settings: Settings, name: str) -> Iterator[bool]:
    """Whether this is the only run of ``name`` on this machine; the lock ends with the process, however it ends."""
    handle = os.open(settings.home / f"{name}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        yield False
    else:
        yield True
    finally:
        os.close(handle)


@flow(name="ingest", persist_result=False)
def ingest(home: str | None = None) -> dict[str, int]:
    """Take in what is quiet and complete in the drop folder. Returns counts: taken, duplicates, refused, waiting."""
    settings = _settings(home)
    with Store.open(settings) as store:
        report = take_in(store)
    return {
        "taken": report.taken,
        "duplicates": report.duplicates,
        "refused": report.refused,
        "waiting": report.waiting,
    }


@task(name="process-chunk", cache_policy=NO_CACHE, persist_result=False)
def process_chunk(home: str | None, ids: list[int]) -> dict[str, int]:
    """Bring each document of a chunk as far as the machine can. Returns counts by state; safe to repeat."""
    with Store.open(_settings(home)) as store:
        return dict(Counter(outcome.state.value for outcome in process_documents(store, ids, workers=1)))


@flow(name="process", persist_result=False)
def process(home: str | None = None) -> dict[str, int]:
    """Read, understand, check and route all that waits. Returns counts by state; empty where another run is at it.

    Raises:
        SomeFailed: a chunk failed by a bug of ours; the other chunks are done, and Prefect shows which.
    """
    settings = _settings(home)
    totals: Counter[str] = Counter()
    failed = 0
    with Store.open(settings) as store, _alone(settings, "process") as alone:
        while alone and (ids := pending(store, limit=1000)):
            with store.reading() as session:
                found = session.execute(select(DocumentRow.id, DocumentRow.size).where(DocumentRow.id.in_(ids)))
                sizes = {row.id: row.size for row in found}
            shares = chunks(sizes, settings.workers, settings.chunk_documents)
            done: Counter[str] = Counter()
            for future in process_chunk.map(unmapped(home), shares):
                result = future.result(raise_on_failure=False)
                if isinstance(result, dict):
                    done.update(result)
                else:
                    failed += 1
            totals.update(done)
            if not done:  # all that is left is leased to others, or brings out a bug of ours
                break
    if failed:
        raise SomeFailed(f"{failed} chunks of documents failed; their tasks show why. The next run tries again.")
    return dict(totals)


@flow(name="housekeeping", persist_result=False)
def housekeeping(home: str | None = None) -> dict[str, int]:
    """Give back lost leases, finish what a crash left half-done, forget old page images. Returns counts."""
    with Store.open(_settings(home)) as store:
        return tidy(store)


def run_process(settings: Settings) -> dict[str, int]:
    """Run the process flow here and now, with as many tasks at once as the settings say."""
    runner: Any = ThreadPoolTaskRunner(max_workers=settings.workers)
    return process.with_options(task_runner=runner)(str(settings.home))
