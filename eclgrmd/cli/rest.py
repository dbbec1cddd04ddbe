"""A REST client for a running daemon."""

import argparse
import json
import os
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from eclgrmd.errors import InputError, TransientError

__all__ = ["Rest", "add_address", "daemon_at"]

_TIMEOUT_S = 60.0
"""Longest silence of the daemon: more than its slowest response takes."""


class Rest:
    """Sends requests to a daemon and returns its decoded JSON responses."""

    def __init__(self, url: str) -> None:
        self._url = urlsplit(url)
        if self._url.scheme not in {"http", "https"} or not self._url.hostname:
            raise InputError(f"--url {url}: must start with http:// or https:// and name a host")

    def get(self, path: str) -> Any:
        """Return the response to a GET request.

        Raises
        ------
        InputError
            If the daemon refuses the request (status 4xx); the message is its reason.
        TransientError
            If the daemon does not respond, or cannot handle the request now (status 5xx).
        """
        return self._ask("GET", path, None)

    def post(self, path: str, body: object) -> Any:
        """Return the response to a POST request with a JSON body; errors as for `get`."""
        return self._ask("POST", path, json.dumps(body).encode())

    def task(self, task_id: str, rest: str = "") -> str:
        """Return the path of a task, with `rest` appended."""
        return f"/api/v1/task/{quote(task_id, safe='')}{rest}"

    def _ask(self, method: str, path: str, body: bytes | None) -> Any:
        kind = HTTPSConnection if self._url.scheme == "https" else HTTPConnection
        connection = kind(self._url.hostname or "", self._url.port, timeout=_TIMEOUT_S)
        try:
            connection.request(method, self._url.path.rstrip("/") + path, body)
            answer = connection.getresponse()
            status, content = answer.status, answer.read()
            found = json.loads(content)
        except (OSError, HTTPException, ValueError) as error:
            raise TransientError(f"{self._url.geturl()} does not answer: {error}") from error
        finally:
            connection.close()
        if status >= 500:
            reason = found.get("detail", status)
            raise TransientError(f"the daemon cannot handle the request now: {reason}")
        if status >= 400:
            raise InputError(str(found.get("detail", status)))
        return found


def add_address(parser: argparse.ArgumentParser) -> None:
    """Add the argument that names the daemon."""
    parser.add_argument(
        "--url", metavar="URL", help="REST address of the daemon (default: the local one)"
    )


def daemon_at(url: str | None, settings: Path | None) -> Rest:
    """Return a client for a daemon: by its URL, or else by the runtime folder in the settings.

    Raises
    ------
    InputError
        If no daemon runs on this machine, or if the URL is invalid.
    """
    if url:
        return Rest(url)
    from eclgrmd.settings.load import load_settings

    path = load_settings(settings, os.environ).runtime_dir / "endpoints.json"
    try:
        return Rest(json.loads(path.read_text(encoding="utf-8"))["rest"])
    except (OSError, ValueError, KeyError) as error:
        raise InputError(
            f"no daemon runs on this machine ({path} names none): name one with --url"
        ) from error
