"""The list of bursts: live, searched, ordered, and with what changed."""

import re
from io import BytesIO

import aiohttp
from playwright.sync_api import expect

from testbench.quicklook.made_up import QUICK_BURST
from testbench.tiny import tiny_light_curve
from tests.support.page import Site, Visitor, beside


async def upload(url: str, burst_id: str, seed: int) -> None:
    query = {"burst_id": burst_id, "name": f"{seed}.fits"}
    async with (
        aiohttp.ClientSession(url) as session,
        session.post("/api/v1/data", params=query, data=BytesIO(tiny_light_curve(seed))) as answer,
    ):
        assert answer.status == 201, await answer.text()


def test_bursts_are_listed_with_their_numbers(visitor: Visitor, site: Site) -> None:
    page = visitor().go("")
    row = page.get_by_role("row").filter(has_text=site.burst_id)
    expect(row).to_contain_text("done")
    expect(row).to_contain_text("GRM")
    expect(row.get_by_role("link", name=site.burst_id)).to_be_visible()
    assert "ago" in row.inner_text()


def test_filters_and_order_live_in_the_address(visitor: Visitor, site: Site) -> None:
    page = visitor().go("")
    expect(page.get_by_role("row").filter(has_text=QUICK_BURST)).to_have_count(1)
    page.get_by_label("Search").fill(site.burst_id)
    expect(page.get_by_role("row").filter(has_text=QUICK_BURST)).to_have_count(0)
    page.get_by_label("Order").select_option("T90, longest first")
    expect(page).to_have_url(re.compile(rf"text={site.burst_id}.*sort=-t90"))
    page.reload()
    expect(page.get_by_label("Search")).to_have_value(site.burst_id)
    expect(page.get_by_role("row")).to_have_count(2)
    page.get_by_role("button", name="Clear 1 filter").click()
    expect(page.get_by_role("row").filter(has_text=QUICK_BURST)).to_have_count(1)


def test_a_new_burst_appears_by_itself_and_is_marked(visitor: Visitor, site: Site) -> None:
    page = visitor().go("")
    expect(page.get_by_text("Live", exact=True)).to_be_visible()
    expect(page.get_by_role("row").filter(has_text=site.burst_id)).to_be_visible()
    beside(upload(site.url, "appears", 11))
    row = page.get_by_role("row").filter(has_text="appears")
    expect(row).to_contain_text("unseen")
    page.get_by_role("button", name="Mark all as seen").click()
    expect(row).not_to_contain_text("unseen")
    beside(upload(site.url, "appears", 12))
    expect(row).to_contain_text("changed")


def test_a_wrong_bound_is_refused_where_it_stands(visitor: Visitor) -> None:
    page = visitor(may_complain=True).go("#/bursts?min_t90_s=-1")
    expect(page.get_by_role("alert")).to_contain_text("min_t90_s")
