"""The limit of open files."""

import resource

from eclgrmd.errors import FatalError

__all__ = ["raise_open_files_limit"]

_FEWEST_DESCRIPTORS = 256
"""The daemon itself needs some 60; the rest is for workers and a few REST clients."""
_WANTED_DESCRIPTORS = 4096
"""Enough for the most REST connections that are accepted at a time."""


def raise_open_files_limit() -> None:
    """Raise the soft limit of open files to what is wanted, or as far as the hard limit allows.

    Raises
    ------
    FatalError
        If the limit stays below what the daemon needs.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= _WANTED_DESCRIPTORS:
        return
    unlimited = hard == resource.RLIM_INFINITY
    wanted = _WANTED_DESCRIPTORS if unlimited else min(hard, _WANTED_DESCRIPTORS)
    if wanted < _FEWEST_DESCRIPTORS:
        raise FatalError(
            f"at most {hard} files may be open at a time, {_FEWEST_DESCRIPTORS} are needed: raise "
            "the limit (LimitNOFILE= of the systemd unit, or ulimit -n)"
        )
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
