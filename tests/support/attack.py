"""A client that sends exactly the headers that a test wants."""

import json
from http.client import HTTPConnection, HTTPMessage
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from tests.support.limits import LIMIT_S

__all__ = ["Answered", "Door"]


class Answered(NamedTuple):
    """A response."""

    status: int
    headers: HTTPMessage
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Door:
    """A REST server, seen from outside."""

    def __init__(self, url: str) -> None:
        self.url = url
        parts = urlsplit(url)
        self.host, self.port = parts.hostname or "", parts.port or 80

    def ask(
        self,
        method: str,
        path: str,
        content: bytes | str | None = None,
        *,
        token: str = "",
        **headers: str,
    ) -> Answered:
        """Send a request on a connection of its own; `_` in names of headers stands for `-`."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if token:
            sent["Authorization"] = f"Bearer {token}"
        connection = HTTPConnection(self.host, self.port, timeout=LIMIT_S)
        try:
            connection.request(method, path, content, sent)
            answer = connection.getresponse()
            return Answered(answer.status, answer.headers, answer.read())
        finally:
            connection.close()
