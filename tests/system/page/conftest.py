"""One daemon with bursts and one browser for all tests of the page."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser, expect

from testbench.daemon_process import DaemonProcess
from testbench.simulate.delivery import simulate_dc0
from testbench.walk.browser import chromium, started_browser
from testbench.walk.site import add_quick_look, add_simulated, connected
from tests.support.limits import LIMIT_S
from tests.support.page import Site, Visit, Visitor, beside
from tests.support.quicklook.packets import box_sequence

SETTINGS = {"ECLGRMD_VHF_SILENCE_S": "2", "ECLGRMD_VHF_PRODUCTS_S": "0"}
expect.set_options(timeout=1000 * LIMIT_S)


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    burst = simulate_dc0(tmp_path_factory.mktemp("dc0"), 5, bursts=("short",)).bursts[0]
    process = DaemonProcess(tmp_path_factory.mktemp("daemon"), settings=SETTINGS)

    async def fill() -> str:
        await process.start()
        await add_quick_look(process, box_sequence(0.0, 8.0, 3000.0))
        async with connected(process) as client:
            return await add_simulated(client, burst)

    task_id = beside(fill())
    yield Site(process, process.running_endpoints().rest, burst.burst_id, task_id)
    assert beside(process.stop()) == 0


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Start a browser for one file of tests.

    Its event loop runs in this thread, where asynchronous tests can begin only when it has ended.
    """
    if chromium() is None:
        pytest.skip("chromium is not installed (Debian package chromium)")
    with started_browser() as started:
        yield started


@pytest.fixture
def visitor(browser: Browser, site: Site) -> Iterator[Visitor]:
    """Open pages, each as a new person; the browser must have had nothing to complain of."""
    with ExitStack() as stack:
        visits: list[Visit] = []

        def visit(*, may_complain: bool = False, **options: object) -> Visit:
            context = browser.new_context(**{"viewport": {"width": 1200, "height": 900}, **options})  # type: ignore[arg-type]  # options of Playwright by name
            stack.callback(context.close)
            found = Visit(context.new_page(), site.url)
            if not may_complain:
                visits.append(found)
            return found

        yield visit
        assert [each.complaints for each in visits if each.complaints] == []
