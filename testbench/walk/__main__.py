"""`testbench/page`: walk through the web page, take screenshots, and measure what the page costs.

A daemon gets a simulated burst and a quick look (with --url, a running daemon is used as it is).
The walks are the first five minutes of a burst advocate and the first half hour of an instrument
scientist. Each step is a screenshot, with its sentence in `walk.md` beside them.
"""

import asyncio
import io
import sys
import tempfile
from argparse import Namespace
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, expect

from testbench.command_line import command_parser
from testbench.daemon_process import DaemonProcess
from testbench.quicklook.made_up import QUICK_BURST
from testbench.quicklook.sequence import Sent
from testbench.simulate.delivery import simulate_dc0

from .baselines import THEMES, WIDTHS, keep, record, shots
from .browser import chromium, started_browser
from .measures import first_view, frames_per_second
from .memory import live_memory
from .packets import packets_of_pulse
from .site import add_quick_look, add_simulated, connected
from .steps import walk

__all__ = ["main"]

_HEIGHTS = {"phone": 740, "desk": 900}
_LIMIT_MS = 600_000.0
"""Longest wait for anything on a page: the first result waits until the numerics are compiled."""
_UPDATES = 60
"""Live updates in a minute."""
_REPEATS = 3
_COLOURS = 128


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return the exit status."""
    wanted = _options(arguments)
    if chromium() is None:
        print("chromium is not installed (Debian package chromium)", file=sys.stderr)
        return 2
    expect.set_options(timeout=_LIMIT_MS)
    if wanted.baselines == "draw":
        with started_browser() as browser:
            _draw(browser)
        return 0
    with (
        tempfile.TemporaryDirectory() as folder,
        _site(Path(folder), wanted) as (url, burst, task),
        started_browser() as browser,
    ):
        if wanted.screenshots is not None:
            _take(browser, url, burst, task, Path(wanted.screenshots))
        if wanted.baselines:
            record(browser, url, burst, task)
            _draw(browser)
        if wanted.measure:
            _measure(browser, url, burst)
        if wanted.live:
            _follow(browser, url, burst, wanted.live)
    return 0


def _options(arguments: Sequence[str] | None) -> Namespace:
    parser = command_parser("page", __doc__)
    parser.add_argument("--screenshots", metavar="DIR", help="write screenshots and walk.md there")
    parser.add_argument(
        "--baselines",
        choices=["record", "draw"],
        help="write tests/golden/page: record answers and draw the pages, or draw them only",
    )
    parser.add_argument("--measure", action="store_true", help="measure first view and frames")
    parser.add_argument(
        "--live",
        type=int,
        metavar="MINUTES",
        help="measure the memory of pages that are open for so long while a burst changes",
    )
    parser.add_argument("--url", help="look at this daemon instead of starting one")
    parser.add_argument("--burst", help="with --url: a burst with a result")
    parser.add_argument("--task", help="with --url: the task that made it")
    wanted = parser.parse_args(arguments)
    if wanted.url and not (wanted.burst and wanted.task):
        parser.error("--url needs --burst and --task")
    if not (wanted.screenshots or wanted.baselines or wanted.measure or wanted.live):
        parser.error("nothing to do: give --screenshots, --baselines, --measure or --live")
    return wanted


@contextmanager
def _site(folder: Path, wanted: Namespace) -> Iterator[tuple[str, str, str]]:
    """Yield the address of a daemon, a burst with a result, and its task."""
    if wanted.url:
        yield wanted.url, wanted.burst, wanted.task
        return
    burst = simulate_dc0(folder / "dc0", 5, bursts=("many-pulses",)).bursts[0]
    daemon = DaemonProcess(folder)

    async def fill(packets: list[Sent]) -> str:
        await daemon.start()
        await add_quick_look(daemon, packets)
        async with connected(daemon) as client:
            return await add_simulated(client, burst)

    try:
        task = asyncio.run(fill(packets_of_pulse()))
        yield daemon.running_endpoints().rest, burst.burst_id, task
    finally:
        # Playwright's loop has ended by now.
        asyncio.run(daemon.stop())


def _new_page(browser: Browser, width: str, theme: str) -> Page:
    viewport = {"width": WIDTHS[width], "height": _HEIGHTS[width]}
    scheme: dict[str, object] = {"color_scheme": theme, "viewport": viewport}
    page = browser.new_context(**scheme).new_page()  # type: ignore[arg-type]  # options by name
    page.set_default_timeout(_LIMIT_MS)
    return page


def _take(browser: Browser, url: str, burst: str, task: str, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    lines = ["# A walk through the page", "", "Made by `testbench/page --screenshots DIR`.", ""]
    for width in WIDTHS:
        for theme in THEMES:
            page = _new_page(browser, width, theme)
            for number, shown in enumerate(walk(page, url, burst, task, QUICK_BURST), start=1):
                name = f"{number:02d}-{shown.name}-{width}-{theme}.png"
                _save(page.screenshot(), folder / name)
                if (width, theme) == ("desk", "light"):
                    lines += [f"{number}. {shown.text}", "", f"   ![{shown.name}]({name})", ""]
            page.context.close()
    (folder / "walk.md").write_text("\n".join(lines), encoding="utf-8")
    print(f"{len(list(folder.glob('*.png')))} screenshots in {folder}")


def _draw(browser: Browser) -> None:
    for width in WIDTHS:
        for theme in THEMES:
            for path, image in shots(browser, width, theme):
                keep(image, path)
                print(f"{path.name}: {path.stat().st_size} bytes", flush=True)


def _save(screenshot: bytes, path: Path) -> None:
    """Write a screenshot with as many colours as a page has, which is a third of the size."""
    with Image.open(io.BytesIO(screenshot)) as image:
        image.convert("RGB").quantize(_COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)


def _measure(browser: Browser, url: str, burst: str) -> None:
    first = first_view(browser, url, burst, _REPEATS)
    print(f"first view, 150 ms and 1.6 Mbit/s: {first.time_s:.2f} s (wanted: 2)")
    print(f"received for it: {first.received_kb:.0f} kB (wanted: 150)")
    page = _new_page(browser, "desk", "light")
    print(f"panning: {frames_per_second(page, url, burst):.0f} frames/s (wanted: 30)")
    page.context.close()


def _follow(browser: Browser, url: str, burst: str, minutes: int) -> None:
    """Print what the list and the page of a burst use of memory while the burst changes."""
    shown = {"list": f"{url}/", "burst": f"{url}/#/burst/{burst}"}
    pages = [_new_page(browser, "desk", "light") for _ in shown]
    for page, address in zip(pages, shown.values(), strict=True):
        page.goto(address)
    expect(pages[0].get_by_role("link", name=burst)).to_be_visible()
    expect(pages[1].locator(".u-over").first).to_be_visible()
    found = live_memory(pages, url, burst, minutes=minutes, updates=_UPDATES)
    for minute, used in enumerate(found):
        for name, each in zip(shown, used, strict=True):
            print(
                f"minute {minute}, {name}: {each.heap_mb:.2f} MB, {each.nodes} nodes, "
                f"{each.listeners} listeners",
                flush=True,
            )


if __name__ == "__main__":
    sys.exit(main())
