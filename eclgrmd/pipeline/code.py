"""Which software computes: its files, its libraries, and the processor it runs on."""

import hashlib
import platform
from functools import cache
from pathlib import Path

import eclgrmd
from eclgrmd.model.configuration.layers import canonical_sha256
from eclgrmd.products.result import software_versions

__all__ = ["code_sha256", "processor"]

PARTS = ("analysis", "formats", "model", "pipeline")
"""Packages that the outcome of a step depends on."""


@cache
def code_sha256() -> str:
    """Checksum of all that computes; numbers of another machine may differ in their last bits."""
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
    return canonical_sha256([files, software_versions(), processor()])


@cache
def processor() -> str:
    """Name the processor, for which kernels are compiled."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())
