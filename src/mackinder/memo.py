"""A few answers kept, so that they need not be found again."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

__all__ = ["Memo"]

Found = TypeVar("Found")


class Memo(Generic[Found]):
    """The last answers by key; those longest unused go first. Threads may share it, and may find the same answer twice.

    ``functools.lru_cache`` takes all arguments for the key; here the key is what decides (a digest), not what is asked with.

    Parameters
    ----------
    most : int
        Number of answers kept.

    Examples
    --------
    >>> squares = Memo[int](most=2)
    >>> [squares.get(x, lambda x=x: x * x) for x in (2, 3, 2)]
    [4, 9, 4]
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[Hashable, Found] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable, find: Callable[[], Found]) -> Found:
        """Return the answer kept under a key, or find it and keep it; an error is not kept."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        found = find()
        with self._lock:
            self._kept[key] = found
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return found
