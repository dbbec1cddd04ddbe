"""The page of a burst: its numbers, figures, texts, runs, and who has it."""

import aiohttp
import pytest
from playwright.sync_api import Page, expect

from testbench.quicklook.made_up import QUICK_BURST
from testbench.walk.site import REAL_BURST, add_real, connected, real_burst_is_here
from tests.support.page import Site, Visitor, beside

SETTLES_MS = 1000.0
"""Time in which a figure has asked for finer bins and drawn them."""


def shown_range(page: Page) -> list[str]:
    """Return the labels of the bins that the table of the light curve shows first and last.

    Finer bins come a moment after a zoom: the table must have stayed the same for longer.
    """
    page.get_by_text("The same as a table").first.click()
    cells = page.get_by_role("table", name="Bins shown").locator("tbody td:first-child")
    expect(cells.first).to_be_visible()
    found: list[str] = []
    while (now := cells.all_inner_texts()) != found:
        found = now
        page.wait_for_timeout(SETTLES_MS)
    page.get_by_text("The same as a table").first.click()
    return [found[0], found[-1]]


def figure(page: Page) -> None:
    expect(page.locator(".u-over").first).to_be_visible()


async def stated(url: str, path: str) -> dict[str, object]:
    async with aiohttp.ClientSession(url) as session, session.get(f"/api/v1/{path}") as answer:
        found: dict[str, object] = await answer.json()
        return found


def test_numbers_are_those_of_the_result(visitor: Visitor, site: Site) -> None:
    page = visitor().go(site.address)
    task = beside(stated(site.url, f"task/{site.task_id}"))
    summary = task["summary"]
    assert isinstance(summary, dict)
    headline = page.locator(".headline")
    expect(headline).to_contain_text(f"{summary['significance']:.1f} σ")
    expect(headline).to_contain_text(f"{summary['t90_s']:.3f}"[:4])
    expect(page.get_by_role("table", name="T90 and T50")).to_contain_text("GRD01, GRD02, GRD03")
    expect(page.get_by_role("table", name="Parameters and comparison")).to_contain_text("epeak")


def test_keys_and_buttons_zoom_and_the_way_back(visitor: Visitor, site: Site) -> None:
    page = visitor().go(site.address)
    figure(page)
    everything = page.get_by_role("button", name="Show everything").first
    everything.click()
    expect(everything).to_be_disabled()
    whole = shown_range(page)
    plot = page.get_by_role("group", name="Light curve of").first
    plot.focus()
    for key in ("+", "+", "ArrowRight"):
        page.keyboard.press(key)
    expect(everything).to_be_enabled()
    zoomed = shown_range(page)
    assert zoomed != whole
    # New data leave the zoom as it is.
    beside(changed(site))
    expect(page.get_by_text("who looks")).to_be_visible()
    assert shown_range(page) == zoomed
    plot.focus()
    page.keyboard.press("0")
    expect(everything).to_be_disabled()


async def changed(site: Site) -> None:
    async with aiohttp.ClientSession(site.url) as session:
        where = f"/api/v1/bursts/{site.burst_id}/claim"
        async with session.post(where, json={"note": "who looks"}) as answer:
            assert answer.status < 300, await answer.text()


def test_a_finger_pans(visitor: Visitor, site: Site) -> None:
    page = visitor(viewport={"width": 360, "height": 740}, has_touch=True).go(site.address)
    figure(page)
    page.get_by_role("button", name="Show the burst").click()
    before = shown_range(page)
    box = page.locator(".u-over").first.bounding_box()
    assert box is not None
    touch = page.context.new_cdp_session(page)
    y = box["y"] + box["height"] / 2
    for kind, x in (("touchStart", 250), ("touchMove", 200), ("touchMove", 120), ("touchEnd", 0)):
        points = [] if kind == "touchEnd" else [{"x": x, "y": y}]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    page.wait_for_timeout(400)
    assert shown_range(page) != before
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_bands_and_detectors_have_curves_of_their_own(visitor: Visitor, site: Site) -> None:
    page = visitor().go(site.address)
    figure(page)
    page.get_by_text("GRM: bands, detectors, bins").click()
    page.get_by_label("one curve for each").check()
    expect(page.get_by_role("group", name="Light curve of GRD02")).to_be_visible()


def test_every_number_of_the_draft_leads_to_its_product(visitor: Visitor, site: Site) -> None:
    page = visitor().go(site.address)
    page.get_by_role("heading", name="Texts to send").click()
    draft = page.locator("div.draft")
    expect(draft).to_contain_text("T90 = ")
    links = draft.get_by_role("link").all()
    assert len(links) > 5
    for href in {link.get_attribute("href") for link in links}:
        assert page.request.head(f"{site.url}{href}").status == 200
    expect(page.get_by_role("button", name="Copy the draft")).to_be_visible()


def test_a_burst_is_taken_and_released(visitor: Visitor, site: Site) -> None:
    page = visitor().go(f"#/burst/{QUICK_BURST}")
    page.get_by_label("Note to the others").fill("awake anyway")
    page.get_by_role("button", name="Take this burst").click()
    expect(page.get_by_text("You have this burst")).to_be_visible()
    other = visitor().go("")
    expect(other.get_by_role("row").filter(has_text=QUICK_BURST)).to_contain_text("taken by local")
    page.get_by_role("button", name="Release").click()
    expect(page.get_by_text("Nobody has taken this burst.")).to_be_visible()


def test_a_quick_look_shows_its_numbers_and_light_curve_first(visitor: Visitor) -> None:
    page = visitor().go(f"#/burst/{QUICK_BURST}")
    expect(page.locator(".headline")).to_contain_text("T90, GRM")
    expect(page.get_by_role("group", name="Light curve of GRD01")).to_be_visible()
    expect(page.get_by_label("Draft of a circular")).to_contain_text("sigma")
    page.get_by_text("Draft of a notice (VOEvent)").click()
    expect(page.get_by_label("Draft of a notice")).to_contain_text("VOEvent")


def test_the_time_machine_shows_what_was_known(visitor: Visitor) -> None:
    page = visitor().go(f"#/burst/{QUICK_BURST}")
    page.get_by_role("heading", name="Time machine").click()
    slider = page.get_by_role("slider")
    expect(slider).to_be_visible()
    known = page.get_by_role("table", name="Known then")
    last = known.inner_text()
    slider.focus()
    page.keyboard.press("Home")
    expect(known).not_to_have_text(last)
    expect(page.get_by_text("Update 1 of")).to_be_visible()
    page.keyboard.press("End")
    expect(page.locator("#timemachine .u-over")).to_be_visible()


def test_files_provenance_and_log_are_there(visitor: Visitor, site: Site) -> None:
    page = visitor().go(site.address)
    for title in ("Files", "Provenance", "Log", "Rest frame"):
        page.get_by_role("heading", name=title, exact=True).click()
    expect(page.get_by_role("table", name="Products")).to_contain_text("result.json")
    page.get_by_label("Find a product").fill("block02")
    products = page.get_by_role("table", name="Products")
    expect(products).not_to_contain_text("result.json")
    expect(products).to_contain_text("BLOCK02")
    expect(page.get_by_role("table", name="Steps")).to_contain_text("durations")
    expect(page.get_by_label("Log", exact=True)).to_contain_text("task is done")
    page.get_by_label("Redshift z").fill("1.5")
    page.get_by_role("button", name="Compute").click()
    expect(page.get_by_role("table", name="Rest frame")).to_contain_text("Eiso")


def test_a_pasted_circular_is_set_beside_the_result(visitor: Visitor, site: Site) -> None:
    page = visitor().go(site.address)
    page.get_by_role("heading", name="Compare with a circular").click()
    page.get_by_label("Text of the circular").fill(
        "Konus-Wind observation. The burst had a duration T90 = 0.40 +/- 0.05 s (20-1500 keV)."
    )
    page.get_by_role("button", name=f"Compare with {site.task_id}").click()
    compared = page.get_by_role("table", name="The circular beside our result")
    expect(compared.get_by_role("row").filter(has_text="t90")).to_contain_text("0.400")


def test_the_coverage_of_a_result_is_asked_for_and_shown(visitor: Visitor, site: Site) -> None:
    page = visitor().go(site.address)
    page.get_by_role("heading", name="Trust").click()
    expect(page.get_by_text("Nobody has asked for it yet.")).to_have_count(2)
    page.get_by_label("Coverage: twins").fill("2")
    page.get_by_role("button", name="Ask for it").first.click()
    held = page.get_by_role("table", name="How often the stated interval held the truth")
    expect(held.get_by_role("row").filter(has_text="T90 (s)")).to_be_visible()
    expect(page.get_by_text("2 twins; in")).to_be_visible()
    expect(page.get_by_text("Nobody has asked for it yet.")).to_have_count(1)


@pytest.mark.data
@pytest.mark.skipif(not real_burst_is_here(), reason="real data not here: GRB 080916C")
def test_a_real_burst_of_gbm_is_shown(visitor: Visitor, site: Site) -> None:
    async def add() -> None:
        async with connected(site.daemon) as client:
            await add_real(client)

    beside(add())
    page = visitor().go(f"#/burst/{REAL_BURST}")
    figure(page)
    expect(page.locator(".headline")).to_contain_text("long")
    expect(page.get_by_role("heading", name="Evolution of the spectrum")).to_be_visible()
    expect(page.get_by_role("group", name="Epeak (keV) with time")).to_be_visible()
