"""Log lines: a constant sentence with fields, readable on a terminal, parseable anywhere else."""

from .setting import relay, set_level, set_up, watch

__all__ = ["relay", "set_level", "set_up", "watch"]
