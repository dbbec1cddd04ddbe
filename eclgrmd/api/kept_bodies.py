"""Bodies of responses that are kept by their tags, because making them takes a worker."""

from collections import OrderedDict

__all__ = ["KeptBodies"]


class KeptBodies:
    """Bodies by tag; of too many the least recently sent are dropped.

    Parameters
    ----------
    most
        Most bodies.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[str, bytes] = OrderedDict()

    def find(self, tag: str) -> bytes | None:
        """Return the body of a tag, if it is kept."""
        if tag in self._kept:
            self._kept.move_to_end(tag)
        return self._kept.get(tag)

    def keep(self, tag: str, body: bytes) -> None:
        """Keep a body."""
        self._kept[tag] = body
        self._kept.move_to_end(tag)
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)
