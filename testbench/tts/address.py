"""The address of the daemon under test, which may change when it restarts."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from testbench.daemon_process import Endpoints, read_endpoints

__all__ = ["Address"]


@dataclass(frozen=True, slots=True)
class Address:
    """Looks up the address each time: a restarted daemon may have another NATS port."""

    find: Callable[[], Endpoints | None]
    """Returns the current addresses, or None while the daemon is down."""

    @classmethod
    def fixed(cls, rest: str, nats: str) -> "Address":
        """Return an address that never changes."""
        endpoints = Endpoints(pid=0, rest=rest.rstrip("/"), nats=nats)
        return cls(lambda: endpoints)

    @classmethod
    def from_file(cls, path: Path) -> "Address":
        """Return the address that an `endpoints.json` currently holds."""
        return cls(lambda: read_endpoints(path))
