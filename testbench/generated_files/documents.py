"""The committed files that are generated from the sources, with their generators."""

from collections.abc import Callable
from pathlib import Path

from eclgrmd.model.configuration.schema import encode_configuration_schema
from eclgrmd.model.messages.asyncapi import encode_asyncapi
from eclgrmd.products.result.schema import encode_schema
from testbench.checkout import CHECKOUT

from .examples import encode_examples
from .task_yaml import encode_task_yaml

__all__ = ["DOCUMENTS", "outdated"]

DOCUMENTS: dict[Path, Callable[[], bytes]] = {
    Path("eclgrmd/model/messages/asyncapi.json"): encode_asyncapi,
    Path("eclgrmd/model/configuration/configuration.schema.json"): encode_configuration_schema,
    Path("eclgrmd/api/routing/examples.json"): encode_examples,
    Path("eclgrmd/products/result/result.schema.json"): encode_schema,
    Path("etc/task.yaml"): encode_task_yaml,
}
"""Generators by path in the checkout."""


def outdated(checkout: Path = CHECKOUT) -> dict[Path, bytes]:
    """Return the right content of each file that is not up to date."""
    made = {checkout / path: make() for path, make in DOCUMENTS.items()}
    return {
        path: content
        for path, content in made.items()
        if not path.is_file() or path.read_bytes() != content
    }
