"""A running daemon, asked by REST."""

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


class Rest:
    """Asks a daemon; its answers are JSON."""

    def __init__(self, url: str) -> None:
        self._url = urlsplit(url)
        if self._url.scheme not in {"http", "https"} or not self._url.hostname:
            raise InputError(f"--url {url}: must start with http:// or https:// and name a host")

    def get(self, path: str) -> Any:
        """Fetch what is there.

        Raises
        ------
        InputError
            When the daemon refuses, with its reason.
        TransientError
            When it does not answer.
        """
        return self._ask("GET", path, None)

    def post(self, path: str, body: object) -> Any:
        """Send something; errors as `get`."""
        return self._ask("POST", path, json.dumps(body).encode())

    def task(self, task_id: str, rest: str = "") -> str:
        """Give the path of a task."""
        return f"/task/{quote(task_id, safe='')}{rest}"

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
            raise TransientError(f"the daemon cannot answer now: {found.get('detail', status)}")
        if status >= 400:
            raise InputError(str(found.get("detail", status)))
        return found


def add_address(parser: argparse.ArgumentParser) -> None:
    """Describe how the daemon is found."""
    parser.add_argument(
        "--url", metavar="URL", help="REST address of the daemon; else that of the one running here"
    )


def daemon_at(url: str | None, settings: Path | None) -> Rest:
    """Find the daemon: by its address, or as the settings say where it runs.

    Raises
    ------
    InputError
        When none runs here, or the address is none.
    """
    if url:
        return Rest(url)
    from eclgrmd.settings.load import load_settings

    path = load_settings(settings, os.environ).runtime_dir / "endpoints.json"
    try:
        return Rest(json.loads(path.read_text(encoding="utf-8"))["rest"])
    except (OSError, ValueError, KeyError) as error:
        raise InputError(f"no daemon runs here ({path} tells none): give its --url") from error
