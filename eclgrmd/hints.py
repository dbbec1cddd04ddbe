"""Wake-ups between stages. They only save time: each stage also polls its table."""

from eclgrmd.aio.polling import Hint
from eclgrmd.store.sql.announcement import Announcement

__all__ = ["Hints"]


class Hints:
    """The wake-ups of one daemon, one for each kind of work that stages hand over."""

    def __init__(self) -> None:
        self.fetches = Hint()
        """A file is to be downloaded."""
        self.tasks = Hint()
        """A task can run."""
        self.leases = Hint()
        """A running task may have been cancelled."""
        self.studies = Hint()
        """Somebody asked for the study of a task."""
        self.packets = Hint()
        """A packet or notice of the VHF network was received."""
        self.quick_look_products = Hint()
        """A quick-look update was announced whose products are still to be made."""
        self.announcements = Hint()
        """An announcement was written."""
        self.results = Hint()
        """The written announcement is a result, for which clients wait."""
        self.settings = Hint()
        """Settings were reloaded."""
        self.handed_over: list[list[Announcement]] = []
        """The announcements of committed results, transaction by transaction, so that the relay
        need not read them from the table."""

    def give_arrival(self) -> None:
        """Wake the stages that a new notification, task or data file concerns."""
        for hint in (self.fetches, self.tasks, self.announcements):
            hint.give()

    def give_result(self, announcements: list[Announcement]) -> None:
        """Hand the announcements of a committed result over to the relay, and wake it."""
        self.handed_over.append(announcements)
        self.results.give()
        self.announcements.give()

    def give_all(self) -> None:
        """Wake all stages, for example to stop."""
        for hint in vars(self).values():
            if isinstance(hint, Hint):
                hint.give()
