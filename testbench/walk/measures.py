"""What the page costs: the first view over a slow network, panning, memory over live updates."""

import statistics
import time
from typing import Any

from playwright.sync_api import Browser, Page, expect

__all__ = ["first_view_s", "frames_per_second", "memory_growth"]

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


def first_view_s(browser: Browser, url: str, burst_id: str, repeats: int) -> float:
    """Return the median time from the address to the first burst over the slow network, seconds."""
    times = []
    for _ in range(repeats):
        context = browser.new_context()
        page = context.new_page()
        session = context.new_cdp_session(page)
        session.send("Network.enable")
        session.send("Network.emulateNetworkConditions", _FAST_3G)
        began_s = time.perf_counter()
        page.goto(f"{url}/", wait_until="commit")
        page.get_by_role("link", name=burst_id).wait_for()
        times.append(time.perf_counter() - began_s)
        context.close()
    return statistics.median(times)


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


def memory_growth(page: Page, url: str, burst_id: str, updates: int) -> tuple[float, float]:
    """Return the used memory of the list before and after so many live updates, MB."""
    page.goto(f"{url}/")
    page.get_by_role("link", name=burst_id).wait_for()
    session = page.context.new_cdp_session(page)

    def used() -> float:
        session.send("HeapProfiler.collectGarbage")
        found: dict[str, Any] = session.send("Runtime.getHeapUsage")
        return float(found["usedSize"]) / 1e6

    before = used()
    where = f"{url}/api/v1/bursts/{burst_id}/claim"
    for number in range(updates):
        page.request.post(where, data={"note": f"update {number}"})
        if number == updates // 10:
            before = used()
    page.wait_for_timeout(1000)
    return before, used()
