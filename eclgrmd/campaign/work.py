"""What a worker of a campaign runs: the analysis of a chunk of bursts.

Work and outcome are bytes: the engine needs to know neither our types nor how to copy them.
"""

import importlib
import os
import socket
import time
import warnings
from collections.abc import Callable

import msgspec

from eclgrmd.caches import use_writable_caches
from eclgrmd.errors import EclgrmdError, InputError, MachineError, TransientError
from eclgrmd.machine import machine_error
from eclgrmd.model.campaign import ChunkOutcome, ChunkWork, FailureKind, Item, ItemFailure
from eclgrmd.model.configuration.layers import canonical_sha256
from eclgrmd.model.observation import Observation
from eclgrmd.model.pipeline import PipelineRequest
from eclgrmd.model.result import Result
from eclgrmd.threads import use_one_thread

__all__ = ["maker", "prepare_worker", "run_chunk"]


def prepare_worker() -> None:
    """Prepare a process for the numerics, before they are imported."""
    use_writable_caches()
    use_one_thread()


def run_chunk(work: bytes) -> bytes:
    """Analyse the bursts of an encoded `ChunkWork`, and return the encoded `ChunkOutcome`.

    A burst that fails does so alone. Nothing is computed by other software than that of the
    campaign: the outcome then says why.
    """
    prepare_worker()
    return msgspec.msgpack.encode(_outcome(msgspec.msgpack.decode(work, type=ChunkWork)))


def _outcome(work: ChunkWork) -> ChunkOutcome:
    # Numerics are imported in the worker, after it was prepared.
    from eclgrmd.campaign.parts import encode_part  # noqa: PLC0415
    from eclgrmd.campaign.software import difference, software  # noqa: PLC0415

    worker = f"{socket.gethostname()}:{os.getpid()}"
    if refused := difference(work.software, software()):
        return ChunkOutcome(worker=worker, refused=refused)
    began = time.process_time()
    results: list[Result] = []
    failed: list[ItemFailure] = []
    for index, item in enumerate(work.items):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                results.append(_result(work, item))
        except (MachineError, TransientError) as error:
            if not work.final:
                return ChunkOutcome(worker=worker, retry=str(error))
            failed.append(ItemFailure(index, item.burst_id, FailureKind.MACHINE, str(error)))
        except InputError as error:
            failed.append(ItemFailure(index, item.burst_id, FailureKind.INPUT, str(error)))
        except EclgrmdError as error:
            failed.append(ItemFailure(index, item.burst_id, FailureKind.ANALYSIS, str(error)))
        except Exception as error:  # noqa: BLE001 - a fault that one burst reveals fails alone
            if isinstance(error, OSError) and machine_error(error) and not work.final:
                return ChunkOutcome(worker=worker, retry=str(error))
            reason = f"{type(error).__name__}: {error}"
            failed.append(ItemFailure(index, item.burst_id, FailureKind.ANALYSIS, reason))
    return ChunkOutcome(
        part=encode_part(results, work.campaign_id, work.configuration.name) if results else b"",
        measured=len(results),
        failures=tuple(failed),
        cpu_s=time.process_time() - began,
        worker=worker,
    )


def _result(work: ChunkWork, item: Item) -> Result:
    from eclgrmd.pipeline.analysed import result_of_made, result_of_request  # noqa: PLC0415

    request = PipelineRequest(
        task_id=work.campaign_id,
        burst_id=item.burst_id,
        files=item.files,
        output="",
        analysis=work.analysis,
        configuration=work.configuration.configuration,
        sources=work.configuration.sources,
        created_utc=work.created_utc,
    )
    if item.made is None:
        return result_of_request(request)
    observation = maker(item.made.function)(item.made.seed)
    return result_of_made(request, observation, canonical_sha256(item.made))


def maker(function: str) -> Callable[[int], Observation]:
    """Return the function that makes bursts, `package.module:name`.

    Raises
    ------
    InputError
        If there is none.
    """
    module, _, name = function.partition(":")
    try:
        found: Callable[[int], Observation] = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        raise InputError(
            f"{function}: {error}: must be package.module:function, of a function that makes an "
            "observation from a seed"
        ) from error
    return found
