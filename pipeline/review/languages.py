"""The languages of the desk: one catalogue (Babel), chosen anew for every request.

How to mark a text, so that `make catalogue` finds it and it can be said in every language:

- In a template ``{{ _("Held by %(name)s", name=who) }}``; with tags or many words inside
  ``{% trans name=who %}Held by <b>{{ name }}</b>{% endtrans %}``. A literal ``%`` in ``_(...)`` is written ``%%``.
- What is counted: ``{{ ngettext("%(num)s row", "%(num)s rows", count) }}`` (``num`` is the count), or
  ``{% trans count=rows | length %}One row{% pluralize %}{{ count }} rows{% endtrans %}``. Never build a plural or a
  sentence out of pieces: Czech has three plurals, cases, and another order of words.
- In Python ``say("Net total {net} differs.", net=net)`` (`models.messages`), also for a title in a table of constants:
  ``say("Waiting for review")``. A template says both by itself in the right language: ``{{ finding.message }}``,
  ``{{ state_titles[state] }}``; Python code that needs the words calls `tell`. Give numbers and dates as `Decimal`,
  `int` and `date`, not as text: they are then written the local way. Don't cut or join a `Message` (``~``, ``[:20]``): what comes out is plain English.
- For a script: a ``data-`` attribute in the template with ``_()`` in it; scripts hold no words of their own.

What is stored, logged and answered to programs stays English.
"""

from __future__ import annotations

import io
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Any

from babel import negotiate_locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from jinja2 import Environment, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from models.messages import Message

LANGUAGES = {"en": "English", "cs": "Čeština"}
"""The languages of the desk by their code, each in its own words."""
SOURCE = "en"
"""The language that templates and code are written in."""
_FOLDER = Path(__file__).parent / "locale"
_spoken: ContextVar[str] = ContextVar("language", default=SOURCE)


def spoken() -> str:
    """The language of the request that is being answered; outside of any: English."""
    return _spoken.get()


def speak(language: str) -> None:
    """From here on, in this request (or thread) alone, texts are in this language."""
    _spoken.set(language)


def choose(*wanted: str, accepted: str = "") -> str:
    """The first of ``wanted`` that we have, else what the browser asks for (``Accept-Language``), else English."""
    for language in wanted:
        if language in LANGUAGES:
            return language
    asked = [(piece.partition(";")[0].strip(), _weight(piece)) for piece in accepted[:500].split(",")]
    by_weight = [tag for tag, weight in sorted(asked, key=lambda one: -one[1]) if tag and weight > 0]
    return negotiate_locale(by_weight, list(LANGUAGES), sep="-") or SOURCE


def _weight(piece: str) -> float:
    """The ``q`` of one piece of the header (RFC 9110, 12.5.4); 0 where it makes no sense."""
    _, marked, weight = piece.replace(" ", "").partition(";q=")
    try:
        return float(weight) if marked else 1.0
    except ValueError:
        return 0.0


@cache
def catalogue(language: str) -> NullTranslations:
    """The translations into a language: read from the text file, which is the only one there is."""
    path = _FOLDER / language / "LC_MESSAGES" / "desk.po"
    if not path.exists():
        return NullTranslations()
    with path.open("rb") as file:
        read = read_po(file, locale=language)
    compiled = io.BytesIO()
    write_mo(compiled, read)
    compiled.seek(0)
    return Translations(compiled)


def gettext(text: str) -> str:
    """A text in the language that is spoken now."""
    return catalogue(spoken()).ugettext(text) if text else text


def ngettext(one: str, many: str, count: int) -> str:
    """The same, in the plural that ``count`` needs."""
    return catalogue(spoken()).ungettext(one, many, count)


def tell(text: Any) -> Any:
    """A `Message` in the language that is spoken now; whatever else it is given, unchanged."""
    if not isinstance(text, Message):
        return text
    return gettext(text.template).format(**{name: tell(value) for name, value in text.values.items()})


def _filled(context: Context, text: str, values: dict[str, Any]) -> str:
    shown = Markup(text) if context.eval_ctx.autoescape else text  # noqa: S704 (texts of the catalogue are ours)
    return shown % values


@pass_context
def _gettext(context: Context, text: str, /, **values: Any) -> str:
    return _filled(context, gettext(text), {name: tell(value) for name, value in values.items()})


@pass_context
def _ngettext(context: Context, one: str, many: str, count: int, /, **values: Any) -> str:
    return _filled(
        context, ngettext(one, many, count), {"num": count} | {name: tell(value) for name, value in values.items()}
    )


def install(environment: Environment) -> None:
    """Teach the templates of an environment to speak: ``_``, ``gettext``, ``ngettext``, ``{% trans %}``."""
    environment.add_extension("jinja2.ext.i18n")
    environment.newstyle_gettext = True  # type: ignore[attr-defined]  # the extension's own
    environment.policies["ext.i18n.trimmed"] = True
    environment.globals.update(gettext=_gettext, ngettext=_ngettext)
    environment.globals["_"] = _gettext
    environment.finalize = tell
