"""Pages into other documents: turned, split, put together, in another order, left out; and locked files opened.

The original is never changed. A person's wishes make *new* documents, which are read like any other; what they were
made of ends as `models.states.State.REPLACED`, with links both ways, and comes back as long as nothing is loaded.
"""

from pipeline.rearrange.links import Link, Links, links, offspring
from pipeline.rearrange.make import rearrange
from pipeline.rearrange.plan import Output, Taken
from pipeline.rearrange.undo import put_back
from pipeline.rearrange.unlock import unlock, waits_for_password

__all__ = [
    "Link",
    "Links",
    "Output",
    "Taken",
    "links",
    "offspring",
    "put_back",
    "rearrange",
    "unlock",
    "waits_for_password",
]
