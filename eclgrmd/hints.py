"""Wake-ups between the stages: only hints, the tables are the truth."""

from eclgrmd.aio.polling import Hint
from eclgrmd.store.sql.announcement import Announcement

__all__ = ["Hints"]


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
        self.quick_look_products = Hint()
        """An update was announced of which there are no products yet."""
        self.announcements = Hint()
        """Something is to be announced."""
        self.results = Hint()
        """What is to be announced is what somebody waits for."""
        self.settings = Hint()
        """Settings were reloaded."""
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
