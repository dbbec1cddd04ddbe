"""Previews of re-runs, as REST shows them."""

from typing import Any

from msgspec import Struct

from eclgrmd.model.names import Identifier
from eclgrmd.model.result import Duration, SpectrumFits

__all__ = ["Preview", "PreviewFindings", "PreviewWanted"]


class PreviewWanted(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a preview changes."""

    configuration: dict[str, Any] = {}
    """Changes of the task's own keys (JSON merge patch of a TaskConfiguration); null removes a
    key."""
    task: Identifier | None = None
    """The task that would be run again; null: the main one of the burst, which is the result of
    record, or else the last analysis of the whole burst, or else the last one."""


class PreviewFindings(Struct, frozen=True, kw_only=True):
    """What a preview found, or why only a re-run can tell."""

    quick: bool
    """Whether the results are here; otherwise a re-run is needed."""
    reason: str
    """Why a re-run is needed; empty: it is not."""
    durations: tuple[Duration, ...] = ()
    """Durations, the reference first; that of ECLAIRs and GRM together last."""
    spectra: tuple[SpectrumFits, ...] = ()
    """Fits, the reference first."""


class Preview(PreviewFindings, frozen=True, kw_only=True):
    """The results that a re-run with the same changes gives, bit for bit; nothing is stored."""

    burst_id: str
    """The burst."""
    task: str
    """The task that was changed."""
    replicas: int
    """Number of bootstrap replicas behind the errors of the durations; a usual task has more."""
    changes: dict[str, Any]
    """Changes of the task's keys that give these results in a re-run: those that were asked for,
    and those that make the preview quick."""
    rerun: str
    """Path to which a re-run is sent, with `configuration` set to the changes that were asked
    for."""
    elapsed_s: float
    """Time that the computation took, seconds."""
