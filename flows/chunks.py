"""How documents are shared out among Prefect tasks."""

from __future__ import annotations

LARGE_BYTES = 4 * 1024 * 1024
"""A document of this size is a chunk of its own: it may take minutes, and the small ones should not wait behind it."""


def chunks(sizes: dict[int, int], workers: int, most: int) -> list[list[int]]:
    """Share documents out among tasks: a large one alone, up to ``most`` small ones together, oldest first.

    Args:
        sizes: bytes by document id.
        workers: how many tasks run at once; small batches are spread over all of them.
        most: the most documents in a task.
    """
    large = [[one] for one, size in sizes.items() if size >= LARGE_BYTES]
    small = [one for one, size in sizes.items() if size < LARGE_BYTES]
    length = max(1, min(most, -(-len(small) // workers)))
    return large + [small[start : start + length] for start in range(0, len(small), length)]
