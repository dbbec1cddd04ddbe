"""Flags: codes for programs, sentences for people."""

import json

import msgspec
import pytest

from eclgrmd.errors import InputError
from eclgrmd.model.flags import Flag, FlagCode, FlagText, has_flag, with_texts
from eclgrmd.model.result.reading import read_result


@pytest.mark.parametrize(
    ("flag", "text"),
    [
        (Flag(FlagCode.GAP), "gap in the burst"),
        (Flag(FlagCode.BAD_BINS, detail="12"), "bad bins dropped: 12"),
        (Flag(FlagCode.BAD_BINS, subject="n4", detail="12"), "n4: bad bins dropped: 12"),
        (Flag(FlagCode.NO_INTERVAL, subject="t90"), "no t90 interval"),
        (Flag(FlagCode.TRUNCATED, detail="by a gap"), "truncated by a gap"),
        (Flag(FlagCode.NOT_COUNTED, subject="b0", detail="a BGO"), "b0 not counted: a BGO"),
        (Flag(FlagCode.T0_OUTSIDE, detail="{}"), "t0 lies outside the data, by {} s"),
        (Flag(FlagCode.NO_RESPONSE).about("background").about("n4"), "n4: background: no response"),
    ],
)  # fmt: skip
def test_the_sentence_names_subject_and_detail(flag: Flag, text: str) -> None:
    assert str(flag) == flag.text == text


def test_every_code_has_a_value_and_a_sentence_of_its_own() -> None:
    sentences = [Flag(code, subject="S", detail="D").text for code in FlagCode]
    assert len({code.value for code in FlagCode}) == len(FlagCode)
    assert all(sentence and "{" not in sentence for sentence in sentences)
    assert all(code.value.isidentifier() and code.value.islower() for code in FlagCode)


def test_a_flag_is_published_as_code_and_text_and_read_back() -> None:
    flag = Flag(FlagCode.SLEW, subject="GRD01")
    published = msgspec.json.encode(flag.stated)
    assert json.loads(published) == {"code": "slew", "text": "GRD01: slew in the burst"}
    read = msgspec.json.decode(published, type=FlagText)
    assert has_flag([read], FlagCode.SLEW)
    assert not has_flag([read], FlagCode.GAP)


def test_a_flag_survives_the_way_to_another_process() -> None:
    flag = Flag(FlagCode.FAINT).about("n4")
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(flag), type=Flag) == flag


def test_documents_for_people_have_sentences() -> None:
    document = {"flags": [{"code": "gap", "text": "gap in the burst"}], "t90": {"flags": []}}
    assert with_texts(document) == {"flags": ["gap in the burst"], "t90": {"flags": []}}


def test_a_result_of_the_first_form_is_refused_in_a_sentence() -> None:
    old = json.dumps({"schema": "eclgrmd.result/1", "burst": {}, "flags": ["gap in the burst"]})
    with pytest.raises(InputError) as refused:
        read_result(old.encode(), what="out/result.json")
    assert str(refused.value) == (
        "out/result.json: schema is 'eclgrmd.result/1': must be 'eclgrmd.result/2', analyse the "
        "data again with this version"
    )
