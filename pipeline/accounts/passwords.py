"""Passwords: which are taken, and their Argon2id hashes.

Rules after NIST SP 800-63B-4, 3.1.1.2, and OWASP ASVS 5, 6.2: length counts, no rules of composition, no expiry, any
character; what a guesser tries first is refused. Hash parameters are the second choice of RFC 9106, section 4
(64 MiB, 3 passes); a hash of other parameters is renewed when its owner signs in.
"""

from __future__ import annotations

import string
import threading
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

from models.errors import InvalidValue
from models.messages import say

SHORTEST, LONGEST = 12, 256
_FEWEST_CHARACTERS = 5
_FIRST_GUESSES = ("password", "passwort", "heslo", "podatelna", "welcome", "letmein", "qwerty", "qwertz", "admin")
_RUNS = (string.digits * 2, string.ascii_lowercase, "qwertyuiopasdfghjklzxcvbnm", "qwertzuiopasdfghjklyxcvbnm")

hasher = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)
_at_once = threading.BoundedSemaphore(4)  # of 64 MiB each: a flood of tries must not eat the memory


def _plain(password: str) -> str:
    return unicodedata.normalize("NFKC", password)  # the same keys on another keyboard or system


def check_password(password: str, *names: str) -> None:
    """Refuse a password that is too short or easy to guess; ``names`` are those of its owner.

    Raises:
        InvalidValue: the message says what to do.
    """
    plain = _plain(password)
    if len(plain) < SHORTEST:
        raise InvalidValue(
            say("Take at least {count} characters; several words are good.", count=SHORTEST),
            {"password": say("Too short.")},
        )
    if len(plain) > LONGEST:
        raise InvalidValue(say("Take at most {count} characters.", count=LONGEST), {"password": say("Too long.")})
    if _is_easy(plain.casefold(), [name.casefold() for name in names if len(name) > 2]):
        raise InvalidValue(
            say(
                "This is easy to guess: a usual word, your name, a row of keys or a repetition. Take several words "
                "that have nothing to do with you."
            ),
            {"password": say("Easy to guess.")},
        )


def _is_easy(plain: str, names: list[str]) -> bool:
    if len(set(plain)) < _FEWEST_CHARACTERS:
        return True
    if plain in (plain + plain)[1:-1]:  # it is a shorter piece, repeated
        return True
    if any(plain in run or plain in run[::-1] for run in _RUNS):
        return True
    rest = plain
    for word in sorted((*_FIRST_GUESSES, *names), key=len, reverse=True):
        rest = rest.replace(word, "")
    return sum(char.isalpha() for char in rest) < 4 and rest != plain


def hash_password(password: str) -> str:
    """The Argon2id hash of a password, with its salt and parameters in it."""
    with _at_once:
        return hasher.hash(_plain(password))


def fits(password: str, stored: str | None) -> bool:
    """Whether a password is that of a hash; takes as long where there is none, so that time does not tell."""
    with _at_once:
        try:
            hasher.verify(stored or _nobodys(), _plain(password[: LONGEST * 4]))
            return stored is not None
        except (VerificationError, InvalidHashError):
            return False


def is_old(stored: str) -> bool:
    """Whether a hash was made with other parameters than those of today."""
    return hasher.check_needs_rehash(stored)


_nobody: dict[PasswordHasher, str] = {}


def _nobodys() -> str:
    if hasher not in _nobody:
        _nobody[hasher] = hasher.hash("nobody has this one")
    return _nobody[hasher]
