"""The daemon gives its results away as a catalogue and as archives."""

import asyncio
import hashlib
import io
import json
import zipfile
from collections.abc import AsyncIterator

import aiohttp
import pytest
from astropy.table import Table

from testbench.daemon_process import DaemonProcess
from testbench.tiny import TINY_CONFIGURATION, tiny_light_curve, tiny_task
from tests.support.limits import LIMIT_S

TASKS = ("exports-a", "exports-b")


@pytest.fixture
async def http(daemon: DaemonProcess) -> AsyncIterator[aiohttp.ClientSession]:
    at = daemon.endpoints()
    assert at is not None
    async with aiohttp.ClientSession(at.rest) as session:
        yield session


async def analysed(http: aiohttp.ClientSession) -> None:
    """Have two tasks done on one light curve; what is there already stays."""
    query = {"burst_id": "exports", "name": "a.fits"}
    async with http.post("/api/v1/data", params=query, data=tiny_light_curve(1)) as answer:
        assert answer.status in {200, 201}, await answer.text()
    for name in TASKS:
        task = tiny_task(name, "exports", [{"name": "a.fits"}])
        del task["type"]
        task["configuration"] = {**TINY_CONFIGURATION, "products": {"figures": "later"}}
        async with http.post("/api/v1/task", json=task) as answer:
            assert answer.status in {200, 201}, await answer.text()
        async with asyncio.timeout(LIMIT_S):
            while True:
                async with http.get(f"/api/v1/task/{name}") as answer:
                    if (await answer.json())["state"] == "done":
                        break
                await asyncio.sleep(0.05)


async def test_a_catalogue_has_a_row_for_each_result(http: aiohttp.ClientSession) -> None:
    await analysed(http)
    query = {"format": "ecsv", "burst_id": "exports", "superseded": "true"}
    async with http.get("/api/v1/catalogue", params=query) as answer:
        assert answer.status == 200, await answer.text()
        assert "Link" not in answer.headers
        assert answer.headers["X-Results-Left-Out"] == "0"
        table = Table.read((await answer.read()).decode(), format="ascii.ecsv")
    assert list(table["task"]) == list(TASKS)
    assert set(table["name"]) == {"exports"}
    assert str(table["t90"].unit) == "s"


async def test_a_long_catalogue_comes_in_parts(http: aiohttp.ClientSession) -> None:
    await analysed(http)
    found, path = [], "/api/v1/catalogue?format=ecsv&burst_id=exports&superseded=true&limit=1"
    while path:
        async with http.get(path) as answer:
            assert answer.status == 200, await answer.text()
            content = (await answer.read()).decode()
            found += list(Table.read(content, format="ascii.ecsv")["task"])
            path = answer.headers.get("Link", "").partition(">")[0].lstrip("<")
    assert found == list(TASKS)


@pytest.mark.parametrize("form", ["fits", "votable", "ecsv", "parquet", "csv"])
async def test_every_format_is_served(http: aiohttp.ClientSession, form: str) -> None:
    async with http.get("/api/v1/catalogue", params={"format": form}) as answer:
        assert answer.status == 200, await answer.text()
        assert f'"catalogue.{form}"' in answer.headers["Content-Disposition"]
        assert await answer.read()


async def test_an_unknown_format_is_refused(http: aiohttp.ClientSession) -> None:
    async with http.get("/api/v1/catalogue", params={"format": "xls"}) as answer:
        assert answer.status == 422
        assert "xls" in (await answer.json(content_type=None))["detail"]


async def test_an_archive_has_all_products_and_their_figures(
    http: aiohttp.ClientSession, daemon: DaemonProcess
) -> None:
    await analysed(http)
    async with http.get(f"/api/v1/task/{TASKS[0]}/archive?wait=60") as answer:
        assert answer.status == 200, await answer.text()
        assert answer.content_type == "application/zip"
        content = await answer.read()
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        files = {name.partition("/")[2]: archive.read(name) for name in archive.namelist()}
    async with http.get("/api/v1/products", params={"task_id": TASKS[0]}) as answer:
        products = (await answer.json())["products"]
    kept = {each["name"]: each["sha256"] for each in products if each["kind"] != "steps"}
    assert any(name.endswith(".png") for name in kept)
    assert kept == {name: hashlib.sha256(files[name]).hexdigest() for name in kept}


async def test_there_is_no_archive_of_an_unknown_task(http: aiohttp.ClientSession) -> None:
    async with http.get("/api/v1/task/exports-none/archive") as answer:
        assert answer.status == 404


async def test_a_report_has_the_data_of_its_result(http: aiohttp.ClientSession) -> None:
    await analysed(http)
    async with http.get(f"/api/v1/task/{TASKS[1]}/report?wait=60") as answer:
        assert answer.status == 200, await answer.text()
        assert answer.content_type == "text/html"
        assert answer.headers["Content-Disposition"].endswith('.html"')
        assert answer.headers["Content-Security-Policy"] == "sandbox allow-scripts"
        text = await answer.text()
    async with http.get(f"/api/v1/products/{TASKS[1]}/result.json") as answer:
        result = await answer.json()
    data = text.partition('<script type="application/json" id="data">')[2].partition("</script>")[0]
    assert json.loads(data)["result"] == result
    assert "data:image/png;base64," in text
    async with http.get("/api/v1/task/exports-none/report") as answer:
        assert answer.status == 404
