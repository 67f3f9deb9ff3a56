"""Which type a document is of: a spaCy text categoriser trained on generated documents.

``models/weights/classifier/MODEL_CARD.md`` says what it was trained on and how good it is.
"""

from __future__ import annotations

from pipeline.classify.classifier import classify, warm

__all__ = ["classify", "warm"]
