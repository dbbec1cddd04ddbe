"""The composition root: the only place that builds, opens and closes the parts of a daemon."""

from .run import Daemon

__all__ = ["Daemon"]
