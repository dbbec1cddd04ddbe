import pytest

from testbench.acceptance.steps.availability import form_of_status

DESCRIPTOR = {
    "name": "IAP/LUPM-ECLGRM-ANALYSIS",
    "uri": "svom://sgs.iap-lupm.com",
    "instrument": "ECLAIR",
    "mode": "CoreProgram",
    "creation_date": "Friday 18 January 2019 10:31:22",
    "version": "0",
    "links": ["default"],
}
FOUNDING = {
    "descriptor": DESCRIPTOR,
    "activity": None,
    "date": "Friday 18 January 2019 10:33:16",
    "info": "Service eclgrm is ready",
}


def test_the_founding_message_has_the_founding_form() -> None:
    assert form_of_status(FOUNDING) == []


@pytest.mark.parametrize(
    "date",
    [
        "vendredi 18 janvier 2019 10:33:16",
        "Thursday 18 January 2019 10:33:16",
        "Friday 18 January 2019 25:33:16",
        "2019-01-18T10:33:16Z",
        "Friday 18 January 2019",
        "",
    ],
)
def test_a_date_of_another_form_is_found(date: str) -> None:
    assert form_of_status({**FOUNDING, "date": date})


def test_another_order_of_the_fields_is_found() -> None:
    assert form_of_status(dict(reversed(FOUNDING.items())))

    descriptor = dict(reversed(DESCRIPTOR.items()))
    assert form_of_status({**FOUNDING, "descriptor": descriptor})


@pytest.mark.parametrize(("key", "value"), [("version", 0), ("links", "default"), ("name", None)])
def test_a_value_of_another_kind_is_found(key: str, value: int | str | None) -> None:
    assert form_of_status({**FOUNDING, "descriptor": {**DESCRIPTOR, key: value}})


def test_a_service_status_with_an_activity_is_none() -> None:
    assert form_of_status({**FOUNDING, "activity": {"type": "task"}})
