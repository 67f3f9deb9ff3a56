"""A home keeps other accounts out, and its secrets are its owner's alone."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from models.settings import load_settings
from pipeline.store import Store, secret


def test_other_accounts_are_kept_out_of_a_new_home(tmp_path: Path) -> None:
    home = tmp_path / "deep" / "home"
    with Store.open(load_settings(home=home, database_url=f"sqlite:///{home}/podatelna.db")):
        assert not stat.S_IMODE(home.stat().st_mode) & stat.S_IRWXO


def test_makers_of_one_secret_agree_and_nobody_else_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "desk.key"
    with ThreadPoolExecutor(8) as pool:
        words = set(pool.map(lambda _: secret(path), range(64)))
    assert len(words) == 1
    assert len(words.pop()) >= 43  # 256 bits in base64
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [one.name for one in tmp_path.iterdir()] == ["desk.key"]
