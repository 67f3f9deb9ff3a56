"""An extractor for Babel (see ``locale/babel.cfg``): what "Why?" says of features is put together when it is asked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO

from babel.messages.extract import extract_python

from pipeline.explain import phrases


def extract(file: BinaryIO, keywords: Any, comment_tags: Any, options: Any) -> Iterator[tuple[Any, ...]]:
    """The texts of ``pipeline/explain.py``, and the phrases that it makes of the features' descriptions."""
    yield from extract_python(file, keywords, comment_tags, options)
    yield from ((1, None, str.__str__(phrase), []) for phrase in phrases())
