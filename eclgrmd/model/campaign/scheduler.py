"""Which Dask schedulers may be connected to."""

from ipaddress import ip_address
from urllib.parse import urlsplit

from eclgrmd.errors import InputError

__all__ = ["check_scheduler"]


def check_scheduler(address: str, *, key: str) -> None:
    """Raise an InputError if programs could be read or changed on the way to a scheduler.

    Parameters
    ----------
    address
        Address of the scheduler; empty: a cluster on this machine, which is encrypted.
    key
        Name of the setting or option that has the address, for the error.
    """
    if not address:
        return
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port = "", None
    if not host or not port or not address.startswith(("tls://", "tcp://")):
        raise InputError(f"{key} = {address!r}: must be tls://host:port")
    if address.startswith("tcp://") and not _is_loopback(host):
        raise InputError(
            f"{key} = {address!r}: must be tls://host:port: a scheduler runs the programs that it "
            "is sent, and tcp:// neither encrypts them nor checks who sends them; only an address "
            "of this machine (tcp://127.0.0.1:port) may do without"
        )


def _is_loopback(host: str) -> bool:
    """Return whether a host is an address of this machine; a name may be anybody's."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
