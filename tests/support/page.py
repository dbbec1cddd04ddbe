"""The page in a browser: what its tests share."""

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

from playwright.sync_api import Page

from testbench.daemon_process import DaemonProcess

from .limits import LIMIT_S

__all__ = ["Site", "Visit", "Visitor", "beside"]

T = TypeVar("T")


@dataclass(frozen=True)
class Site:
    """A daemon with a simulated burst and its result, and a quick look."""

    daemon: DaemonProcess
    url: str
    burst_id: str
    task_id: str

    @property
    def address(self) -> str:
        """The page of the burst with its first run, whichever run another test has accepted."""
        return f"#/burst/{self.burst_id}?run={self.task_id}"


class Visit:
    """A page in a browser of its own, which notes whatever the browser complains of."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.complaints: list[str] = []
        page.set_default_timeout(1000 * LIMIT_S)
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self._url = url

    def go(self, address: str) -> Page:
        """Open an address of the page."""
        self.page.goto(f"{self._url}/{address}")
        return self.page


Visitor = Callable[..., Visit]
"""Opens the page as a new person, with options of Playwright's contexts."""


def beside(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine in a thread of its own: Playwright's loop occupies the main one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()
