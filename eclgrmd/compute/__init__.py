"""Runs functions in worker processes, so that the event loop never computes.

Pebble's pool was measured first: 0.2 ms per call, but one idle worker killed breaks it for good.
Here every worker has a socket of its own, so that none can spoil another's.
"""

from .failures import RemoteError, WorkerDiedError, WorkerMemoryError, WorkerTimeoutError
from .permit import Permit
from .workers import Workers, WorkersHealth

__all__ = [
    "Permit",
    "RemoteError",
    "WorkerDiedError",
    "WorkerMemoryError",
    "WorkerTimeoutError",
    "Workers",
    "WorkersHealth",
]
