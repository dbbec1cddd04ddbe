"""How a call of a worker can fail."""

from eclgrmd.errors import PermanentError, TransientError

__all__ = ["RemoteError", "WorkerDiedError", "WorkerMemoryError", "WorkerTimeoutError"]


class WorkerDiedError(TransientError):
    """The worker process ended in the middle of the call: crashed, or somebody killed it."""


class WorkerTimeoutError(PermanentError):
    """The call took longer than it may, and its worker process was ended."""


class WorkerMemoryError(PermanentError):
    """The call needed more memory than a worker process may have."""


class RemoteError(PermanentError):
    """The function raised an error of a class that the daemon does not know."""
