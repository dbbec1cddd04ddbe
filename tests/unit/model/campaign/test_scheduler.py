"""Which Dask schedulers may be connected to."""

import pytest

from eclgrmd.errors import InputError
from eclgrmd.model.campaign.scheduler import check_scheduler


@pytest.mark.parametrize(
    "address",
    ["", "tls://h.institute.org:8786", "tls://10.0.0.1:8786", "tcp://127.0.0.1:1", "tcp://[::1]:1"],
)
def test_tls_and_this_machine_are_allowed(address: str) -> None:
    check_scheduler(address, key="compute.dask")


@pytest.mark.parametrize(
    "address",
    [
        "tcp://h.institute.org:8786",
        "tcp://10.0.0.1:8786",
        "tcp://0.0.0.0:8786",
        "tcp://localhost.evil.org:8786",
        "tcp://127.0.0.1@evil.org:8786",
    ],
)
def test_plain_tcp_to_others_is_refused(address: str) -> None:
    with pytest.raises(
        InputError, match=r"^compute\.dask = .*must be tls://host:port: a scheduler"
    ):
        check_scheduler(address, key="compute.dask")


@pytest.mark.parametrize(
    "address",
    ["h:8786", "TLS://h:1", "tls://", "tls://h", "tls://h:many", "tls://[::1:1", "inproc://"],
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(InputError, match=r"must be tls://host:port$"):
        check_scheduler(address, key="--dask")
