"""axe-core finds nothing on any page, in both themes, and the console stays empty."""

from importlib.resources import files

import pytest
from playwright.sync_api import Page, expect

from testbench.quicklook.made_up import QUICK_BURST
from tests.support.page import Site, Visitor

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
FIND = """async rules => (await axe.run({ runOnly: rules })).violations.flatMap(each =>
  each.nodes.map(node => `${each.id}: ${node.html.slice(0, 200)} ${node.failureSummary}`))"""
ADDRESSES = {
    "bursts": "#/bursts",
    "burst": "#/burst/{burst}",
    "quick look": f"#/burst/{QUICK_BURST}",
    "re-analysis": "#/burst/{burst}/reanalyse?run={task}",
    "task": "#/task/{task}",
    "service": "#/service",
}


def settle(page: Page) -> None:
    """Open the parts of a page, and the table of its first figure; wait until none loads."""
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.get_by_text("Loading ")).to_have_count(0)
    page.evaluate("document.querySelectorAll('.section').forEach(each => { each.open = true })")
    page.evaluate(
        "document.querySelectorAll('figure details').forEach((each, i) => { each.open = !i })"
    )
    expect(page.get_by_text("Loading ")).to_have_count(0)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", ADDRESSES)
def test_axe_finds_nothing(visitor: Visitor, site: Site, name: str, theme: str) -> None:
    page = visitor(color_scheme=theme).go(
        ADDRESSES[name].format(burst=site.burst_id, task=site.task_id)
    )
    settle(page)
    page.evaluate(AXE)
    assert page.evaluate(FIND, RULES) == []
