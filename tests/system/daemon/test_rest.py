"""REST answers what was asked, and says what was wrong."""

import asyncio
import hashlib
import io
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import jsonschema
import pytest
from astropy.io import fits

from testbench.checkout import CHECKOUT
from testbench.daemon_process import DaemonProcess
from testbench.simulate.delivery import SimulatedBurst
from tests.support.limits import LIMIT_S
from tests.support.quicklook.packets import notice


@pytest.fixture
async def http(daemon: DaemonProcess) -> AsyncIterator[aiohttp.ClientSession]:
    at = daemon.endpoints()
    assert at is not None
    async with aiohttp.ClientSession(at.rest) as session:
        yield session


async def problem(answer: aiohttp.ClientResponse, status: int) -> str:
    assert answer.status == status, await answer.text()
    assert answer.content_type == "application/problem+json"
    document = await answer.json(content_type=None)
    assert document["status"] == status
    detail: str = document["detail"]
    return detail


def task(name: str, **change: Any) -> dict[str, Any]:
    return {"id": name, "burst_id": "rest1", "inputs": [{"name": "never.fits"}], **change}


async def test_ready_when_everything_works(http: aiohttp.ClientSession) -> None:
    async with http.get("/health/ready") as answer:
        report = await answer.json()
    assert report["ready"]
    assert all(report[name]["ok"] for name in ("database", "nats", "workers"))
    assert report["workers"]["alive"] == 2


async def test_the_status_is_the_service_status(http: aiohttp.ClientSession) -> None:
    async with http.get("/api/v1/status") as answer:
        status = await answer.json()
    async with http.get("/api/v1/schemas") as answer:
        schemas = await answer.json()
    jsonschema.validate(status, schemas["ServiceMessage"])
    assert list(status) == ["descriptor", "activity", "date", "info"]
    assert status["info"] == "Service eclgrm is ready"


async def test_the_same_task_twice_is_one_task(http: aiohttp.ClientSession) -> None:
    async with http.post("/api/v1/task", json=task("twice")) as answer:
        assert answer.status == 201
        assert (await answer.json())["state"] == "waiting"
    async with http.post("/api/v1/task", json=task("twice")) as answer:
        assert answer.status == 200
    async with http.post("/api/v1/task", json=task("twice", analysis="temporal")) as answer:
        assert "asks for something else" in await problem(answer, 409)


async def test_a_cancelled_task_stays_cancelled(http: aiohttp.ClientSession) -> None:
    async with http.post("/api/v1/task", json=task("cancel")) as answer:
        assert answer.status == 201
    async with http.delete("/api/v1/task/cancel") as answer:
        assert (await answer.json())["state"] == "cancelled"
    async with http.delete("/api/v1/task/cancel") as answer:
        assert answer.status == 409


async def test_a_wrong_task_is_told_what_is_right(http: aiohttp.ClientSession) -> None:
    wrong = task("wrong", configuration={"spectral": {"models": ["bnd"]}})
    async with http.post("/api/v1/task", json=wrong) as answer:
        said = await problem(answer, 422)
    assert "/spectral/models/0" in said
    assert "allowed: band, band+bb" in said


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/api/v1/task/unknown", 404, "no task 'unknown'"),
        ("/api/v1/products/unknown/x.png", 404, "no product"),
        ("/api/v1/bursts/unknown", 404, "no burst"),
        ("/api/v1/data/999999", 404, "no data file"),
        ("/nowhere", 404, "Not Found"),
        ("/api/v1/task?limit=many", 422, "Expected `int`, got `str` - at `/limit`"),
        ("/api/v1/task?state=lost", 422, "allowed: cancelled, done, failed"),
        ("/api/v1/task?colour=red", 422, "unknown field `colour` (allowed: after, analysis, "),
        ("/api/v1/task?limit=1&limit=2", 422, "limit is given 2 times: must be given once"),
        ("/api/v1/compare?task=a", 422, "length >= 2"),
        ("/api/v1/task?after=yesterday", 422, "the position in a `next` link"),
        ("/api/v1/data?after=x", 422, "Expected `int`, got `str` - at `/after`"),
    ],
)
async def test_what_is_not_there_or_wrong_is_said(
    http: aiohttp.ClientSession, path: str, status: int, said: str
) -> None:
    async with http.get(path) as answer:
        assert said in await problem(answer, status)


async def test_a_method_that_is_not_allowed_names_those_that_are(
    http: aiohttp.ClientSession,
) -> None:
    async with http.put("/api/v1/task") as answer:
        await problem(answer, 405)
        assert answer.headers["Allow"] == "GET,HEAD,POST"


async def test_what_is_no_fits_file_is_refused_and_recorded(http: aiohttp.ClientSession) -> None:
    query = {"burst_id": "rest2", "name": "noise.fits"}
    async with http.post(
        "/api/v1/data", params=query, data=b"this is no FITS file" * 500
    ) as answer:
        assert "noise.fits" in await problem(answer, 422)
    async with http.get("/api/v1/data", params={"burst_id": "rest2"}) as answer:
        (row,) = (await answer.json())["data"]
    assert (row["state"], row["name"]) == ("refused", "noise.fits")
    assert row["reason"]


async def test_a_file_is_refused_whose_fault_has_a_very_long_name(
    http: aiohttp.ClientSession,
) -> None:
    content, table = io.BytesIO(), fits.BinTableHDU.from_columns([fits.Column("N", "J")])
    table.header["EXTNAME"] = 100_000 * "L"
    table.writeto(content)
    query = {"burst_id": "rest6", "name": "long.fits"}
    async with http.post("/api/v1/data", params=query, data=content.getvalue()) as answer:
        assert "(its tables: LLL" in await problem(answer, 422)
    async with http.get("/api/v1/data", params={"burst_id": "rest6"}) as answer:
        (row,) = (await answer.json())["data"]
    assert row["state"] == "refused"
    assert "LLL ... LLL" in row["reason"]


async def test_a_wrong_checksum_keeps_a_file_out(http: aiohttp.ClientSession) -> None:
    query = {"burst_id": "rest3", "name": "a.fits", "sha256": "0" * 64}
    async with http.post("/api/v1/data", params=query, data=b"x" * 10) as answer:
        assert "was announced" in await problem(answer, 422)
    async with http.get("/api/v1/data", params={"burst_id": "rest3"}) as answer:
        assert (await answer.json())["data"] == []


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"name": "a.fits"}, "burst_id"),
        ({"burst_id": "b", "name": "../../etc/passwd"}, "/name"),
        ({"burst_id": "b", "name": "a", "sha256": "xyz"}, "/sha256"),
        ({"burst_id": "b", "name": "a", "size": "3"}, "unknown field `size`"),
    ],
)
async def test_an_upload_that_does_not_say_what_it_is_is_told(
    http: aiohttp.ClientSession, query: dict[str, str], said: str
) -> None:
    async with http.post("/api/v1/data", params=query, data=b"x") as answer:
        assert said in await problem(answer, 422)


async def test_a_file_brought_twice_is_one_file(
    http: aiohttp.ClientSession, burst: SimulatedBurst
) -> None:
    file = burst.files[0]
    content = file.path.read_bytes()
    query = {"burst_id": "rest4", "name": file.name, "sha256": file.sha256}
    async with http.post("/api/v1/data", params=query, data=io.BytesIO(content)) as answer:
        assert answer.status == 201, await answer.text()
        first = await answer.json()
    async with http.post("/api/v1/data", params=query, data=io.BytesIO(content)) as answer:
        assert answer.status == 200
        assert (await answer.json())["id"] == first["id"]
    assert (first["state"], first["size"]) == ("accepted", len(content))


async def test_lists_go_on_by_their_next_link(http: aiohttp.ClientSession) -> None:
    wanted = [f"page{i}" for i in range(5)]
    for name in wanted:
        async with http.post("/api/v1/task", json=task(name, burst_id="rest5")) as answer:
            assert answer.status == 201
    seen: list[str] = []
    link: str | None = "/api/v1/task?burst_id=rest5&limit=2"
    while link:
        async with http.get(link) as answer:
            page = await answer.json()
        seen += [each["id"] for each in page["tasks"]]
        link = page["next"]
    assert seen == wanted


async def test_a_task_gives_products_that_can_be_fetched_in_parts(
    http: aiohttp.ClientSession, burst: SimulatedBurst
) -> None:
    for file in burst.files:
        query = {"burst_id": burst.burst_id, "name": file.name, "sha256": file.sha256}
        async with http.post(
            "/api/v1/data", params=query, data=io.BytesIO(file.path.read_bytes())
        ) as answer:
            assert answer.status in {200, 201}, await answer.text()
    wanted = {
        "id": "whole",
        "burst_id": burst.burst_id,
        "analysis": "temporal",
        "inputs": [{"name": file.name} for file in burst.files],
    }
    async with http.post("/api/v1/task", json=wanted) as answer:
        assert answer.status == 201
    view = await ended(http, "whole")
    assert view["state"] == "done", view["reason"]
    product = next(each for each in view["products"] if each["name"] == "result.json")
    async with http.get(product["link"]) as answer:
        body = await answer.read()
        assert hashlib.sha256(body).hexdigest() == product["sha256"]
        tag = answer.headers["ETag"]
        assert tag == f'"{product["sha256"]}"'
    async with http.get(product["link"], headers={"If-None-Match": tag}) as answer:
        assert answer.status == 304
    async with http.get(product["link"], headers={"Range": "bytes=10-19"}) as answer:
        assert answer.status == 206
        assert await answer.read() == body[10:20]
    assert json.loads(body)["burst"]["id"] == burst.burst_id
    async with http.get("/api/v1/task/whole/logs") as answer:
        lines = (await answer.json())["lines"]
    assert len(lines) > len(view["changes"])
    for line in lines:
        assert (line["burst_id"], line["task_id"]) == (burst.burst_id, "whole")


async def ended(http: aiohttp.ClientSession, name: str) -> dict[str, Any]:
    """Follow a task to its end."""
    async with asyncio.timeout(LIMIT_S):
        while True:
            async with http.get(f"/api/v1/task/{name}") as answer:
                view: dict[str, Any] = await answer.json()
            if view["state"] in {"done", "failed", "cancelled"}:
                return view
            await asyncio.sleep(0.1)


async def test_notices_repeated_with_ever_new_ids_are_bounded(
    http: aiohttp.ClientSession,
) -> None:
    async def bring(kind: int, number: int) -> None:
        date = f"2026-01-01T00:{number // 60:02d}:{number % 60:02d}"
        payload = notice(kind, f"n{number}", date, "repeated")
        async with http.post("/api/v1/notice", data=payload) as answer:
            assert answer.status == 201

    for number in range(120):
        await bring(202, number)
    await bring(219, 200)
    async with http.get("/api/v1/bursts/repeated/vhf") as answer:
        view = await answer.json()
    assert len(view["received_notices"]) == 100
    assert view["state"] == "withdrawn"
    assert view["version"] == 1


async def test_paths_of_the_last_version_lead_to_the_present_ones(
    http: aiohttp.ClientSession,
) -> None:
    async with http.get("/task?limit=2&state=done", allow_redirects=False) as answer:
        assert answer.status == 308
        assert answer.headers["Location"] == "/api/v1/task?limit=2&state=done"
    async with http.get("/products/a%20b/x%2Fy", allow_redirects=False) as answer:
        assert answer.headers["Location"] == "/api/v1/products/a%20b/x%2Fy"
    async with http.post("/task", json=task("moved")) as answer:
        assert (answer.status, answer.url.path) == (201, "/api/v1/task")
        assert answer.headers["Location"] == "/api/v1/task/moved"
    for path in ("/page", "/tasks", "/task-force", "/api/v1/health/live", "/api/v1"):
        async with http.get(path) as answer:
            assert answer.status == 404, path


async def test_the_interface_describes_itself_without_other_servers(
    http: aiohttp.ClientSession,
) -> None:
    async with http.get("/openapi.json") as answer:
        document = await answer.json()
    assert document["openapi"] == "3.1.0"
    async with http.get("/api") as answer:
        page, policy = await answer.text(), answer.headers["Content-Security-Policy"]
    assert "//" not in page.replace("<!doctype html>", "")
    assert policy.startswith("default-src 'none'; script-src 'self'; connect-src 'self'")
    async with http.get("/api/rapidoc-min.js") as answer:
        script = await answer.read()
    readme = (CHECKOUT / "eclgrmd/api/viewer/README.md").read_text(encoding="utf-8")
    assert hashlib.sha256(script).hexdigest() in readme


async def test_the_type_of_a_problem_leads_to_a_page_about_it(http: aiohttp.ClientSession) -> None:
    async with http.get("/api/v1/task/nobody") as answer:
        kind = (await answer.json(content_type=None))["type"]
    path, _, anchor = kind.partition("#")
    async with http.get(path) as answer:
        assert f'<h2 id="{anchor}">404 Not Found</h2>' in await answer.text()


async def test_what_has_not_changed_is_not_sent_again(http: aiohttp.ClientSession) -> None:
    async with http.get("/api/v1/schemas") as answer:
        tag, size = answer.headers["ETag"], int(answer.headers["Content-Length"])
        assert answer.headers["Content-Encoding"] == "gzip"
        assert size < len(await answer.read()) / 2
    async with http.get("/api/v1/schemas", headers={"If-None-Match": tag}) as answer:
        assert (answer.status, await answer.read(), answer.headers["ETag"]) == (304, b"", tag)
    async with http.get("/api/v1/schemas", headers={"Accept-Encoding": "identity"}) as answer:
        assert ("Content-Encoding" in answer.headers, answer.headers["ETag"]) == (False, tag)


async def test_no_page_of_another_server_may_use_it_unless_configured(
    http: aiohttp.ClientSession,
) -> None:
    async with http.get("/api/v1/status", headers={"Origin": "https://example.org"}) as answer:
        assert "Access-Control-Allow-Origin" not in answer.headers


async def test_head_has_the_headers_of_get(http: aiohttp.ClientSession) -> None:
    async with http.get("/api/v1/status", headers={"Accept-Encoding": "identity"}) as answer:
        length = answer.headers["Content-Length"]
    async with http.head("/api/v1/status", headers={"Accept-Encoding": "identity"}) as answer:
        assert (answer.status, answer.headers["Content-Length"]) == (200, length)
        assert await answer.read() == b""
