"""The words of each language, one YAML file each."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml


@cache
def vocabulary(name: str) -> dict[str, Any]:
    """The vocabulary file ``name`` (``"cs"``, ``"de"``, ``"en"``, ``"fr"``, ``"receipts"``, ``"others"``)."""
    data: dict[str, Any] = yaml.safe_load((Path(__file__).parent / f"{name}.yaml").read_text(encoding="utf-8"))
    return data
