"""A packet that ends its worker, or hangs it, costs the quick look that packet and nothing else."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import pytest
from msgspec import structs

from eclgrmd.model.quicklook.binary import packet_to_binary
from eclgrmd.model.quicklook.packet import AlertPacket, LightCurvePacket, Packet, TriggerPacket
from testbench.daemon_process import DaemonProcess
from testbench.faults.daemons.packet_poison_quicklook import CRASHES, HANGS, KILLED, SLOW_S
from tests.support.quicklook.network import Network, connected, start_warm, started
from tests.support.quicklook.packets import T0, box_sequence

SETTINGS = {"ECLGRMD_VHF_SILENCE_S": "5", "ECLGRMD_VHF_PRODUCTS_S": "0"}
ASIDE = 'eclgrmd_packets_set_aside{cause="%s"}'


OTHER_SHAPE = "most packets of its instrument have other detectors or bands"


def poisonable(folder: Path) -> DaemonProcess:
    return DaemonProcess(folder, settings=SETTINGS, module="testbench.faults.daemons.packet_poison")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaemonProcess]:
    process = poisonable(tmp_path_factory.mktemp("bad"))
    asyncio.run(start_warm(process))
    yield process
    assert asyncio.run(process.stop()) == 0


@pytest.fixture
async def network(site: DaemonProcess) -> AsyncIterator[Network]:
    async with connected(site) as network:
        yield network


def sequence(burst_id: str) -> list[Packet]:
    return [sent.packet for sent in box_sequence(1.0, 21.0, 800.0, burst_id=burst_id)]


def poison(packets: list[Packet], number: int) -> Packet:
    alert = next(each for each in packets if isinstance(each, AlertPacket))
    return structs.replace(alert, number=number)


async def send(network: Network, *packets: Packet) -> None:
    for packet in packets:
        await network.send(packet_to_binary(packet))


@pytest.mark.parametrize(
    ("number", "cause", "reason"),
    [
        (CRASHES, "worker ended", "its worker process ended (SIGSEGV)"),
        (KILLED, "worker ended", "its worker process ended (SIGKILL)"),
        (HANGS, "time limit", "its analysis takes longer than 4 s"),
    ],
)
async def test_the_packet_is_left_out_and_named_and_the_others_tell_the_burst(
    network: Network, number: int, cause: str, reason: str
) -> None:
    burst = f"sb2602010{number}"
    packets = sequence(burst)
    before = await network.metric(ASIDE % cause) or 0.0
    await send(network, *packets[:60], poison(packets, number), *packets[60:])
    view = await network.until(burst, state="final", packets=len(packets) + 1)
    newest = view["newest"]
    flag = f"packet ECL alert {number} was left out: {reason}"
    assert newest["set_aside"] == {cause: 1}
    assert flag in newest["flags"]
    assert newest["missing"] == 0
    assert newest["final"]
    t90 = newest["instruments"][0]["duration"]["t90"]["value_s"]
    assert t90 == pytest.approx(18.0, abs=0.6)
    last = (await network.announced("vhf", burst))[-1]
    assert last["why"] == "final"
    assert flag in last["headline"]["flags"]
    assert last["headline"]["set_aside"] == {cause: 1}
    assert await network.metric(ASIDE % cause) == before + 1.0
    whole = await network.product(burst, "quick-look.json", version=view["version"])
    assert flag in [each["text"] for each in whole["flags"]]


async def test_wrong_packets_are_named_in_the_result_and_its_announcement(
    network: Network,
) -> None:
    burst = "sb26020501"
    packets = sequence(burst)
    curve = next(each for each in packets if isinstance(each, LightCurvePacket))
    trigger = next(each for each in packets if isinstance(each, TriggerPacket))
    wrong: list[Packet] = [
        structs.replace(curve, number=200, detectors=("GRD07",)),
        structs.replace(curve, number=201, start_s=curve.start_s - 9000.0),
        structs.replace(trigger, number=1, trigger_time_s=T0 - 5000.0),
        structs.replace(curve, number=60_000),
    ]
    await send(network, *wrong, *packets)
    view = await network.until(burst, state="final", packets=len(packets) + len(wrong))
    newest = view["newest"]
    expected = [
        "packet GRM trigger 1 was left out: its trigger time lies 5000 s before t0",
        f"packet GRM light_curve 200 was left out: {OTHER_SHAPE}",
        "packet GRM light_curve 201 was left out: its bins lie more than an hour from the others",
        "packet GRM light_curve 60000: number far from the others, no packets counted as missing",
    ]
    assert set(expected) <= set(newest["flags"])
    assert newest["set_aside"] == {"stray time": 2, "other detectors or bands": 1}
    assert newest["missing"] == 0
    assert newest["t0_met_s"] == T0
    duration = newest["instruments"][0]["duration"]
    assert duration["detectors"] == ["GRD01"]
    assert duration["t90"]["value_s"] == pytest.approx(18.0, abs=0.6)
    last = (await network.announced("vhf", burst))[-1]
    assert set(expected) <= set(last["headline"]["flags"])
    whole = await network.product(burst, "quick-look.json", version=view["version"])
    assert set(expected) <= {each["text"] for each in whole["flags"]}


async def test_others_go_on_while_a_packet_is_searched_for(network: Network) -> None:
    bad, good = sequence("sb26020201"), sequence("sb26020202")
    await send(network, *bad[:60])
    await network.until("sb26020201", packets=60)
    await send(network, poison(bad, HANGS))
    await asyncio.sleep(0.5)
    await send(network, *good)
    await network.until("sb26020202", state="final")
    bad_view = await network.until("sb26020201", state="final")
    assert bad_view["newest"]["set_aside"] == {"time limit": 1}
    known = (await network.get("/api/v1/bursts/sb26020202/vhf/updates?limit=1000"))["updates"]
    told = (await network.get("/api/v1/bursts/sb26020201/vhf/updates?limit=1000"))["updates"]
    aside = next(each for each in told if each["body"]["set_aside"])
    # the second trial of the packet waits behind the other burst
    assert known[0]["at"] < aside["at"]


async def test_a_restart_neither_forgets_a_packet_nor_dies_of_it_again(tmp_path: Path) -> None:
    burst = "sb26020301"
    packets = sequence(burst)
    process = poisonable(tmp_path)
    try:
        async with started(process) as network:
            await send(network, *packets[:60], poison(packets, CRASHES))
            await network.until(burst, state="final", packets=61)
        await process.kill()
        async with started(process) as network:
            await send(network, *packets[60:])
            view = await network.until(burst, state="final", packets=len(packets) + 1)
            deaths = await network.metric('eclgrmd_worker_deaths{pool="follower 0"}')
        assert view["newest"]["set_aside"] == {"worker ended": 1}
        assert deaths == 0.0
    finally:
        await process.kill()


async def test_a_slow_burst_leaves_its_worker_to_others_for_as_long_as_it_took(
    network: Network,
) -> None:
    slow = sequence("slow26020401")
    for packet in slow[:40]:
        await send(network, packet)
        await asyncio.sleep(0.3)
    good = sequence("sb26020402")
    await send(network, *good)
    await network.until("sb26020402", state="final")
    updates = (await network.get("/api/v1/bursts/slow26020401/vhf/updates?limit=1000"))["updates"]
    times = [datetime.fromisoformat(each["at"]).timestamp() for each in updates]
    assert len(times) >= 2
    gaps = [after - before for before, after in pairwise(times)]
    # the time that one takes, and as long again for the others: a busy machine only adds to it
    assert min(gaps) >= 2.0 * SLOW_S - 0.2
