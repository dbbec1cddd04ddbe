"""`eclgrmd check-config`: checks a settings file."""

import os
import sys
from pathlib import Path

import click

from eclgrmd.cli.options import settings_option

__all__ = ["command"]


@click.command
@settings_option
def command(settings: Path | None) -> int:
    """Check settings, and the site's task configuration, without starting anything."""
    from eclgrmd.settings.load import load_settings
    from eclgrmd.settings.task_files import site_layers

    found = load_settings(settings, os.environ)
    site_layers(found.tasks.configuration_file)
    sys.stdout.write(f"{settings or 'defaults'}: valid\n")
    return 0
