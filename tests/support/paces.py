"""Paces of transfers, without the transfers."""

from eclgrmd.aio.pace import Pace

__all__ = ["Known"]


class Known(Pace):
    """A pace with values that a test sets."""

    def __init__(self, waited_s: float, rate_bytes_s: float) -> None:
        self.known = waited_s, rate_bytes_s
        self.given_up = False

    @property
    def waited_s(self) -> float:
        return self.known[0]

    @property
    def rate_bytes_s(self) -> float:
        return self.known[1]

    def give_up(self) -> None:
        self.given_up = True
