"""Structured log: constant sentences with fields, as text on a terminal and as JSON elsewhere."""

from .setting import relay, set_level, set_up, watch

__all__ = ["relay", "set_level", "set_up", "watch"]
