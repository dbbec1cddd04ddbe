"""The daemon and its service manager: readiness, status, watchdog, sockets passed at the start.

Does nothing where no systemd started us. Protocols: sd_notify(3), sd_listen_fds(3).
"""

import os
import socket

__all__ = ["listening_socket", "notify", "watchdog_period_s"]

_FIRST_PASSED = 3


def notify(*assignments: str) -> bool:
    """Tell systemd something (`READY=1`, `STATUS=...`); False: nobody listens."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return False
    if address.startswith("@"):
        address = "\0" + address[1:]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sender:
        try:
            sender.connect(address)
            sender.sendall("\n".join(assignments).encode())
        except OSError:
            return False
    return True


def watchdog_period_s() -> float | None:
    """Give the time within which systemd wants a sign of life; None: it wants none."""
    period = os.environ.get("WATCHDOG_USEC", "")
    if not period.isdigit() or os.environ.get("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()):
        return None
    return int(period) / 1e6


def listening_socket() -> socket.socket | None:
    """Take over the socket that systemd listens on for us; None: there is none."""
    if os.environ.get("LISTEN_PID") != str(os.getpid()):
        return None
    count = int(os.environ.get("LISTEN_FDS", "0"))
    for name in ("LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"):
        os.environ.pop(name, None)
    if not count:
        return None
    listener = socket.socket(fileno=_FIRST_PASSED)
    listener.setblocking(False)
    return listener
