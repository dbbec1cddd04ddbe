"""Worker processes that run functions, so that the event loop never computes.

Pebble's pool was tried first. It takes 0.2 ms per call, but is broken for good once an idle worker
is killed. Here every worker has its own socket, so that a dead worker does not affect the others.
All are forked from one process, the nursery: the imports cost 2 s of CPU, which a daemon's eight
workers would otherwise pay eight times, and each replacement of a dead one again.
"""

from .deadline import Deadline
from .failures import RemoteError, WorkerDiedError, WorkerMemoryError, WorkerTimeoutError
from .nursery import Nursery
from .sandbox import Sandbox
from .workers import Workers, WorkersHealth

__all__ = [
    "Deadline",
    "Nursery",
    "RemoteError",
    "Sandbox",
    "WorkerDiedError",
    "WorkerMemoryError",
    "WorkerTimeoutError",
    "Workers",
    "WorkersHealth",
]
