"""What the demo tells while it works."""

from __future__ import annotations

import threading

from flows.demo import watched
from models.states import State
from models.tables import DocumentRow
from tests.review.rows import add_invoice


def test_how_far_it_is(store):
    first, _ = (add_invoice(store, number, state=State.RECEIVED) for number in ("A-1", "A-2"))
    told, seen = [], threading.Event()

    def tell(done, total):
        told.append((done, total))
        seen.set()

    with watched(store, tell, 0.01):
        assert seen.wait(20)
        with store.transaction() as session:
            session.get_one(DocumentRow, first).state = State.LOADED
        for _ in range(2):  # one look may have been under way
            seen.clear()
            assert seen.wait(20)
    assert (told[0], told[-1]) == ((0, 2), (1, 2))
    count = len(told)
    seen.clear()
    assert not seen.wait(0.1)
    assert len(told) == count, "it ends with the work"
