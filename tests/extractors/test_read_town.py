"""Postal code and town, also where a rule of dashes follows: every division of it was tried once, for hours."""

from __future__ import annotations

import pytest

from extractors.page.addresses import read_town


@pytest.mark.timeout(20)
def test_a_rule_behind_five_digits_is_no_town() -> None:
    assert read_town("81100 a" + "-" * 80 + "!") is None
    assert read_town("12345 " + "b-" * 60 + "!") is None


@pytest.mark.parametrize(
    ("text", "town"),
    [
        ("D-60311 Frankfurt am Main", "60311 Frankfurt am Main"),
        ("301 00 Plzeň 3 - Jižní", "301 00 Plzeň 3 - Jižní"),
        ("Stoke-on-Trent ST1 1AA", "Stoke-on-Trent ST1 1AA"),
        ("London, SW1A 1AA", "London SW1A 1AA"),
    ],
)
def test_towns(text: str, town: str) -> None:
    assert read_town(text) == town
