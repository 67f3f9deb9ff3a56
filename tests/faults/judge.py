"""The outside judge: imports nothing of the project, looks only at the directories and the SQLite database.

Invariants of the design: I1 at every instant the bytes of each drop exist somewhere · I2 after recovery each drop is in
exactly one state · I3 loaded exactly once per content, one ledger row per drop · I4 vault bytes = their hash =
dropped bytes · I5 no loaded row without its vault file · I6 no bytes and no recorded name changed · I7 no ghosts.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

TABLES = {"invoices": "invoice", "credit_notes": "credit_note", "receipts": "receipt", "other_documents": "other"}
FINAL = {"loaded", "quarantined", "rejected", "review"}


@dataclass(frozen=True)
class Dropped:
    """What a station dropped: its name and the hash of its bytes."""

    name: str
    sha256: str


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def contents(folder: Path) -> list[tuple[str, str]]:
    """(name, hash) of all regular files below a folder."""
    found = []
    for root, _, names in os.walk(folder):
        for name in names:
            path = Path(root) / name
            if path.is_file() and not path.is_symlink():
                found.append((name, digest(path)))
    return found


def rows(home: Path, query: str) -> list[tuple]:
    if not (home / "podatelna.db").exists():
        return []
    with closing(sqlite3.connect(home / "podatelna.db", timeout=10)) as connection:
        return connection.execute(query).fetchall()


def during(home: Path, drops: list[Dropped]) -> list[str]:
    """I1 and I4, which hold at every instant, whoever was just killed."""
    problems = []
    somewhere: set[str] = set()
    for place in ("inbox", "work", "quarantine"):
        somewhere |= {sha for _, sha in contents(home / place)}
    vault = contents(home / "vault")
    somewhere |= {sha for name, sha in vault if not name.startswith("incoming-")}
    problems += [f"I1: the bytes of {one.name} are nowhere" for one in drops if one.sha256 not in somewhere]
    problems += [
        f"I4: {name[:12]} in the vault has other bytes"
        for name, sha in vault
        if not name.startswith("incoming-") and name != sha
    ]
    try:
        known = len(rows(home, "SELECT id FROM drops"))
    except sqlite3.OperationalError:  # killed before there were tables
        known = 0
    waiting = len(contents(home / "inbox")) + len(contents(home / "work"))
    if known + waiting < len(drops):
        problems.append(f"I1: {len(drops)} drops, but {known} rows and {waiting} files")
    return problems


def after(home: Path, drops: list[Dropped]) -> list[str]:
    """All invariants, once a worker has run to its end."""
    problems = during(home, drops)
    for place in ("inbox", "work"):
        problems += [f"I2: {name} is still in {place}" for name, _ in contents(home / place)]
        if place == "work":
            problems += [f"I7: {path.name} is left in work" for path in (home / place).iterdir()]
    problems += _documents(home, drops)
    problems += _rows(home)
    problems += _quarantine(home)
    return problems


def _documents(home: Path, drops: list[Dropped]) -> list[str]:
    problems = []
    documents = rows(home, "SELECT id, sha256, state FROM documents")
    hashes = Counter(sha for _, sha, _ in documents)
    problems += [f"I3: {count} documents of {sha[:12]}" for sha, count in hashes.items() if count > 1]
    problems += [f"I2: document {one} is {state}" for one, _, state in documents if state not in FINAL]
    if set(hashes) != {one.sha256 for one in drops}:
        problems.append("I6: the documents are not those that were dropped")
    vault = {name for name, _ in contents(home / "vault") if not name.startswith("incoming-")}
    problems += [f"I5: document {one} has no bytes" for one, sha, _ in documents if sha not in vault]
    problems += [f"I7: {name[:12]} in the vault is of no document" for name in vault - set(hashes)]
    linked = rows(home, "SELECT drops.name, documents.sha256 FROM drops JOIN documents ON documents.id = document_id")
    wanted = Counter((one.name, one.sha256) for one in drops)
    if Counter(linked) != wanted:
        missing, extra = wanted - Counter(linked), Counter(linked) - wanted
        problems.append(f"I3/I6: drops differ: missing {list(missing)[:3]}, too many {list(extra)[:3]}")
    told = Counter(
        rows(
            home,
            "SELECT json_extract(data, '$.drop') FROM events WHERE kind IN ('received', 'duplicate')"
            " AND json_extract(data, '$.drop') IS NOT NULL",
        )
    )
    if any(count != 1 for count in told.values()) or len(told) != len(drops):
        problems.append(f"I3: {len(drops)} drops, {sum(told.values())} entries in the ledger")
    return problems


def _rows(home: Path) -> list[str]:
    problems = []
    loaded = {one for (one,) in rows(home, "SELECT id FROM documents WHERE state = 'loaded'")}
    entries = Counter(one for (one,) in rows(home, "SELECT document_id FROM events WHERE kind = 'loaded'"))
    recalls = Counter(one for (one,) in rows(home, "SELECT document_id FROM events WHERE kind = 'recalled'"))
    standing = {one: entries[one] - recalls[one] for one in entries | recalls}  # each recall takes one loading back
    problems += [f"I3: document {one} was loaded {n} times too often" for one, n in standing.items() if n not in (0, 1)]
    if {one for one, count in standing.items() if count} != loaded:
        problems.append("I3: the ledger and the states disagree about what is loaded")
    superseded = {one for (one,) in rows(home, "SELECT document_id FROM events WHERE kind = 'superseded'")}
    reversed_ = Counter(one for (one,) in rows(home, "SELECT document_id FROM recalled_rows"))
    problems += [
        f"I3: document {one} was recalled {recalls[one]} times, with {reversed_[one]} reversing entries"
        for one in set(recalls) | set(reversed_)
        if reversed_[one] != recalls[one] and one not in superseded
    ]
    owners: Counter[int] = Counter()
    for table in TABLES:
        owners.update(one for (one,) in rows(home, f"SELECT document_id FROM {table}"))
    problems += [f"I3: {count} rows of document {one}" for one, count in owners.items() if count != 1]
    problems += [f"I7: a row of document {one}, which is not loaded" for one in set(owners) - loaded]
    problems += [f"I3: document {one} is loaded without a row" for one in loaded - set(owners) - superseded]
    lines = rows(home, "SELECT count(*) FROM invoice_lines WHERE invoice_id NOT IN (SELECT id FROM invoices)")
    if lines and lines[0][0]:
        problems.append("I7: lines without an invoice")
    problems += [f"I7: a lease on {one} is left" for (one,) in rows(home, "SELECT document_id FROM leases")]
    return problems


def _quarantine(home: Path) -> list[str]:
    problems = []
    there = dict(contents(home / "quarantine"))
    for name in there:
        if name.endswith(".reason.txt"):
            if name.removesuffix(".reason.txt") not in there:
                problems.append(f"I7: {name} without its file")
        elif not name.startswith(".incoming-") and f"{name}.reason.txt" not in there:
            problems.append(f"I7: {name} in quarantine has no reason")
    bytes_there = Counter(sha for name, sha in there.items() if not name.endswith(".reason.txt"))
    wanted = Counter(
        sha
        for (sha,) in rows(
            home,
            "SELECT sha256 FROM documents JOIN drops ON documents.id = document_id WHERE state = 'quarantined'",
        )
    )
    if wanted - bytes_there:
        problems.append(f"I2: {len(wanted - bytes_there)} refused contents were not given back")
    return problems
