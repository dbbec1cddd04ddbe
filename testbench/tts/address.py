"""Where the daemon under test is reached, which may change when it restarts."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from testbench.daemon_process import Endpoints, read_endpoints

__all__ = ["Address"]


@dataclass(frozen=True, slots=True)
class Address:
    """Asks anew each time: a daemon that comes back may have another NATS port."""

    find: Callable[[], Endpoints | None]
    """Gives None while the daemon is away."""

    @classmethod
    def fixed(cls, rest: str, nats: str) -> "Address":
        """Reach a daemon at addresses that never change."""
        endpoints = Endpoints(pid=0, rest=rest.rstrip("/"), nats=nats)
        return cls(lambda: endpoints)

    @classmethod
    def from_file(cls, path: Path) -> "Address":
        """Reach the daemon whose `endpoints.json` this is."""
        return cls(lambda: read_endpoints(path))
