"""Dragging: T90 and the fit follow, the changed keys are shown, and the re-run gives the same."""

import math
import re

import pytest
from playwright.sync_api import Page, expect

from tests.support.page import Site, Visitor


def drag(page: Page, label: str, pixels: float) -> None:
    """Drag the handle of a number field in the figure."""
    everything = page.get_by_role("button", name="Show everything").first
    everything.click()
    expect(everything).to_be_disabled()
    value = float(page.get_by_label(label).input_value())
    box = page.locator(".u-over").first.bounding_box()
    assert box is not None
    low, high = (
        float(page.get_by_label(name).input_value())
        for name in ("Background 1 from (s)", "Background 2 to (s)")
    )
    x = box["x"] + box["width"] * (value - low) / (high - low)
    y = box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + pixels / 2, y, steps=4)
    page.mouse.move(x + pixels, y, steps=4)
    page.mouse.up()


def test_from_dragging_to_the_result_of_record(visitor: Visitor, site: Site) -> None:
    page = visitor().go(f"#/burst/{site.burst_id}/reanalyse?run={site.task_id}")
    expect(page.locator(".u-over").first).to_be_visible()
    before = float(page.get_by_label("Background 1 to (s)").input_value())
    drag(page, "Background 1 to (s)", -150)
    after = float(page.get_by_label("Background 1 to (s)").input_value())
    assert after < before - 1.0
    keys = page.get_by_label("Changed keys")
    expect(keys).to_contain_text('"mode": "intervals"')
    expect(keys).to_contain_text(str(after))
    preview = page.get_by_role("table", name=re.compile("^Preview with 100 replicas"))
    expect(preview).to_contain_text("T90 GRM")

    # The same from the keyboard.
    page.get_by_label("Background curve").select_option("order 1")
    page.get_by_label("Source to (s)").fill("0.3")
    page.get_by_label("Source to (s)").press("Tab")
    expect(keys).to_contain_text('"order": 1')
    expect(keys).to_contain_text("0.3")
    expect(page.get_by_text("a newer one is on its way")).to_have_count(0)
    t90 = preview.get_by_role("row").filter(has_text="T90 GRM").get_by_role("cell").nth(2)
    previewed = t90.inner_text().split()[0]

    page.get_by_label("Name of the new run").fill("dragged")
    page.get_by_role("button", name="Submit as a new run").click()
    values = page.get_by_role("table", name="Values; far less")
    expect(values).to_contain_text("durations/GRM/t90")
    row = values.get_by_role("row").filter(has_text="durations/GRM/t90 (s)")
    assert row.get_by_role("cell").nth(2).inner_text().split()[0] == previewed

    page.get_by_role("link", name="Show this run").click()
    page.get_by_role("heading", name="Result of record").click()
    page.get_by_label("Reason").fill("a wider gap before the burst")
    page.get_by_role("button", name="Accept dragged as the result of record").click()
    expect(page.get_by_text("This is the result of record: accepted by local")).to_be_visible()


def test_the_energy_band_is_dragged_in_the_spectrum(visitor: Visitor, site: Site) -> None:
    page = visitor().go(f"#/burst/{site.burst_id}/reanalyse?run={site.task_id}")
    figure = page.get_by_role("group", name="Count spectrum with the energy band")
    # The light curve above it moves it.
    expect(page.locator(".u-over")).to_have_count(2)
    figure.scroll_into_view_if_needed()
    box = figure.locator(".u-over").bounding_box()
    assert box is not None
    upper = page.get_by_label("Band to (keV)")
    before = float(upper.input_value())
    # The figure has a margin of a factor 1.2 beyond the highest energy.
    low = float(page.get_by_label("Band from (keV)").input_value()) / 1.2
    high = 1.2 * before
    x = box["x"] + box["width"] * math.log(before / low) / math.log(high / low)
    y = box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 0.3 * box["width"], y, steps=5)
    page.mouse.up()
    after = float(upper.input_value())
    assert after == pytest.approx(before * (low / high) ** 0.3, rel=0.05)
    expect(page.get_by_label("Changed keys")).to_contain_text(f"{after:g}")
    preview = page.get_by_role("table", name=re.compile("^Preview with 100 replicas"))
    expect(preview).to_contain_text("T90 GRM")
    # The light curve follows.
    caption = page.get_by_role("region", name="Light curves").locator("figcaption").first
    expect(caption).to_contain_text(f"{after:.0f}")


def test_what_only_a_rerun_can_tell_is_said(visitor: Visitor, site: Site) -> None:
    page = visitor().go(f"#/burst/{site.burst_id}/reanalyse?run={site.task_id}")
    page.get_by_label("GRD03", exact=True).last.uncheck()
    expect(page.get_by_label("Changed keys")).to_contain_text("GRD02")
    expect(
        page.get_by_role("status")
        .filter(has_text=re.compile("re-run|Preview|worker"))
        .or_(page.get_by_role("table", name=re.compile("^Preview")))
        .first
    ).to_be_visible()
