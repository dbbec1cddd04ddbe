"""The whole way through the real daemon: notices and packets in, announcements and answers out."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import aiohttp
import pytest

from eclgrmd.cli.known_burst import known_burst
from eclgrmd.client import AsyncClient, RefusedError
from eclgrmd.formats import Provenance, events_to_fits
from eclgrmd.model.quicklook.binary import packet_to_binary
from eclgrmd.model.quicklook.packet import packet_to_json
from testbench.daemon_process import DaemonProcess
from tests.support.quicklook.network import Network, connected, start_warm, started
from tests.support.quicklook.packets import box_sequence, notice


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaemonProcess]:
    settings = {"ECLGRMD_VHF_SILENCE_S": "3", "ECLGRMD_VHF_PRODUCTS_S": "0"}
    process = DaemonProcess(tmp_path_factory.mktemp("vhf"), settings=settings)
    asyncio.run(start_warm(process))
    yield process
    assert asyncio.run(process.stop()) == 0


@pytest.fixture
async def network(site: DaemonProcess) -> AsyncIterator[Network]:
    async with connected(site) as network:
        yield network


async def test_a_burst_is_followed_to_its_end_and_announced_sparingly(network: Network) -> None:
    burst = "sb26010201"
    sequence = box_sequence(1.0, 21.0, 800.0, burst_id=burst)
    for number, sent in enumerate(sequence):
        form = packet_to_binary if number % 2 else packet_to_json
        await network.send(form(sent.packet))
        await asyncio.sleep(0.01)
    view = await network.until(burst, state="final")
    newest = view["newest"]
    t90 = newest["instruments"][0]["duration"]["t90"]
    assert t90["value_s"] == pytest.approx(18.0, abs=0.6)
    assert newest["classification"]["name"] == "long"
    assert newest["packets"] == view["packets"] == len(sequence)
    assert newest["missing"] == 0
    announced = await network.announced("vhf", burst)
    assert announced[0]["why"] == "first significant excess"
    assert announced[-1]["why"] == "final"
    assert 2 <= len(announced) <= 12
    versions = [each["version"] for each in announced]
    assert versions == sorted(set(versions))
    updates = (await network.get(f"/api/v1/bursts/{burst}/vhf/updates?limit=1000"))["updates"]
    assert [each["version"] for each in updates if each["why"]] == versions


async def test_packets_before_their_notice_twice_and_late(network: Network) -> None:
    burst = "sb26010202"
    sequence = [each.packet for each in box_sequence(1.0, 9.0, 800.0, burst_id=burst)]
    for packet in [*sequence[40:], *sequence[:40], *sequence[::7]]:
        await network.send(packet_to_binary(packet))
    trigger = notice(201, "grm-trigger", "2027-02-21T16:53:30", burst)
    for wanted in ((201, True), (200, False)):
        status, answer = await network.post("/api/v1/notice", trigger)
        assert (status, answer["new"]) == wanted
    view = await network.until(burst, state="final", packets=len(sequence))
    status, answer = await network.post("/api/v1/packet", packet_to_json(sequence[0]))
    assert (status, answer["new"]) == (200, False)
    duration = view["newest"]["instruments"][0]["duration"]
    # the notice tells a T0 that is 3 s earlier than that of the packets
    assert duration["t90"]["start_s"] == pytest.approx(3.0 + 1.4, abs=0.3)
    assert duration["t90"]["value_s"] == pytest.approx(7.2, abs=0.4)
    whole = await network.get(f"/api/v1/bursts/{burst}")
    assert whole["vhf"]["state"] == "final"
    assert whole["trigger_utc"] == view["newest"]["t0_utc"]


async def test_a_retraction_withdraws_and_a_later_notice_revives(network: Network) -> None:
    burst = "sb26010202"
    await network.until(burst, state="final")
    await network.send(notice(219, "retraction", "2027-02-21T17:00:00", burst))
    view = await network.until(burst, state="withdrawn")
    assert view["reason"] == f"retracted by ivo://org.svom/fsc#{burst}_retraction"
    assert view["notices"]["state"] == "withdrawn"
    assert (await network.announced("vhf", burst))[-1]["state"] == "withdrawn"
    await network.send(notice(204, "slewing", "2027-02-21T17:05:00", burst))
    view = await network.until(burst, state="final")
    states = [each["state"] for each in await network.announced("vhf", burst)]
    place = states.index("withdrawn")
    assert states[place + 1] == "receiving"
    assert states[-1] == "final"
    assert view["newest"]["instruments"][0]["duration"]["t90"]["value_s"] is not None


async def test_what_is_damaged_is_refused_with_the_reason(network: Network) -> None:
    packet = box_sequence(1.0, 2.0, 10.0, burst_id="sb26010209")[0].packet
    damaged = bytearray(packet_to_binary(packet))
    damaged[20] ^= 1
    status, answer = await network.post("/api/v1/packet", bytes(damaged))
    assert status == 422
    assert "checksum is wrong" in answer["detail"]
    status, answer = await network.post("/api/v1/notice", b"<voe>")
    assert status == 422
    status, answer = await network.post("/api/v1/packet", notice(201, "x", "2027-02-21T16:53:30"))
    assert (status, answer["detail"]) == (
        422,
        "this is no packet: notices are XML, packets JSON or binary",
    )


async def test_x_band_results_supersede_the_quick_look_and_are_compared(network: Network) -> None:
    burst = "sb26010204"
    for sent in box_sequence(1.0, 11.0, 800.0, burst_id=burst):
        await network.send(packet_to_binary(sent.packet))
    view = await network.until(burst, state="final")
    quick = view["newest"]["instruments"][0]["duration"]["t90"]["value_s"]
    known = known_burst()  # a box of 10 s, too
    at = Provenance(
        burst_id=burst, card="GRM-EVT", instrument="GRM", date_utc=known.t0_utc, t0_met_s=0.0,
        t0_utc=known.t0_utc,
    )  # fmt: skip
    content = events_to_fits(known.events[0], at)
    status, _ = await network.post(f"/api/v1/data?burst_id={burst}&name=evt.fits", content)
    assert status == 201
    task = {
        "id": "x-1", "burst_id": burst, "analysis": "temporal", "inputs": [{"name": "evt.fits"}]
    }  # fmt: skip
    status, _ = await network.post("/api/v1/task", json.dumps(task).encode())
    assert status == 201
    view = await network.until(burst, state="superseded")
    (comparison,) = view["comparisons"]
    assert comparison["task_id"] == "x-1"
    assert comparison["same_instrument"]
    assert comparison["xband_t90_s"] == pytest.approx(9.0, abs=0.3)
    assert comparison["vhf_t90_s"] == pytest.approx(quick)
    difference = comparison["vhf_t90_s"] - comparison["xband_t90_s"]
    assert comparison["difference_s"] == pytest.approx(difference)
    assert (await network.announced("vhf", burst))[-1]["why"] == "superseded by task x-1"
    assert (await network.get(f"/api/v1/bursts/{burst}"))["vhf"]["state"] == "superseded"


async def test_a_killed_daemon_goes_on_where_it_was(tmp_path: Path) -> None:
    burst = "sb26010203"
    sequence = [each.packet for each in box_sequence(1.0, 9.0, 800.0, burst_id=burst)]
    process = DaemonProcess(tmp_path, settings={"ECLGRMD_VHF_SILENCE_S": "2"})
    try:
        async with started(process) as network:
            for packet in sequence[:75]:
                await network.send(packet_to_binary(packet))
            await asyncio.sleep(0.2)
        await process.kill()
        async with started(process) as network:
            for packet in sequence[75:]:
                await network.send(packet_to_binary(packet))
            view = await network.until(burst, state="final", packets=len(sequence))
        t90 = view["newest"]["instruments"][0]["duration"]["t90"]["value_s"]
        assert t90 == pytest.approx(7.2, abs=0.4)
    finally:
        await process.kill()


async def test_what_was_known_after_each_packet_can_be_drawn(
    network: Network, site: DaemonProcess
) -> None:
    burst = "sb26010205"
    sequence = box_sequence(1.0, 11.0, 800.0, burst_id=burst)
    for sent in sequence:
        await network.send(packet_to_binary(sent.packet))
        await asyncio.sleep(0.01)
    view = await network.until(burst, state="final", packets=len(sequence))
    async with AsyncClient(site.running_endpoints().rest) as client:
        rows = [row async for row in client.vhf_history(burst)]
        assert [row.version for row in rows] == sorted(row.version for row in rows)
        assert rows[-1].packets == len(sequence)
        assert rows[-1].final
        newest = view["newest"]["instruments"][0]["duration"]["t90"]["value_s"]
        assert rows[-1].instruments[0].t90_s == pytest.approx(newest)
        page = await network.get(f"/api/v1/bursts/{burst}/vhf/history?limit=2")
        assert [row["version"] for row in page["rows"]] == [row.version for row in rows[:2]]
        assert page["next"].endswith(f"after={rows[1].version}")

        whole = await client.vhf_light_curves(burst)
        half = await client.vhf_light_curves(burst, packets=len(sequence) // 2)
        assert half.curves[0].stop_s[-1] < whole.curves[0].stop_s[-1]
        assert whole.curves[0].background_counts is not None
        durations = await client.vhf_durations(burst)
        assert durations.instruments[0].duration.t90.value_s == pytest.approx(newest)
        small = await client.thumbnail(burst)
        assert len(small.rates_per_s) == 60
        with pytest.raises(RefusedError, match="the quick look has fitted no spectrum"):
            await client.vhf_spectra(burst)  # this site has no responses
        with pytest.raises(RefusedError, match="nothing came by VHF of burst 'nobody'"):
            await client.vhf_light_curves("nobody")
        with pytest.raises(RefusedError, match="nothing was measured of burst"):
            await client.vhf_light_curves(burst, packets=1)


async def test_a_thumbnail_is_an_image_that_is_sent_once(
    network: Network, site: DaemonProcess
) -> None:
    burst = "sb26010205"
    await network.until(burst, state="final")
    path = f"{site.running_endpoints().rest}/api/v1/bursts/{burst}/thumbnail"
    async with aiohttp.ClientSession() as session:
        async with session.get(path) as answer:
            assert answer.content_type == "image/svg+xml"
            assert (await answer.read()).startswith(b"<svg ")
            tag = answer.headers["ETag"]
        async with session.get(path, headers={"If-None-Match": tag}) as answer:
            assert (answer.status, await answer.read()) == (304, b"")
        async with session.get(path, params={"format": "png"}) as answer:
            assert answer.status == 422
