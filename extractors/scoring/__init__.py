"""How probable it is that a candidate is a field's value, and why.

An `Option` is a candidate for a field with its named features (`features.FEATURES` describes each). A `Model` is a
trained booster that turns the features of all options of a document into probabilities in one call. A `Trace`, where
one is given, keeps what was tried for every field. `rules` holds weights set by hand.
"""

from extractors.scoring.features import FEATURES, KINDS, kind_code
from extractors.scoring.model import Model, load
from extractors.scoring.option import Option
from extractors.scoring.trace import Trace, Tried

__all__ = ["FEATURES", "KINDS", "Model", "Option", "Trace", "Tried", "kind_code", "load"]
