"""DC-0 as a catalogue of the TTS: what the acceptance test sends."""

from pathlib import Path

from eclgrmd.model.messages.incoming import TaskRequest
from testbench.simulate.delivery import Dc0, SimulatedBurst
from testbench.tts.catalogue import Catalogue, CatalogueBurst, CatalogueFile

__all__ = ["REPLAY", "catalogue_of"]

REPLAY = "-replay"
"""Suffix of a burst that is played again, as a new burst, after a kill -9."""


def catalogue_of(dc0: Dc0, *, run: str = "") -> Catalogue:
    """Describe DC-0, with a replay of every burst.

    `run` becomes part of all ids, so that a daemon that outlives a run sees new bursts in the next.
    """
    bursts = [_burst(burst, dc0.folder, f"{burst.burst_id}{run}") for burst in dc0.bursts]
    replays = [_burst(burst, dc0.folder, f"{burst.burst_id}{run}{REPLAY}") for burst in dc0.bursts]
    return Catalogue(folder=str(dc0.folder), bursts=(*bursts, *replays))


def _burst(burst: SimulatedBurst, folder: Path, burst_id: str) -> CatalogueBurst:
    files = tuple(
        CatalogueFile(
            name=file.name,
            path=str(file.path.relative_to(folder)),
            size=file.size,
            sha256=file.sha256,
        )
        for file in burst.files
    )
    tasks = tuple(_renamed(task, burst.burst_id, burst_id) for task in burst.tasks)
    return CatalogueBurst(burst_id=burst_id, files=files, tasks=tasks)


def _renamed(task: TaskRequest, old: str, new: str) -> TaskRequest:
    return TaskRequest(
        id=task.id.replace(old, new, 1),
        burst_id=new,
        inputs=task.inputs,
        analysis=task.analysis,
        configuration=task.configuration,
    )
