"""How long "Next" and the lists take on a queue of a million: ``python tests/benchmarks/claims.py [--documents N]``.

Fills a database of its own (SQLite in a temporary folder, or ``--postgresql`` for a private cluster), lets reviewers
claim and give back, several at once, and turns the pages of the lists. Prints milliseconds: median and 95th percentile;
of the pages as the desk answers them, with the sign-in and the HTML.

``--home FOLDER`` keeps the SQLite database there, so that it is filled once and measured often.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import random
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.orm import Session

sys.path.insert(0, str(Path(__file__).parents[2]))

from models.roles import EVERYTHING, Role, Scope
from models.settings import Settings
from models.states import State
from pipeline.review import queue
from pipeline.review.desk import create_app
from pipeline.review.figures import figures
from pipeline.search import Wanted, find
from pipeline.store import Store, clock
from tests.postgres import Cluster
from tests.review.people import client_of

TYPES = ("invoice", "credit_note", "receipt", "other")
ASIDE, PEOPLE = 5_000, 300  # documents put aside, accounts


def fill(store: Store, documents: int) -> None:
    """Waiting documents of four types, one in a hundred urgent; written in the database itself, which is quick."""
    columns = (
        "sha256, name, media_type, size, state, version, attempts, type, reasons, findings, received_at, changed_at"
    )
    series, sha = "generate_series(1, :n) AS s(i)", "lpad(to_hex(i), 64, '0')"
    if store.engine.dialect.name == "sqlite":
        series = "(WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < :n) SELECT i FROM s)"
        sha = "printf('%064x', i)"
    kinds = " ".join(f"WHEN {number} THEN '{kind}'" for number, kind in enumerate(TYPES))
    values = f"{sha}, 'scan.pdf', 'application/pdf', 1, 'review', 3, 1, CASE i % 4 {kinds} END, '[]', '[]', :now, :now"
    urgent = "CASE WHEN i % 100 = 0 THEN 2 ELSE 5 END"
    with store.transaction() as session:
        session.execute(
            text(f"INSERT INTO documents ({columns}, priority) SELECT {values}, {urgent} FROM {series}"),
            {"n": documents, "now": clock.now()},
        )
        _spread(session, documents)
        _make_found(session)
        _work(session, documents)
    if store.engine.dialect.name == "postgresql":  # does it by itself where its autovacuum is on
        with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")


def _spread(session: Session, documents: int) -> None:
    """Let them have arrived in the last sixty days, one like another, as ids grow."""
    step = 60 * 86_400 / documents
    size = max(1, documents // 600)
    for first in range(1, documents + 1, size):
        then = clock.now() - dt.timedelta(seconds=step * (documents - first))
        session.execute(
            text("UPDATE documents SET received_at = :then WHERE id >= :first AND id < :end"),
            {"then": then, "first": first, "end": first + size},
        )


def _make_found(session: Session) -> None:
    """A word of all, one of each hundredth, and one of each alone."""
    if session.get_bind().dialect.name == "sqlite":
        words = "'kancelarsky papir h' || (id % 100) || ' fv' || id"
        session.execute(text(f"INSERT INTO search_texts (rowid, words) SELECT id, {words} FROM documents"))
        return
    words = "array_to_tsvector(ARRAY['kancelarsky', 'papir', 'h' || (id % 100), 'fv' || id])"
    session.execute(text(f"INSERT INTO search_texts (document_id, words) SELECT id, {words} FROM documents"))


def _work(session: Session, documents: int) -> None:
    """What people left: looks at a tenth of the documents in four weeks, notes of what is aside, accounts."""
    now = clock.now()
    looks = "INSERT INTO review_effort (document_id, by, at, outcome, field, seen, changed, seconds, keystrokes, clicks"
    then = "received_at" if session.get_bind().dialect.name == "sqlite" else "d.received_at"
    session.execute(
        text(
            f"{looks}) SELECT d.id, 'anna', {then}, 'accepted', '', :yes, :yes, 20 + d.id % 30, 5 + d.id % 9, 0"
            " FROM documents d WHERE d.id % 10 = 0 AND d.received_at >= :since"
        ),
        {"yes": True, "since": now - dt.timedelta(days=28)},
    )
    session.execute(
        text(
            "INSERT INTO put_aside (document_id, by, note, at, until) SELECT id, 'sue', 'waits', :now, :until"
            " FROM documents WHERE id % :each = 7"
        ),
        {"now": now, "until": now + dt.timedelta(hours=8), "each": max(1, documents // ASIDE)},
    )
    people = "INSERT INTO accounts (name, title, roles, disabled, created_at) VALUES (:name, :name, :roles, :no, :now)"
    rows = [{"name": f"person{n}", "roles": '["reviewer"]', "no": False, "now": now} for n in range(PEOPLE)]
    session.execute(text(people), rows)


def told(name: str, seconds: list[float]) -> None:
    """Print one line."""
    ranked = sorted(one * 1000 for one in seconds)
    print(f"{name:44} median {statistics.median(ranked):7.1f}   p95 {ranked[int(len(ranked) * 0.95)]:7.1f} ms")


def timed(work: Callable[[], object], times: int) -> list[float]:
    """Seconds of each call."""
    found = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        found.append(time.perf_counter() - start)
    return found


def crowd(store: Store, reviewers: int, rounds: int, scope: Scope) -> list[float]:
    """Seconds of each claim, of people who think for a while between two."""
    found: list[float] = []

    def work(name: str) -> None:
        time.sleep(random.uniform(0, 1.5))
        for _ in range(rounds):
            start = time.perf_counter()
            claimed = queue.claim_next(store, name, scope=scope)
            found.append(time.perf_counter() - start)
            time.sleep(random.uniform(0.5, 1.5))
            if claimed is not None:
                queue.release(store, claimed, name)

    threads = [threading.Thread(target=work, args=(f"reviewer{number}",)) for number in range(reviewers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def main() -> None:
    """Fill, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=1_000_000)
    parser.add_argument("--reviewers", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--postgresql", action="store_true")
    parser.add_argument("--home", type=Path)
    options = parser.parse_args()
    cluster = Cluster.start() if options.postgresql else None
    try:
        if cluster:
            cluster.execute("CREATE DATABASE claims")
        with tempfile.TemporaryDirectory() as folder:
            home = options.home or Path(folder)
            settings = Settings(home=home, database_url=cluster.url("claims") if cluster else "")
            with Store.open(settings) as store:
                if not queue.waiting(store, 1):
                    fill(store, options.documents)
                load = os.getloadavg()[0]
                print(f"{options.documents:,} waiting on {store.engine.dialect.name}, {options.reviewers} reviewers")
                print(f"load of the machine {load:.1f} on {os.cpu_count()} cores")
                measure(store, options)
                pages(settings, store, options)
    finally:
        if cluster:
            cluster.remove()


def measure(store: Store, options: argparse.Namespace) -> None:
    """Claims alone and in a crowd, and the lists."""
    receipts = Scope(types=frozenset({"receipt"}))
    middle = options.documents // 2
    told("next, alone", timed(lambda: queue.claim_next(store, "anna"), 50))
    told("next, of one document type", timed(lambda: queue.claim_next(store, "anna", scope=receipts), 50))
    told("next, after a skip in the middle", timed(lambda: queue.claim_next(store, "anna", after=middle), 50))
    told("next, in a crowd", crowd(store, options.reviewers, options.rounds, Scope()))
    told("look ahead", timed(lambda: queue.peek_next(store, "anna", middle), 50))
    told("queue, first page", timed(lambda: queue.waiting(store, 50), 50))
    told("queue, a page in the middle", timed(lambda: queue.waiting(store, 50, after=middle), 50))
    told("queue, of one type, in the middle", timed(lambda: queue.waiting(store, 50, after=middle, scope=receipts), 50))
    told("documents, newest first", timed(lambda: queue.documents(store, State.REVIEW, 50), 50))
    told("counts by state", timed(lambda: queue.counts(store), 10))
    told("search, a word of all documents", timed(lambda: find(store, Wanted("papir"), 50), 20))
    told("search, of each hundredth", timed(lambda: find(store, Wanted("papir h7", type="other"), 50), 20))
    told("search, of one", timed(lambda: find(store, Wanted(f"papir fv{middle}"), 50), 20))
    told("search, of all, in the middle", timed(lambda: find(store, Wanted("papir"), 50, before=middle), 20))
    told("search, beginnings of words", timed(lambda: find(store, Wanted(f"kancel fv{middle}"), 50), 20))
    told("figures, asked anew (at most once a minute)", timed(lambda: figures(store), 5))


def pages(settings: Settings, store: Store, options: argparse.Namespace) -> None:
    """The list pages as the desk answers them to a supervisor."""
    app = create_app(settings)
    try:
        client = client_of(app, store, "Sue", Role.SUPERVISOR, scope=EVERYTHING)
        middle = options.documents // 2
        today = clock.now().date()
        old = today - dt.timedelta(days=50)
        asked = {
            "queue": "/",
            "queue, in the middle": f"/?after={middle}",
            "documents that wait": "/documents?state=review",
            "documents that wait, in the middle": f"/documents?state=review&before={middle}",
            "documents, loaded": "/documents?state=loaded",
            "put aside": "/aside",
            "put aside, everybody's, in the middle": f"/aside?everybody=true&after={middle}",
            "search, a word of all": "/search?q=papir",
            "search, a word of all, one type": "/search?q=papir&type=other&state=review",
            "search, of one": f"/search?q=papir+fv{middle}",
            "search, beginnings": f"/search?q=kancel+fv{middle}",
            "search, one beginning of all": "/search?q=kancel",
            "search, a beginning of a tenth": "/search?q=fv1",
            "search, nothing": "/search?q=papir+nowhere",
            "search, days alone": f"/search?since={today - dt.timedelta(days=30)}",
            "search, an old day": f"/search?until={old}",
            "search, an old day, of one state": f"/search?state=review&until={old}",
            "search, an old day, of one type": f"/search?type=receipt&until={old}",
            "search, days, a state that none has": f"/search?state=loaded&until={today}",
            "search, a type alone": "/search?type=receipt",
            "search, a state that none has": "/search?state=loaded",
            "accounts": "/accounts",
        }
        for name, path in asked.items():
            told(f"page: {name}", timed(lambda path=path: client.get(path).raise_for_status(), 40))  # type: ignore[misc]
        told("page: figures, the first after the start", timed(lambda: client.get("/figures").raise_for_status(), 1))
        told("page: figures", timed(lambda: client.get("/figures").raise_for_status(), 40))
    finally:
        app.state.store.close()


if __name__ == "__main__":
    main()
