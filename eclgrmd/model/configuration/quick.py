"""The changes of a configuration that make an analysis quick enough to follow the mouse."""

from collections.abc import Mapping
from typing import Any

import msgspec

from .layers import patched
from .sections import TaskConfiguration

__all__ = ["PREVIEW_REPLICAS", "quick_changes"]

PREVIEW_REPLICAS = 100
"""Bootstrap replicas of a preview: the fewest that a configuration may have."""
_DURATION = {"bootstrap": PREVIEW_REPLICAS, "photon_fluence": False, "character": False}


def quick_changes(configuration: TaskConfiguration, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return changes to which those that make an analysis quick are added.

    The replicas are few, properties beside T90, T50 and the fit are left out, and only the first
    of several models and intervals is fitted unless the changes name them.

    Parameters
    ----------
    configuration
        The complete configuration with the changes.
    changes
        The changes (JSON merge patch).
    """
    named = changes.get("spectral") or {}
    models, intervals = configuration.spectral.models, configuration.spectral.intervals
    spectral: dict[str, Any] = {"goodness_spectra": 0, "posterior_samples": 0}
    if "models" not in named:
        spectral["models"] = list(models[:1])
    if "intervals" not in named:
        spectral["intervals"] = msgspec.to_builtins(intervals[:1])
    quick: dict[str, Any] = {"duration": _DURATION, "spectral": spectral}
    if configuration.per_instrument:
        quick["per_instrument"] = {
            str(name): {"duration": _DURATION} for name in configuration.per_instrument
        }
    return patched(changes, quick, keep_null=True)
