"""Where the ledger of campaigns is: in the daemon's database, or in a folder of its own."""

import os
from pathlib import Path

import msgspec

from eclgrmd.settings.daemon import Settings
from eclgrmd.settings.load import load_settings

__all__ = ["ledger_settings"]


def ledger_settings(path: Path | None, state: Path | None) -> Settings:
    """Return the settings of a file, with the ledger in a folder of its own if one is given."""
    settings = load_settings(path, os.environ)
    if state is None:
        return settings
    storage = msgspec.structs.replace(
        settings.storage, state_dir=str(state.absolute()), runtime_dir=""
    )
    database = msgspec.structs.replace(settings.database, url="")
    return msgspec.structs.replace(settings, storage=storage, database=database)
