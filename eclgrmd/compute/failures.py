"""The errors of a call in a worker process."""

from eclgrmd.errors import PermanentError, TransientError

__all__ = ["RemoteError", "WorkerDiedError", "WorkerMemoryError", "WorkerTimeoutError"]


class WorkerDiedError(TransientError):
    """The worker process ended during the call: it crashed or was killed."""


class WorkerTimeoutError(PermanentError):
    """The call exceeded its time limit, and its worker process was ended."""


class WorkerMemoryError(PermanentError):
    """The call exceeded the memory limit of a worker process."""


class RemoteError(PermanentError):
    """The function raised an error whose class the daemon cannot rebuild."""
