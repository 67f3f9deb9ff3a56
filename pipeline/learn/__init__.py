"""Making documents with known truth, and learning from them."""

from __future__ import annotations

#: what the shipped samples and weights were made with
SAMPLES_SEED = 20
CLASSIFIER_SEED = 7
CLASSIFIER_DOCUMENTS = 6000
#: what the scorer of rows was trained with: documents of every language, and scans
ROWS_SEED = 1
ROWS_DOCUMENTS = 160
ROWS_SCANS = 100
#: what the models of reading were trained on
READING_SEED = 3
READING_PAGES = 54
#: what the form scorer was trained with, documents of every type
SCORER_SEED = 5
SCORER_DOCUMENTS = 140
#: what the models of receipts were trained with
RECEIPTS_SEED = 4
RECEIPTS_DOCUMENTS = 400
