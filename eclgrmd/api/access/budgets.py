"""How many requests each client may send: the generic cell rate algorithm (ITU-T I.371).

Every client has a budget of requests that refills evenly. One number per client is kept: the time
at which its budget is full again.
"""

import asyncio
import math

from aiohttp import web

from eclgrmd.api.middleware.problems import TooMuchError
from eclgrmd.settings.live import LiveSettings

__all__ = ["RATE_HEADERS", "Budgets", "mark_with_budget"]

RATE_HEADERS = ("RateLimit", "RateLimit-Policy")
"""Headers about the budget (draft-ietf-httpapi-ratelimit-headers-10)."""
_WINDOW_S = 60
"""Time in which an empty budget is refilled, seconds."""
_FIRST_SWEEP = 1000
"""Clients that are kept before those with a full budget are forgotten."""
_KEY = web.RequestKey("budget", dict[str, str])


class Budgets:
    """The budgets of all clients: `rest.client_requests` in a minute."""

    def __init__(self, settings: LiveSettings) -> None:
        self._settings = settings
        self._full_at_s: dict[str, float] = {}
        self._sweep_at = _FIRST_SWEEP

    def spend(self, request: web.Request, client: str) -> None:
        """Take a request off the budget of a client, and note what is left for the response.

        Raises
        ------
        TooMuchError
            If the budget is empty; it says when the next request is possible.
        """
        quota = self._settings.now.rest.client_requests
        each_s = _WINDOW_S / quota
        now_s = asyncio.get_running_loop().time()
        full_at_s = max(self._full_at_s.get(client, now_s), now_s) + each_s
        wait_s = full_at_s - now_s - _WINDOW_S
        if wait_s > 1e-6:  # rounding is no excess
            request[_KEY] = _headers(quota, 0, full_at_s - each_s - now_s)
            raise TooMuchError(
                f"this client has sent more than {quota} requests a minute "
                "(rest.client_requests): send fewer",
                limit="requests",
                delay_s=math.ceil(wait_s),
            )
        self._full_at_s[client] = full_at_s
        if len(self._full_at_s) > self._sweep_at:
            self._sweep(now_s)
        request[_KEY] = _headers(quota, int(-wait_s / each_s + 1e-6), full_at_s - now_s)

    def _sweep(self, now_s: float) -> None:
        """Forget the clients whose budget is full, so that strangers take no memory."""
        self._full_at_s = {
            client: full_at_s for client, full_at_s in self._full_at_s.items() if full_at_s > now_s
        }
        self._sweep_at = max(2 * len(self._full_at_s), _FIRST_SWEEP)


async def mark_with_budget(request: web.Request, response: web.StreamResponse) -> None:
    """Add what is left of the client's budget to the headers, before any response is sent."""
    response.headers.update(request.get(_KEY, {}))


def _headers(quota: int, left: int, full_in_s: float) -> dict[str, str]:
    return {
        "RateLimit": f'"client";r={left};t={math.ceil(full_in_s)}',
        "RateLimit-Policy": f'"client";q={quota};w={_WINDOW_S}',
    }
