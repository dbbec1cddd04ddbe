"""The steps of the walks: an advocate's first five minutes, a scientist's first half hour."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from playwright.sync_api import Page, expect

__all__ = ["Shown", "walk"]


@dataclass(frozen=True, slots=True)
class Shown:
    """What is on the screen after a step."""

    name: str
    """Name of the screenshot."""
    text: str
    """What one sees and does, for the documentation."""


def walk(page: Page, url: str, burst: str, task: str, quick: str) -> Iterator[Shown]:
    """Walk through the page; yield after each step, when it shows what its text says.

    Parameters
    ----------
    page
        A new page of a browser.
    url
        Address of the daemon.
    burst, task
        A burst with a result, and the task that made it.
    quick
        A burst of which only packets came.
    """
    yield from _advocate(page, url, burst, quick)
    yield from _scientist(page, url, burst, task)


def _advocate(page: Page, url: str, burst: str, quick: str) -> Iterator[Shown]:
    page.goto(f"{url}/")
    expect(page.get_by_role("row").filter(has_text=burst)).to_be_visible()
    yield Shown("bursts", "The list: newest first, live, with what changed since the last visit.")
    page.goto(f"{url}/#/burst/{quick}")
    expect(page.get_by_text("T90 is")).to_be_visible()
    yield Shown("quick-look", "A burst that just came: what its packets tell, and a draft to send.")
    page.get_by_label("Note to the others").fill("I am up")
    page.get_by_role("button", name="Take this burst").click()
    expect(page.get_by_text("You have this burst")).to_be_visible()
    yield Shown("claim", "Take the burst: the others see it, and can go back to sleep.")
    page.get_by_role("button", name="Release").click()
    expect(page.get_by_text("Nobody has taken this burst.")).to_be_visible()
    page.get_by_role("heading", name="Time machine").click()
    page.get_by_role("slider").focus()
    page.keyboard.press("Home")
    expect(page.locator("#timemachine .u-over")).to_be_visible()
    page.get_by_role("heading", name="Time machine").evaluate("each => each.scrollIntoView()")
    yield Shown("time-machine", "What was known when: move through the updates.")


def _scientist(page: Page, url: str, burst: str, task: str) -> Iterator[Shown]:
    page.goto(f"{url}/#/burst/{burst}")
    expect(page.locator(".u-over").first).to_be_visible()
    expect(page.get_by_text("Loading")).to_have_count(0)
    yield Shown("burst", "The full analysis: numbers, light curve with background, T90 and T50.")
    page.get_by_role("heading", name="Spectrum", exact=True).scroll_into_view_if_needed()
    yield Shown("spectrum", "The spectrum with folded model, residuals, and models side by side.")
    page.get_by_role("heading", name="Texts to send").click()
    expect(page.locator("div.draft")).to_be_visible()
    page.get_by_role("heading", name="Texts to send").scroll_into_view_if_needed()
    yield Shown("draft", "A draft of a circular: each number leads to its product.")
    page.goto(f"{url}/#/burst/{burst}/reanalyse?run={task}")
    expect(page.locator(".u-over").first).to_be_visible()
    page.get_by_label("Background curve").select_option("order 1")
    page.get_by_label("Background 1 to (s)").fill("-5")
    page.get_by_label("Background 1 to (s)").press("Tab")
    expect(page.get_by_role("table", name=re.compile("^Preview"))).to_be_visible()
    expect(page.get_by_text("a newer one is on its way")).to_have_count(0)
    page.evaluate("scrollTo(0, 0)")
    yield Shown("re-analysis", "Re-analysis: drag intervals or type numbers; T90 follows.")
    page.get_by_role("button", name="Submit as a new run").click()
    values = page.get_by_role("table", name="Values; far less")
    expect(values).to_be_visible()
    values.scroll_into_view_if_needed()
    yield Shown("comparison", "The new run beside the old one, in sigma.")
    page.goto(f"{url}/#/service")
    expect(page.get_by_text("The service accepts work.")).to_be_visible()
    yield Shown("service", "The service: what it depends on, its queue, its last errors.")
