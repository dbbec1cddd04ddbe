"""Requests and responses."""

import asyncio
import json

import pytest

from eclgrmd.bus import Address, Bus, Endpoint, Message
from eclgrmd.embedded import PrivateNats
from eclgrmd.errors import InputError, PermanentError, TransientError
from tests.bus.conftest import Desk
from tests.support.consuming import eventually


async def serve(bus: Bus, name: str) -> None:
    async def answer(data: bytes) -> bytes:
        if data == b"bad":
            raise InputError("bad is not a question")
        if data == b"broken":
            raise PermanentError("no answer to that")
        return b"answer to " + data

    endpoints = [Endpoint("ask", f"{name}.ask", answer)]
    await bus.serve(name, "1.2.3", "Answers questions", endpoints)


async def test_a_service_is_found_as_nats_tools_look_for_it(desk: Desk) -> None:
    await serve(desk.bus, "oracle")
    for verb in ("PING", "INFO", "STATS"):
        found = json.loads((await desk.bus.request(f"$SRV.{verb}.oracle", b"")).data)
        assert found["type"] == f"io.nats.micro.v1.{verb.lower()}_response"
        assert (found["name"], found["version"]) == ("oracle", "1.2.3")


async def test_requests_are_answered_and_counted(desk: Desk) -> None:
    await serve(desk.bus, "counter")
    assert (await desk.bus.request("counter.ask", b"why")).data == b"answer to why"
    for data, code in ((b"bad", "400"), (b"broken", "500")):
        refused = await desk.bus.request("counter.ask", data)
        assert refused.headers["Nats-Service-Error-Code"] == code
    statistics = json.loads((await desk.bus.request("$SRV.STATS.counter", b"")).data)
    assert statistics["endpoints"][0]["num_requests"] == 3
    assert statistics["endpoints"][0]["num_errors"] == 2


async def test_a_request_that_nobody_answers_fails_soon(desk: Desk) -> None:
    with pytest.raises(TransientError, match=r"request on nobody\.home"):
        await desk.bus.request("nobody.home", b"")


async def test_a_subscriber_hears_what_is_said(desk: Desk) -> None:
    heard: list[Message] = []

    async def hear(message: Message) -> None:
        heard.append(message)

    await desk.bus.subscribe(desk.subject, hear)
    await desk.bus.publish(desk.subject, b"hello", "id")
    await eventually(lambda: bool(heard))
    assert (heard[0].subject, heard[0].data) == (desk.subject, b"hello")


async def test_closing_lets_an_answer_under_way_leave(desk: Desk, nats: PrivateNats) -> None:
    begun = asyncio.Event()

    async def slow(data: bytes) -> bytes:
        begun.set()
        await asyncio.sleep(0.3)
        return data

    server = Bus(Address(nats.url))
    await server.connect()
    await server.serve("slow", "1.0.0", "Takes its time", [Endpoint("ask", "slow.ask", slow)])
    async with asyncio.TaskGroup() as tasks:
        asking = tasks.create_task(desk.bus.request("slow.ask", b"?"), name="asking")
        await begun.wait()
        await server.close()
    assert asking.result().data == b"?"
