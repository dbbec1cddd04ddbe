"""Recorded answers of a daemon, from which the page can be shown again without one."""

import gzip
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct
from playwright.sync_api import Page, Response, Route

from eclgrmd.page.assets import INDEX, Asset, load_site

__all__ = ["SIGNED_OUT", "Answer", "Answers", "Recorder", "read_answers", "replay", "write_answers"]

_STREAM = "/api/v1/events"
_RECORDED = ("/api/", "/health/", "/metrics")
"""Beginnings of the paths that the daemon computes."""
_OPEN_STREAM = """window.EventSource = class {
  constructor() { setTimeout(() => this.opened?.()); }
  addEventListener(kind, act) { if (kind === 'open') this.opened = act; }
  close() {}
};"""
"""A stream of live events that is open, and on which nothing comes."""
SIGNED_OUT = "login"
"""Name of the page on which one logs in."""
_ORIGIN = "http://page.test"


class Answer(Struct, frozen=True, kw_only=True):
    """What a daemon answered."""

    status: int
    """HTTP status."""
    media_type: str
    """Media type."""
    text: str
    """Body."""


_NO_SESSION = {
    "/api/v1/login": Answer(
        status=HTTPStatus.UNAUTHORIZED,
        media_type="application/problem+json",
        text='{"detail": "a token is needed"}',
    )
}


class Answers(Struct, frozen=True, kw_only=True):
    """All answers that the pages need."""

    at: datetime
    """When they were recorded: the time that the page shall think it is."""
    pages: dict[str, str]
    """Addresses of the pages, by name."""
    answers: dict[str, Answer]
    """Answers by path and query."""


class Recorder:
    """Notes the answers that pages get from a daemon."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {}

    def listen(self, page: Page) -> None:
        """Note what a page gets from now on."""
        page.on("response", self._note)

    def finish(self, pages: dict[str, str]) -> Answers:
        """Return what was recorded."""
        ordered = dict(sorted(self.answers.items()))
        return Answers(at=datetime.now(UTC), pages=pages, answers=ordered)

    def _note(self, response: Response) -> None:
        key = _key(response.url)
        if not key.startswith(_RECORDED) or key.startswith(_STREAM):
            return
        self.answers[key] = Answer(
            status=response.status,
            media_type=response.headers.get("content-type", ""),
            text=response.text(),
        )


def _key(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def write_answers(answers: Answers, path: Path) -> None:
    """Write answers to a compressed file."""
    path.write_bytes(gzip.compress(msgspec.json.encode(answers), mtime=0))


def read_answers(path: Path) -> Answers:
    """Read a file of answers."""
    return msgspec.json.decode(gzip.decompress(path.read_bytes()), type=Answers)


def replay(page: Page, answers: Answers, name: str) -> None:
    """Open a page as it was when its answers were recorded, with the present files of the page."""
    assets = load_site().assets
    known = {**answers.answers, **(_NO_SESSION if name == SIGNED_OUT else {})}

    def serve(route: Route) -> None:
        key = _key(route.request.url)
        if (asset := _asset(assets, key)) is not None:
            route.fulfill(body=asset.plain, content_type=asset.media_type)
        elif (found := known.get(key)) is not None:
            route.fulfill(status=found.status, content_type=found.media_type, body=found.text)
        else:
            route.fulfill(status=HTTPStatus.NOT_FOUND, body=f"not recorded: {key}")

    page.route("**/*", serve)
    page.add_init_script(_OPEN_STREAM)
    page.clock.set_fixed_time(answers.at)
    page.goto(f"{_ORIGIN}/{answers.pages[name]}")


def _asset(assets: dict[str, Asset], key: str) -> Asset | None:
    """Return a file of the page: `/`, or `/page/VERSION/NAME`."""
    if key == "/":
        return assets[INDEX]
    return assets.get(key.split("/", 3)[3]) if key.startswith("/page/") else None
