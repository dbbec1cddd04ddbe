"""What the page costs: the first view over a slow network, and panning."""

import statistics
import time
from dataclasses import dataclass

from playwright.sync_api import Browser, Page, expect

__all__ = ["FirstView", "first_view", "frames_per_second"]

_FAST_3G = {
    "offline": False,
    "latency": 150,
    "downloadThroughput": 1_600_000 / 8,
    "uploadThroughput": 750_000 / 8,
}
"""The throttled profile that Lighthouse calls Slow 4G and Fast 3G: 150 ms, 1.6 Mbit/s."""
_PAN = """async steps => {
  const over = document.querySelector('.u-over'), box = over.getBoundingClientRect();
  const at = x => ({ pointerId: 1, button: 0, isPrimary: true, bubbles: true, pointerType: 'mouse',
    clientX: box.left + x, clientY: box.top + box.height / 2 });
  over.setPointerCapture = () => {};
  const times = [];
  over.dispatchEvent(new PointerEvent('pointerdown', at(300)));
  for (let i = 0; i < steps; i++) {
    over.dispatchEvent(new PointerEvent('pointermove', at(300 - 100 * Math.sin(i / 8))));
    times.push(await new Promise(requestAnimationFrame));
  }
  over.dispatchEvent(new PointerEvent('pointerup', at(300)));
  return times;
}"""
_STEPS = 120
_ZOOMS = 2
"""Times to zoom in before panning: the whole cannot be panned."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstView:
    """What the first view costs with an empty cache."""

    time_s: float
    """Time from the address to the first burst, seconds."""
    received_kb: float
    """What came over the network, compressed, with heads, kB."""


def first_view(browser: Browser, url: str, burst_id: str, repeats: int) -> FirstView:
    """Measure the way from the address to the first burst over the slow network; medians."""
    found = [_opened(browser, url, burst_id) for _ in range(repeats)]
    return FirstView(
        time_s=statistics.median(each.time_s for each in found),
        received_kb=statistics.median(each.received_kb for each in found),
    )


def _opened(browser: Browser, url: str, burst_id: str) -> FirstView:
    context = browser.new_context()
    page = context.new_page()
    session = context.new_cdp_session(page)
    received: list[float] = []
    session.on("Network.loadingFinished", lambda event: received.append(event["encodedDataLength"]))
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", _FAST_3G)
    began_s = time.perf_counter()
    page.goto(f"{url}/", wait_until="commit")
    page.get_by_role("link", name=burst_id).wait_for()
    time_s = time.perf_counter() - began_s
    # Pictures come later, and belong to the view.
    page.wait_for_load_state("load")
    context.close()
    return FirstView(time_s=time_s, received_kb=sum(received) / 1000)


def frames_per_second(page: Page, url: str, burst_id: str) -> float:
    """Return the frames drawn per second while the light curve of a burst is panned."""
    page.goto(f"{url}/#/burst/{burst_id}")
    expect(page.locator(".u-over").first).to_be_visible()
    expect(page.get_by_text("Loading")).to_have_count(0)
    for _ in range(_ZOOMS):
        page.get_by_role("button", name="Zoom in").first.click()
    page.wait_for_timeout(2000)
    times: list[float] = page.evaluate(_PAN, _STEPS)
    return 1000.0 * (len(times) - 1) / (times[-1] - times[0])
