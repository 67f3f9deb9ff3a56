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
  `int` and `date`, not as text: they are then written the local way. Don't cut or join a `Message` (``~``,
  ``[:20]``, ``| lower``): what comes out is plain English.
- A moment is ``{{ at | moment }}`` (a ``<time>`` with its zone, so no sentence says "UTC"), a day
  ``{{ at | day }}``, a share ``{{ share | percent }}``, a number ``{{ count | number }}``, how long ago
  ``{{ at | age }}``.
- For a script: a ``data-`` attribute in the template with ``_()`` in it; scripts hold no words of their own.

What is stored, logged and answered to programs stays English.
"""

from __future__ import annotations

import datetime as dt
import io
import re
from contextvars import ContextVar
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from babel import Locale, negotiate_locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from jinja2 import Environment, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from models.document_types import document_types
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
    """A text in the language that is spoken now; titles of types and fields are told as their YAML files say."""
    if not text or spoken() == SOURCE:
        return text
    told = catalogue(spoken()).ugettext(text)
    return _titles(spoken()).get(text, text) if told == text else told


@cache
def _titles(language: str) -> dict[str, str]:
    """The titles of types and fields in a language, by the English ones."""
    kinds = document_types().values()
    titles = [kind.title for kind in kinds] + [spec.title for kind in kinds for spec in kind.fields.values()]
    return {str.__str__(title["en"]): title[language] for title in titles if language in title}


def ngettext(one: str, many: str, count: int) -> str:
    """The same, in the plural that ``count`` needs."""
    return catalogue(spoken()).ungettext(one, many, count)


def tell(text: Any) -> Any:
    """A `Message` in the language that is spoken now, and numbers and dates the local way; else what it was given."""
    if not isinstance(text, Message):
        return text
    template = _template(text.template)
    if not text.values:
        return template
    try:
        return template.format(**{name: _told(value) for name, value in text.values.items()})
    except (LookupError, ValueError):  # of an older version, with other places in it
        return str.__str__(text)


def _template(text: str) -> str:
    told = gettext(text)
    if told == text and spoken() != SOURCE:
        told = gettext(f"{text}.").removesuffix(".")  # in a list it stands without its full stop
        return text if told == text.removesuffix(".") else told
    return told


class _Word(str):
    """A told message inside of another: takes ``:lower`` as the message did."""

    def __format__(self, spec: str) -> str:
        return self.lower() if spec == "lower" else super().__format__(spec)


class _Share(float):
    """A share inside of a message, which is written as a percentage."""

    def __format__(self, spec: str) -> str:
        return percent(self) if spec.endswith("%") else super().__format__(spec)


def _told(value: Any) -> Any:
    match value:
        case Message():
            return _Word(tell(value))
        case Decimal():
            return number(value)
        case float():
            return _Share(value)
        case dt.date():
            return day(value)
        case _:
            return value


# ---- numbers and dates


def number(value: Decimal | int | float) -> str:
    """A number with all its decimals. English is the normal form: ``1234.50``; Czech ``1 234,50``."""
    plain = f"{value:f}" if isinstance(value, Decimal) else str(value)
    if spoken() == SOURCE:
        return plain
    symbols = Locale.parse(spoken()).number_symbols["latn"]
    whole, point, decimals = plain.removeprefix("-").partition(".")
    whole = re.sub(r"(?<=\d)(?=(?:\d{3})+$)", symbols["group"], whole)
    return ("-" if plain.startswith("-") else "") + whole + (symbols["decimal"] + decimals if point else "")


def day(value: dt.date) -> str:
    """A day: ``2026-11-23`` in English, which nobody can take for another one; ``23. 11. 2026`` in Czech."""
    if spoken() == SOURCE:
        return f"{value:%Y-%m-%d}"
    return f"{value.day}. {value.month}. {value.year}".replace(" ", "\u00a0")


def moment(value: dt.datetime, seconds: bool = False) -> str:
    """A day with the time, to the minute or the second."""
    return f"{day(value)} {value:%H:%M:%S}" if seconds else f"{day(value)} {value:%H:%M}"


def shown_moment(value: dt.datetime, seconds: bool = False) -> Markup:
    """A moment (UTC) for a page: in UTC, which says so, until the browser writes its own time (``static/times.js``)."""
    detail = Markup(" data-seconds") if seconds else ""
    return Markup('<time datetime="{}Z"{}>{} UTC</time>').format(value.isoformat(), detail, moment(value, seconds))


def percent(share: float) -> str:
    """A share in whole percents: ``94%``, ``94 %`` in Czech."""
    share = float(share)  # `_Share` asks here
    return f"{share:.0%}" if spoken() == SOURCE else f"{share * 100:.0f}\u00a0%"


# ---- in templates


def _filled(context: Context, text: str, values: dict[str, Any]) -> str:
    shown = Markup(text) if context.eval_ctx.autoescape else text  # noqa: S704 (texts of the catalogue are ours)
    return shown % values


@pass_context
def _gettext(context: Context, text: str, /, **values: Any) -> str:
    return _filled(context, gettext(text), {name: _told(value) for name, value in values.items()})


@pass_context
def _ngettext(context: Context, one: str, many: str, count: int, /, **values: Any) -> str:
    return _filled(
        context, ngettext(one, many, count), {"num": count} | {name: _told(value) for name, value in values.items()}
    )


def install(environment: Environment) -> None:
    """Teach the templates of an environment to speak: ``_``, ``gettext``, ``ngettext``, ``{% trans %}``."""
    environment.add_extension("jinja2.ext.i18n")
    environment.newstyle_gettext = True  # type: ignore[attr-defined]  # the extension's own
    environment.policies["ext.i18n.trimmed"] = True
    environment.globals.update(gettext=_gettext, ngettext=_ngettext)
    environment.globals["_"] = _gettext
    environment.finalize = tell
    environment.filters |= {"number": number, "day": day, "moment": shown_moment, "percent": percent, "tell": tell}
