"""The page of the task configuration, from the declaration of its keys."""

from typing import Any

from msgspec import json

from eclgrmd.model.configuration.keys import declared_keys
from eclgrmd.model.configuration.schema import configuration_schema
from eclgrmd.model.configuration.sections import TaskConfiguration
from testbench.documentation.markdown import code, table
from testbench.generated_files.task_yaml import limits_of

__all__ = ["task_configuration_page"]

_HEAD = """\
# Task configuration

What a scientist may choose for an analysis. The values of a task override the site's
(`tasks.configuration_file` in the [settings](settings.md)), which override the built-in ones;
`per_instrument` has values for one instrument. `eclgrmd explain-config` prints each value and the
layer it came from. Times are seconds after t0.

The last column names the steps that use a key: a re-run repeats these and those that follow them.
Python and `--set` take a key by its last part if only one section has it (`models`, `order`),
else as `section.key`.

This page is made from `eclgrmd/model/configuration/sections.py`; `etc/task.yaml` has the same
keys as a file to edit.
"""

Schema = dict[str, Any]


def task_configuration_page() -> str:
    """Return the page in Markdown."""
    schema = configuration_schema()
    definitions: dict[str, Schema] = schema["$defs"]
    top = definitions["TaskConfiguration"]["properties"]
    sections = {
        name: definitions[str(each["$ref"]).rpartition("/")[2]]
        for name, each in top.items()
        if "$ref" in each
    }
    plain = {name: each for name, each in top.items() if name not in sections}
    parts = [_HEAD, "## Whole analysis\n", _table(plain, "", definitions)]
    for name, section in sections.items():
        parts += [f"## `{name}`\n", top[name]["description"] + "\n"]
        parts.append(_table(section["properties"], f"/{name}", definitions))
    return "\n".join(parts)


def _table(keys: Schema, above: str, definitions: dict[str, Schema]) -> str:
    declared = dict(declared_keys(TaskConfiguration))
    rows = []
    for name, described in keys.items():
        key = declared.get(f"{above}/{name}")
        text = " ".join([described["description"], *limits_of(described, definitions)])
        example = f" Example: {code(key.example)}." if key and key.example else ""
        steps = ", ".join(key.steps) if key else ""
        default = code(json.encode(described["default"]).decode())
        rows.append((code(name), default, text + example, steps))
    return table(("key", "built-in", "meaning", "steps"), rows)
