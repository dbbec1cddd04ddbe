"""The identity of the computing software: its source files, its libraries, and the processor."""

import hashlib
import platform
from functools import cache
from pathlib import Path

import eclgrmd
from eclgrmd.model.configuration.layers import canonical_sha256
from eclgrmd.products.result import software_versions

__all__ = ["code_sha256", "processor", "software_sha256"]

PARTS = ("analysis", "formats", "model", "pipeline")
"""Packages whose code influences the outcome of a step."""


@cache
def code_sha256() -> str:
    """Return a checksum of code, libraries and processor.

    The processor is part of it because compiled kernels may differ in the last bits.
    """
    return canonical_sha256([*_software(), processor()])


@cache
def software_sha256() -> str:
    """Return a checksum of code and libraries, the same on every machine that has them."""
    return canonical_sha256(_software())


def _software() -> list[object]:
    root = Path(eclgrmd.__file__).parent
    paths = sorted(
        path
        for part in PARTS
        for path in (root / part).rglob("*")
        if path.suffix in {".py", ".json"}
    )
    files = [
        (str(path.relative_to(root)), hashlib.sha256(path.read_bytes()).hexdigest())
        for path in paths
    ]
    return [files, software_versions()]


@cache
def processor() -> str:
    """Return the name of the processor, for which the kernels are compiled."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())
