"""A task of a simulated burst that a running daemon has done."""

from typing import Any, Literal

from eclgrmd.client import AsyncClient
from testbench.simulate.delivery import SimulatedBurst

__all__ = ["have_task"]


async def have_task(
    url: str,
    burst: SimulatedBurst,
    task_id: str,
    configuration: dict[str, Any],
    analysis: Literal["burst", "temporal"] = "burst",
) -> None:
    """Let a daemon analyse the events of a burst, unless it has; wait until it is done."""
    async with AsyncClient(url) as client:
        for file in burst.files:
            await client.upload(burst.burst_id, file.path, name=file.name)
        wanted = next(t for t in burst.tasks if t.id.endswith("-evt"))
        await client.submit(
            burst.burst_id,
            [each.name for each in wanted.inputs],
            analysis=analysis,
            configuration=configuration,
            task_id=task_id,
        )
        ended = await client.wait(task_id)
    assert ended.state == "done", ended.reason
