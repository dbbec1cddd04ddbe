"""Programs of this machine need no token only where the settings say so."""

import asyncio
from collections.abc import Iterator

import pytest

from testbench.daemon_process import DaemonProcess
from tests.support.attack import Door


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    """A daemon with the settings that it has by default."""
    process = DaemonProcess(tmp_path_factory.mktemp("embedded"))
    asyncio.run(process.start())
    yield Door(process.running_endpoints().rest)
    assert asyncio.run(process.stop()) == 0


def test_a_program_of_this_machine_needs_no_token_in_embedded_mode(embedded: Door) -> None:
    assert embedded.ask("GET", "/api/v1/tokens").status == 200


@pytest.mark.parametrize("header", ["Forwarded", "X-Forwarded-For", "X-Real-IP"])
def test_who_comes_through_a_proxy_of_this_machine_does(embedded: Door, header: str) -> None:
    assert embedded.ask("GET", "/api/v1/status", **{header: "192.0.2.7"}).status == 401


def test_a_wrong_token_is_refused_even_there(embedded: Door) -> None:
    assert embedded.ask("GET", "/api/v1/status", token="ecl_x.y").status == 401  # noqa: S106
