"""What the worker processes of the daemon may reach, by what they do."""

import os
from pathlib import Path

from eclgrmd.caches import kernels_beside_code
from eclgrmd.compute import Sandbox
from eclgrmd.settings.daemon import Settings

__all__ = ["Sandboxes"]


class Sandboxes:
    """The sandboxes of the pools; all are None if the settings switch them off."""

    def __init__(self, settings: Settings) -> None:
        files = settings.files_dir
        products = (str(files / "products"), *_caches())
        on = settings.compute.sandbox == "on"
        self.analysis = Sandbox((str(files),), products) if on else None
        """Analyses and figures: data and earlier products are read, products written."""
        received = (str(files / "data"), str(files / "products"))
        self.reading = Sandbox(received, (str(files / "incoming"),)) if on else None
        """Inspections and exports: archives are written to the folder of incoming files. The key
        over stored steps, which lies beside these folders, is out of reach."""
        self.quick_look = Sandbox(("/",), products) if on else None
        """Quick looks and pictures: a reload can name another folder of calibration files,
        wherever it is."""


def _caches() -> tuple[str, ...]:
    """Return the folders for kernels and fonts that workers have beside `compute.cache_dir`."""
    beside, fonts = kernels_beside_code(), os.environ.get("MPLCONFIGDIR")
    found = [beside, Path(fonts) if fonts else None]
    for folder in filter(None, found):
        folder.mkdir(parents=True, exist_ok=True)
    return tuple(str(folder) for folder in found if folder is not None)
