"""The page of the settings of the daemon, from their declaration."""

from typing import Any

from msgspec import json, structs

from eclgrmd.api.routing.field_texts import field_texts
from eclgrmd.settings.daemon import Settings
from eclgrmd.settings.kinds import needs_restart
from testbench.documentation.markdown import code, table

__all__ = ["settings_page"]

_HEAD = """\
# Settings: `eclgrmd.toml`

The daemon reads one TOML file: `--settings FILE`, else `/etc/eclgrmd/eclgrmd.toml` in the
package. A key that is left out has its default. The environment variable `ECLGRMD_<TABLE>_<KEY>`
overrides a key: `ECLGRMD_REST_PORT=8080`. A reload (`systemctl reload eclgrmd`) applies changes
at once, except of keys marked *restart*. `eclgrmd check-config --settings FILE` checks a file
without starting anything.

This page is made from `eclgrmd/settings/daemon.py`. A file with all keys and their defaults is
`etc/eclgrmd.toml`.
"""


def settings_page() -> str:
    """Return the page in Markdown."""
    texts = field_texts([Settings])
    parts = [_HEAD]
    for section in structs.fields(Settings):
        kind: Any = type(section.default)
        own = texts[kind.__name__]
        rows = [
            (
                code(key.name) + (" *(restart)*" if needs_restart(key) else ""),
                code(json.encode(key.default).decode()),
                own[key.name],
            )
            for key in structs.fields(kind)
        ]
        parts += [
            f"## `[{section.name}]`\n",
            f"{texts['Settings'][section.name]}\n",
            table(("key", "default", "meaning"), rows),
        ]
    return "\n".join(parts)
