"""A page draws a burst from the daemon's data for pictures alone."""

import array
import asyncio
import gzip
from collections.abc import AsyncIterator
from io import BytesIO
from typing import Any

import aiohttp
import msgspec
import numpy as np
import pytest
from astropy.io import fits

from eclgrmd.client import AsyncClient, RefusedError
from testbench.daemon_process import DaemonProcess
from testbench.simulate.delivery import SimulatedBurst
from testbench.tiny import tiny_light_curve, tiny_task
from tests.support.analysed import have_task
from tests.support.limits import LIMIT_S

TASK = "pictures"
ANALYSED = {
    "duration": {"bootstrap": 100, "photon_fluence": False, "character": False},
    "spectral": {"models": ["cpl"], "goodness_spectra": 0, "intervals": ["t100", "blocks"]},
    "products": {"figures": "never"},
}
LIGHT_CURVES = f"/api/v1/task/{TASK}/light-curves"


@pytest.fixture
async def http(
    daemon: DaemonProcess, burst: SimulatedBurst
) -> AsyncIterator[aiohttp.ClientSession]:
    """Return a session of a daemon that has analysed the burst."""
    at = daemon.running_endpoints().rest
    await have_task(at, burst, TASK, ANALYSED)
    async with aiohttp.ClientSession(at) as session:
        yield session


async def ended(http: aiohttp.ClientSession, task: str) -> None:
    async with asyncio.timeout(LIMIT_S):
        while True:
            async with http.get(f"/api/v1/task/{task}") as answer:
                found = await answer.json()
            if found["state"] in {"done", "failed"}:
                assert found["state"] == "done", found["reason"]
                return
            await asyncio.sleep(0.05)


async def view(http: aiohttp.ClientSession, path: str, **query: Any) -> dict[str, Any]:
    async with http.get(path, params=query) as answer:
        assert answer.status == 200, await answer.text()
        found: dict[str, Any] = await answer.json()
        return found


async def test_curves_are_those_of_the_products(http: aiohttp.ClientSession) -> None:
    """Compare with a light curve of the products, which other programs read."""
    products = (await view(http, "/api/v1/products", task_id=TASK))["products"]
    name = next(each["name"] for each in products if each["name"].endswith("GRM-LC-64MS.fits"))
    async with http.get(f"/api/v1/products/{TASK}/{name}") as answer:
        with fits.open(BytesIO(await answer.read())) as file:
            table, header = file[1].data, file[1].header
            total = np.array(table["COUNTS"] if "COUNTS" in table.names else [], dtype=float)
            times = np.array(table["TIME"], dtype=float) - header.get("TRIGTIME", 0.0)
    found = await view(http, LIGHT_CURVES, instrument="GRM", bin_s=0.064, points=20_000)
    (curve,) = found["curves"]
    assert len(total) > 100
    assert curve["counts"] == total.tolist()
    assert np.diff(curve["start_s"]) == pytest.approx(np.diff(times))


async def test_message_pack_is_the_same_and_smaller(http: aiohttp.ClientSession) -> None:
    query = {"band_kev": "15-50", "points": "500"}
    plain = await view(http, LIGHT_CURVES, **query)
    async with http.get(
        LIGHT_CURVES, params=query, headers={"Accept": "application/msgpack"}
    ) as answer:
        assert answer.content_type == "application/msgpack"
        compact = msgspec.msgpack.decode(await answer.read())
    for name in ("start_s", "counts", "background_counts"):
        column = array.array("d", compact["curves"][0].pop(name)).tolist()
        assert column == plain["curves"][0].pop(name)
        assert len(column) > 50
    async with http.get(LIGHT_CURVES, params={**query, "format": "msgpack"}) as answer:
        assert msgspec.msgpack.decode(await answer.read())["window_s"] == plain["window_s"]


async def test_what_a_client_has_is_not_sent_again(
    http: aiohttp.ClientSession, daemon: DaemonProcess
) -> None:
    async with http.get(LIGHT_CURVES) as answer:
        tag = answer.headers["ETag"]
    async with http.get(LIGHT_CURVES, headers={"If-None-Match": tag}) as answer:
        assert (answer.status, await answer.read()) == (304, b"")
    async with http.get(LIGHT_CURVES, params={"points": "11"}) as answer:
        assert answer.headers["ETag"] != tag
    plain = {"Accept-Encoding": "gzip"}
    async with aiohttp.ClientSession(auto_decompress=False) as raw:
        url = daemon.running_endpoints().rest + LIGHT_CURVES
        async with raw.get(url, headers=plain) as answer:
            assert answer.headers["Content-Encoding"] == "gzip"
            assert msgspec.json.decode(gzip.decompress(await answer.read()))["curves"]


async def test_durations_come_with_what_can_be_drawn(
    http: aiohttp.ClientSession, daemon: DaemonProcess
) -> None:
    result = await view(http, f"/api/v1/products/{TASK}/result.json")
    async with AsyncClient(daemon.running_endpoints().rest) as client:
        found = await client.durations(TASK)
        stated = [*result["durations"], *([result["combined"]] if result["combined"] else [])]
        assert [each.duration.t90.value_s for each in found.instruments] == [
            each["t90"]["value_s"] for each in stated
        ]
        for each in found.instruments:
            assert len(each.block_rates_per_s) == max(len(each.duration.blocks_s) - 1, 0)
            curves = await client.light_curves(
                TASK, instrument=each.duration.instrument, separate=True, points=100
            )
            assert [curve.detectors for curve in curves.curves]
            assert all(len(curve.counts) <= 100 for curve in curves.curves)
        grm = next(each for each in found.instruments if each.duration.instrument == "GRM")
        assert (grm.series, grm.detectors) == ("events", ("GRD01", "GRD02", "GRD03"))
        bands = await client.light_curves(TASK, instrument="GRM", bands_kev=grm.bands_kev)
        assert [curve.asked_kev for curve in bands.curves] == list(grm.bands_kev)
        with pytest.raises(RefusedError, match="detector is 'n3': must be one of GRD01"):
            await client.light_curves(TASK, instrument="GRM", detectors=["n3"])


async def test_spectra_come_with_models_and_residuals(
    http: aiohttp.ClientSession, daemon: DaemonProcess
) -> None:
    result = await view(http, f"/api/v1/products/{TASK}/result.json")
    async with AsyncClient(daemon.running_endpoints().rest) as client:
        found = await client.spectra(TASK)
        assert [each.kind for each in found.intervals] == [e["kind"] for e in result["spectra"]]
        assert found.fits.models[0].statistic_value == pytest.approx(
            result["spectra"][0]["models"][0]["statistic_value"]
        )
        assert found.spectra
        for each in found.spectra:
            (model,) = each.models
            net, folded = np.array(each.net_per_s_kev), np.array(model.folded_per_s_kev)
            residual = np.array(model.residual_sigma)
            assert (np.sign(net - folded) == np.sign(residual)).all()
            assert residual.std() < 3.0
            widths = np.array(each.high_kev) - np.array(each.low_kev)
            assert (net * widths).sum() == pytest.approx((folded * widths).sum(), rel=0.3)
        (curve,) = found.curves
        value, low = np.array(curve.value_erg_per_cm2_s), np.array(curve.low_erg_per_cm2_s)
        assert (low <= value).all()
        # The preferred statement of the same curve: its energy flux between 10 and 1000 keV.
        energy = np.array(curve.energy_kev)
        inside = (energy >= 10.0) & (energy <= 1000.0)
        flux = np.trapezoid(value[inside] / energy[inside], energy[inside])
        assert flux == pytest.approx(found.fits.models[0].flux[0].energy_erg.value, rel=0.05)
        last = await client.spectra(TASK, len(found.intervals) - 1)
        assert last.fits.interval_s == found.intervals[-1].interval_s
        with pytest.raises(RefusedError, match="interval is 99: must be below"):
            await client.spectra(TASK, 99)
        points = (await client.evolution(TASK)).points
        assert [list(p.interval_s) for p in points] == [
            p["interval_s"] for p in result["evolution"]
        ]


async def test_a_light_curve_that_came_as_a_file_is_shown_in_its_band(
    http: aiohttp.ClientSession,
) -> None:
    query = {"burst_id": "pictured", "name": "a.fits"}
    async with http.post("/api/v1/data", params=query, data=tiny_light_curve(3)) as answer:
        assert answer.status == 201
    task = tiny_task("pictured", "pictured", [{"name": "a.fits"}])
    async with http.post("/api/v1/task", json=task) as answer:
        assert answer.status == 201
    await ended(http, "pictured")
    found = await view(http, "/api/v1/task/pictured/light-curves")
    (curve,) = found["curves"]
    assert (curve["detectors"], curve["bins"], curve["bin_s"]) == (["GRD01"], 100, 0.5)
    assert sum(curve["background_counts"]) < sum(curve["counts"])
    other = await view(http, "/api/v1/task/pictured/light-curves", band_kev="15-50")
    assert other["left_out"] == ["GRD01: no data at 15-50 keV in the window"]


async def test_a_task_without_result_has_no_pictures(http: aiohttp.ClientSession) -> None:
    async with http.get("/api/v1/task/unheard-of/light-curves") as answer:
        assert answer.status == 404
        assert "no task 'unheard-of'" in await answer.text()
    task = tiny_task("waits-for-ever", "pictured", [{"name": "never.fits"}])
    async with http.post("/api/v1/task", json=task) as answer:
        assert answer.status == 201
    async with http.get("/api/v1/task/waits-for-ever/durations") as answer:
        assert answer.status == 404
        assert "'waits-for-ever' has no result" in await answer.text()
