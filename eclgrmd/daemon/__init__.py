"""The composition root: the only place that builds things, opens and closes them in order."""

from .run import Daemon

__all__ = ["Daemon"]
