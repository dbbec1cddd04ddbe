"""The installed package as the tests of an installation see it."""

import json
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any, NamedTuple

from tests.support.limits import LIMIT_S
from tests.support.systemd.booted import Box

__all__ = ["NEWER", "Packages", "Rest", "inside"]

NEWER = "99.0.0"
"""Version of the package that the first one is upgraded to."""


class Packages(NamedTuple):
    now: Path
    """The package that is installed first."""
    newer: Path
    """The same, with another version and one migration more."""


def inside(package: Path) -> str:
    """Return the path of a package inside the box."""
    return f"/box/{package.parent.name}/{package.name}"


class Rest:
    """Asks the daemon in the box."""

    address = ("127.0.0.1", 8641)
    url = "http://127.0.0.1:8641"

    def __init__(self, box: Box, token: str) -> None:
        self._box = box
        self.token = token

    def get(self, path: str) -> tuple[int, Any]:
        status, body = self._box.call(lambda: self.ask(path))
        return status, json.loads(body)

    def order(self, task_id: str) -> None:
        """Send a task whose input never comes."""
        task = {"id": task_id, "burst_id": "sbnever", "inputs": [{"name": "never.fits"}]}
        status, body = self._box.call(lambda: self.ask("/api/v1/task", json.dumps(task)))
        assert status == 201, body

    def kept(self) -> list[dict[str, Any]]:
        """List what an upgrade must not change: tasks that do not run, without their figures."""
        return [{k: v for k, v in task.items() if k != "figures"} for task in self._resting()]

    def draws(self) -> bool:
        """Return whether figures of a task are yet to be drawn."""
        return any(task["figures"]["state"] in {"queued", "running"} for task in self._resting())

    def _resting(self) -> list[dict[str, Any]]:
        pages = [self.get(f"/api/v1/task?state={state}")[1] for state in ("done", "waiting")]
        return [task for page in pages for task in page["tasks"]]

    def ready(self) -> bool:
        try:
            return self.get("/health/ready")[0] == 200
        except (OSError, HTTPException):
            return False

    def ask(self, path: str, content: str | None = None) -> tuple[int, bytes]:
        """Ask on a connection of its own, from within the box's network."""
        connection = HTTPConnection(*self.address, timeout=LIMIT_S)
        try:
            headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
            if content is not None:
                headers["Content-Type"] = "application/json"
            connection.request("GET" if content is None else "POST", path, content, headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()
