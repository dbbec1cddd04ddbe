"""Encoder of facts in the founding document's form, published on `activity.eclgrm`."""

from eclgrmd.model.messages.facts import (
    BurstFact,
    DataFact,
    ErrorFact,
    Fact,
    ProductsFact,
    QuickLookFact,
    QuickLookProductsFact,
    TaskFact,
)
from eclgrmd.model.messages.founding import (
    Activity,
    BurstActivity,
    DataActivity,
    ErrorActivity,
    ProductsActivity,
    TaskActivity,
    VhfActivity,
    VhfProductsActivity,
)

from .fields import fields_for

__all__ = ["activity_of"]

_ACTIVITIES: dict[type[Fact], type[Activity]] = {
    DataFact: DataActivity,
    TaskFact: TaskActivity,
    ProductsFact: ProductsActivity,
    QuickLookFact: VhfActivity,
    QuickLookProductsFact: VhfProductsActivity,
    BurstFact: BurstActivity,
    ErrorFact: ErrorActivity,
}


def activity_of(fact: Fact) -> Activity:
    """Return a fact as an activity of the founding form; fields keep their names."""
    activity = _ACTIVITIES[type(fact)]
    return activity(**fields_for(activity, fact))
