"""Pictures of all pages as they should look, and the comparison with how they look now."""

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from testbench.checkout import CHECKOUT
from testbench.quicklook.made_up import QUICK_BURST

from .answers import SIGNED_OUT, Answers, Recorder, read_answers, replay, write_answers

__all__ = [
    "ANSWERS",
    "BASELINES",
    "MOST_CHANGED",
    "THEMES",
    "WIDTHS",
    "changed_share",
    "keep",
    "record",
    "shots",
]

BASELINES = CHECKOUT / "tests" / "golden" / "page"
"""Folder of the pictures and of the answers that they show."""
ANSWERS = BASELINES / "answers.json.gz"
"""File of the recorded answers."""
WIDTHS = {"phone": 360, "desk": 1280}
"""Widths of the windows, pixels."""
THEMES = ("light", "dark")
MOST_CHANGED = 0.002
"""Share of the pixels of a picture that may differ from the baseline."""
_TALLEST = 2000
"""Height of what is kept of a long page, pixels."""
_SCALE = 0.5
"""Scale of the kept pictures."""
_COLOURS = 160
_VISIBLE = 48
"""Difference of a colour from which a pixel counts as changed; few colours make smaller ones."""
_LIMIT_MS = 600_000.0
_QUIET_MS = 3000.0
"""Time without a new answer after which a page has all that it asks for, milliseconds."""


def record(browser: Browser, url: str, burst: str, task: str) -> None:
    """Record what a daemon answers to all pages, and write it beside the baselines."""
    pages = {
        "bursts": "#/bursts",
        "burst": f"#/burst/{burst}",
        "quick-look": f"#/burst/{QUICK_BURST}",
        "re-analysis": f"#/burst/{burst}/reanalyse?run={task}",
        "task": f"#/task/{task}",
        "service": "#/service",
        SIGNED_OUT: "#/bursts",
    }
    recorder = Recorder()
    for address in pages.values():
        page = browser.new_page()
        recorder.listen(page)
        page.goto(f"{url}/{address}")
        _settle(page)
        # The stream of events never ends, so that the network is never idle.
        known = -1
        while known != len(recorder.answers):
            known = len(recorder.answers)
            page.wait_for_timeout(_QUIET_MS)
        page.close()
    BASELINES.mkdir(parents=True, exist_ok=True)
    write_answers(recorder.finish(pages), ANSWERS)


def shots(browser: Browser, width: str, theme: str) -> Iterator[tuple[Path, Image.Image]]:
    """Yield each page as it looks now, and the path of its baseline."""
    answers = read_answers(ANSWERS)
    for name in answers.pages:
        scheme: dict[str, object] = {
            "color_scheme": theme,
            # Figures that are out of sight are drawn later.
            "viewport": {"width": WIDTHS[width], "height": _TALLEST},
            "reduced_motion": "reduce",
        }
        page = browser.new_page(**scheme)  # type: ignore[arg-type]  # options by name
        page.set_default_timeout(_LIMIT_MS)
        yield BASELINES / f"{name}-{width}-{theme}.png", _shot(page, answers, name)
        page.close()


def _shot(page: Page, answers: Answers, name: str) -> Image.Image:
    """Return a picture of a page that has come to rest."""
    replay(page, answers, name)
    _settle(page)
    page.wait_for_load_state("networkidle")
    last = b""
    while (found := page.screenshot(animations="disabled")) != last:
        last = found
    height = page.evaluate("Math.ceil(document.body.getBoundingClientRect().height)")
    with Image.open(io.BytesIO(found)) as image:
        part = image.convert("RGB").crop((0, 0, image.width, min(image.height, height)))
    size = (round(part.width * _SCALE), round(part.height * _SCALE))
    return part.resize(size, Image.Resampling.BOX)


def _settle(page: Page) -> None:
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.get_by_text("Loading ")).to_have_count(0)


def keep(image: Image.Image, path: Path) -> None:
    """Write a picture as a baseline."""
    few = image.quantize(_COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    few.save(path, optimize=True)


def changed_share(found: Image.Image, baseline: Path) -> float:
    """Return the share of pixels that differ from a baseline; 1 if the size differs."""
    with Image.open(baseline) as kept:
        wanted = np.asarray(kept.convert("RGB"), dtype=np.int16)
    present = np.asarray(found.convert("RGB"), dtype=np.int16)
    if present.shape != wanted.shape:
        return 1.0
    return float(np.mean(np.abs(present - wanted).max(axis=2) > _VISIBLE))
