"""The service page, a task, the login, and a page that outlives networks and daemons."""

import re

import aiohttp
from playwright.sync_api import expect

from testbench.tiny import tiny_task
from tests.support.page import Site, Visitor, beside


async def sent(url: str, path: str, body: dict[str, object]) -> dict[str, object]:
    async with (
        aiohttp.ClientSession(url) as session,
        session.post(f"/api/v1/{path}", json=body) as answer,
    ):
        assert answer.status < 300, await answer.text()
        found: dict[str, object] = await answer.json()
        return found


def test_health_queue_and_errors_are_shown(visitor: Visitor) -> None:
    page = visitor().go("#/service")
    expect(page.get_by_text("The service accepts work.")).to_be_visible()
    parts = page.get_by_role("table", name="What the service depends on")
    for name in ("Database", "NATS", "Workers", "Storage"):
        expect(parts.get_by_role("row").filter(has_text=name)).to_contain_text("works")
    for name in ("Received files", "Products", "Free space", "Work is refused below"):
        value = page.get_by_role("term").filter(has_text=name).locator("xpath=../dd")
        expect(value).to_have_text(re.compile(r"^[\d.]+ (B|kB|MB|GB)$"))


def test_a_task_is_cancelled_and_run_again(visitor: Visitor, site: Site) -> None:
    waits = tiny_task("waits", site.burst_id, [{"name": "never.fits"}])
    beside(sent(site.url, "task", waits))
    page = visitor().go("#/service?state=waiting")
    page.get_by_role("button", name="Cancel waits").click()
    expect(page.get_by_role("link", name="waits")).to_have_count(0)
    page = visitor().go("#/task/waits")
    expect(page.get_by_role("table", name="State changes")).to_contain_text("cancelled")
    expect(page.get_by_role("button", name="Run again")).to_be_visible()


def test_a_stranger_logs_in_with_a_token(visitor: Visitor, site: Site) -> None:
    """Whoever comes through a proxy is no program of this machine, and needs a token."""
    token = beside(sent(site.url, "tokens", {"name": "night shift", "role": "reader"}))
    # The browser writes every response with an error status to its console, also those asked for.
    page = visitor(may_complain=True, extra_http_headers={"X-Forwarded-For": "192.0.2.1"}).go("")
    page.get_by_label("Token").fill("ecl_wrong")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("alert")).to_contain_text("not valid")
    page.get_by_label("Token").fill(str(token["token"]))
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_text("night shift (reader)")).to_be_visible()
    expect(page.get_by_role("row").filter(has_text=site.burst_id)).to_be_visible()
    cookies = page.context.cookies()
    assert [(each["httpOnly"], each["sameSite"]) for each in cookies] == [(True, "Strict")]
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_role("heading", name="Log in")).to_be_visible()


def test_a_lost_network_is_said_and_caught_up(visitor: Visitor, site: Site) -> None:
    page = visitor(may_complain=True).go("#/bursts")
    expect(page.get_by_text("Live", exact=True)).to_be_visible()
    page.context.set_offline(True)
    expect(page.get_by_text("Connection lost")).to_be_visible()
    missed = tiny_task("missed", "while-away", [{"name": "never.fits"}])
    beside(sent(site.url, "task", missed))
    page.context.set_offline(False)
    expect(page.get_by_text("Live; caught up at")).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="while-away")).to_be_visible()


def test_an_upgrade_is_said(visitor: Visitor, site: Site) -> None:
    """After an outage the page compares its own version with that of the page that is served."""
    page = visitor(may_complain=True).go("#/bursts")
    expect(page.get_by_text("Live", exact=True)).to_be_visible()
    other = '<meta name="version" content="of another release">'
    page.route(f"{site.url}/", lambda route: route.fulfill(body=other))
    page.context.set_offline(True)
    expect(page.get_by_text("Connection lost")).to_be_visible()
    page.context.set_offline(False)
    expect(page.get_by_role("alert")).to_contain_text("The service was upgraded.")
    page.unroute(f"{site.url}/")
    page.get_by_role("button", name="Load the new page").click()
    expect(page.get_by_text("The service was upgraded.")).to_have_count(0)
    expect(page.get_by_role("row").filter(has_text=site.burst_id)).to_be_visible()


def test_a_restart_of_the_daemon_is_survived(visitor: Visitor, site: Site) -> None:
    page = visitor(may_complain=True).go("#/bursts")
    expect(page.get_by_text("Live", exact=True)).to_be_visible()
    assert beside(site.daemon.stop()) == 0
    expect(page.get_by_text("Connection lost")).to_be_visible()
    beside(site.daemon.start())
    expect(page.get_by_text("Live; caught up at")).to_be_visible()
    beside(sent(site.url, "task", tiny_task("later", "after-all", [{"name": "no.fits"}])))
    expect(page.get_by_role("row").filter(has_text="after-all")).to_be_visible()
