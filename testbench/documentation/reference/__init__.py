"""Pages of the reference, each generated from the code that it describes."""

from collections.abc import Callable

from .catalogue import catalogue_page
from .flags import flags_page
from .glossary import glossary_page
from .messages import messages_page
from .products import products_page
from .programs import eclgrmctl_page, eclgrmd_page
from .rest import rest_page
from .result import result_page
from .settings import settings_page
from .task_configuration import task_configuration_page

__all__ = ["REFERENCE"]

REFERENCE: dict[str, Callable[[], str]] = {
    "settings": settings_page,
    "task-configuration": task_configuration_page,
    "eclgrmd": eclgrmd_page,
    "eclgrmctl": eclgrmctl_page,
    "rest": rest_page,
    "messages": messages_page,
    "result": result_page,
    "catalogue": catalogue_page,
    "flags": flags_page,
    "products": products_page,
    "glossary": glossary_page,
}
"""Generators by the name of their page in the folder `reference`."""
