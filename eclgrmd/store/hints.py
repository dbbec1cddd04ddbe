"""Wake-ups between the stages: only hints, the tables are the truth."""

import asyncio
from contextlib import suppress

from .announcement import Announcement

__all__ = ["Hint", "Hints"]


class Hint:
    """Tells whoever waits that looking at the tables again is worth it."""

    def __init__(self) -> None:
        self._event = asyncio.Event()
        self.count = 0
        """How often the hint was given: remember it before you look, and wait beyond it."""

    def give(self) -> None:
        """Wake all who wait."""
        self.count += 1
        self._event.set()
        self._event = asyncio.Event()

    async def wait(self, seen: int, limit_s: float) -> None:
        """Wait until the hint was given more than `seen` times, or the limit has passed."""
        if self.count != seen:
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(limit_s):
                await self._event.wait()


class Hints:
    """One hint a hand-over."""

    def __init__(self) -> None:
        self.fetches = Hint()
        """Something is to be fetched."""
        self.tasks = Hint()
        """A task can run."""
        self.leases = Hint()
        """A running task may have been cancelled."""
        self.packets = Hint()
        """A packet or notice of the alert network has come."""
        self.vhf_products = Hint()
        """An update was announced of which there are no products yet."""
        self.announcements = Hint()
        """Something is to be announced."""
        self.results = Hint()
        """What is to be announced is what somebody waits for."""
        self.handed: list[list[Announcement]] = []
        """What a transaction has promised of that: its writer has it at hand."""

    def give_arrival(self) -> None:
        """Tell of something new: a notification, a task, a data file."""
        for hint in (self.fetches, self.tasks, self.announcements):
            hint.give()

    def give_result(self, promised: list[Announcement]) -> None:
        """Tell of something to be announced that somebody waits for."""
        self.handed.append(promised)
        self.results.give()
        self.announcements.give()

    def give_all(self) -> None:
        """Wake everybody, for example to stop."""
        for hint in vars(self).values():
            if isinstance(hint, Hint):
                hint.give()
