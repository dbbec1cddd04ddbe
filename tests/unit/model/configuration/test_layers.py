"""The whole configuration comes from layers, and each value tells from which."""

import json

import jsonschema
import msgspec
import pytest

from eclgrmd.errors import InputError
from eclgrmd.model.configuration.layers import (
    Layer,
    canonical_sha256,
    configuration_from_json,
    patched,
    resolve,
)
from eclgrmd.model.configuration.schema import configuration_schema
from eclgrmd.model.configuration.sections import TaskConfiguration
from eclgrmd.model.names import Instrument

SITE = Layer(
    "site",
    {
        "background": {"order": 1},
        "duration": {"bin_s": 0.5},
        "per_instrument": {"GRM": {"duration": {"bin_s": 0.25, "band_kev": [15, 1000]}}},
    },
)


def test_every_key_of_the_schema_has_a_meaning() -> None:
    schema = configuration_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    for definition in schema["$defs"].values():
        for described in definition.get("properties", {}).values():
            assert len(described["description"]) > 15


def test_the_schema_takes_the_defaults_and_refuses_what_we_refuse() -> None:
    validator = jsonschema.Draft202012Validator(configuration_schema())
    validator.validate(json.loads(msgspec.json.encode(TaskConfiguration())))
    assert not validator.is_valid({"spectral": {"models": ["bnd"]}})
    assert not validator.is_valid({"schema": "eclgrmd.task-configuration/2"})


def test_a_layer_goes_before_those_below_it() -> None:
    found = resolve(SITE, Layer("task", {"background": {"order": 2}, "seed": 7}))
    assert found.configuration.background.order == 2
    assert found.configuration.duration.bin_s == 0.5
    assert found.sources["/background/order"] == "task"
    assert found.sources["/duration/bin_s"] == "site"
    assert found.sources["/duration/bootstrap"] == "built-in"


def test_an_instrument_goes_before_all_instruments_of_its_layer_but_not_of_a_layer_above() -> None:
    only_site = resolve(SITE).configuration.of(Instrument.GRM).duration
    assert (only_site.bin_s, only_site.band_kev) == (0.25, (15.0, 1000.0))

    found = resolve(SITE, Layer("task", {"duration": {"bin_s": 2.0}}))
    grm = found.configuration.of(Instrument.GRM)
    assert (grm.duration.bin_s, grm.duration.band_kev) == (2.0, (15.0, 1000.0))
    assert grm.background.order == 1
    assert found.configuration.of(Instrument.ECLAIRS).duration.bin_s == 2.0
    assert found.sources["/per_instrument/GRM/duration/bin_s"] == "task"
    assert found.sources["/per_instrument/GRM/duration/band_kev"] == "site, GRM"


def test_the_checksum_is_that_of_the_whole_however_it_came_about() -> None:
    one = resolve(Layer("site", {"seed": 3}), Layer("task", {"background": {"order": 1}}))
    two = resolve(Layer("task", {"background": {"order": 1}, "seed": 3}))
    assert one.sha256 == two.sha256 != resolve().sha256
    # sorted keys, no spaces, UTF-8: as `jq -cS` writes it
    assert canonical_sha256({"b": 1, "a": [1.5]}) == (
        "be0f99d229adbed6fd3e3206be946511ff4ff13f0a68d5611e41781abe3175b1"
    )


def test_null_in_a_change_gives_way_to_the_layers_below() -> None:
    values = {"background": {"order": 3}, "spectral": {"energy_kev": {"GRM": [20, 900]}}}
    change = {"background": {"order": None}, "spectral": {"energy_kev": {"GRM": None}}, "seed": 1}
    assert patched(values, change) == {
        "background": {},
        "spectral": {"energy_kev": {}},
        "seed": 1,
    }
    assert values["background"] == {"order": 3}


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"sed": 1}, "site configuration: .*unknown field `sed` .allowed: .*seed"),
        ({"spectral": {"models": ["bnd"]}}, "at `/spectral/models/0` .allowed: band, band.bb"),
        ({"background": {"order": 9}}, "`int` <= 4 - at `/background/order`"),
        ({"spectral": {"intervals": ["t91"]}}, "at `/spectral/intervals/0` .allowed: blocks, peak"),
        (
            {"per_instrument": {"GRM": {"background": {"mode": "x"}}}},
            "at `/per_instrument/./background/mode` .allowed: automatic, file, intervals",
        ),
        ({"per_instrument": {"GRN": {}}}, "'GRN' - at `/per_instrument` .allowed: BAT, .*GRM"),
        ({"per_instrument": {"GRM": {"seed": 1}}}, "allowed: background, duration"),
        ({"duration": {"t_min_s": 5, "t_max_s": 1}}, "/duration/t_min_s, t_max_s is 5.0, 1.0"),
        (
            {"per_instrument": {"GRM": {"duration": {"band_kev": [9, 5]}}}},
            "/per_instrument/GRM/duration/band_kev is 9.0, 5.0: must be rising",
        ),
        ({"background": {"mode": "intervals"}}, "/background/intervals_s is empty"),
        ({"light_curves": {"bands_kev": [[3, 2]]}}, "/light_curves/bands_kev/0"),
    ],
)
def test_a_wrong_value_is_told_with_its_pointer_and_what_is_allowed(
    values: dict[str, object], said: str
) -> None:
    with pytest.raises(InputError, match=said):
        resolve(Layer("site", values))


def test_values_that_only_together_are_wrong_are_told_too() -> None:
    resolve(Layer("task", {"duration": {"t_max_s": 1}}))
    with pytest.raises(InputError, match=r"t_min_s, t_max_s is 2\.0, 1\.0"):
        resolve(
            Layer("site", {"duration": {"t_min_s": 2}}), Layer("task", {"duration": {"t_max_s": 1}})
        )


@pytest.mark.parametrize("text", ["", "[]", "null", "{", b"\xff"])
def test_what_is_no_configuration_is_refused(text: bytes | str) -> None:
    with pytest.raises(InputError):
        configuration_from_json(text)
