"""HTTP sessions with a daemon that may need a token."""

import os
from typing import Any

import aiohttp

__all__ = ["rest_session"]


def rest_session(**options: Any) -> aiohttp.ClientSession:
    """Return a session that sends the token in the environment variable ECLGRMCTL_TOKEN, if set."""
    token = os.environ.get("ECLGRMCTL_TOKEN", "")
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return aiohttp.ClientSession(headers=headers, **options)
