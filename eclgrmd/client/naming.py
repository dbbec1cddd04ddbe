"""Ids of tasks that the caller does not name."""

import msgspec
from msgspec.structs import replace

from eclgrmd.model.configuration.layers import canonical_sha256
from eclgrmd.model.messages.incoming import TaskRequest

__all__ = ["named_by_content"]

_BURST_CHARACTERS = 80
"""Characters of the burst's id that are kept; a task's id has at most 100."""


def named_by_content(request: TaskRequest) -> TaskRequest:
    """Return the task with an id made from its content: the same task has the same id."""
    values = msgspec.to_builtins(request)
    del values["id"]
    digest = canonical_sha256(values)
    return replace(request, id=f"{request.burst_id[:_BURST_CHARACTERS]}.{digest[:12]}")
