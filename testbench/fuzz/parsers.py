"""Parsers under test, each with valid documents to start from."""

import struct
from collections.abc import Callable, Sequence
from typing import NamedTuple
from zlib import crc32

from eclgrmd.formats.voevent import read_notice
from eclgrmd.model.decode import decode_json
from eclgrmd.model.layers import configuration_from_json
from eclgrmd.model.messages import read_incoming, read_rerun
from eclgrmd.model.mission_time import met_of_utc, utc_of_met
from eclgrmd.model.names import Instrument
from eclgrmd.model.packet import (
    AlertPacket,
    LightCurvePacket,
    TriggerPacket,
    packet_from_json,
    packet_to_json,
)
from eclgrmd.model.packet_binary import packet_to_binary, read_packet
from eclgrmd.model.result import Result

__all__ = ["PARSERS", "Parser"]

_HEAD, _TAIL = 9, 4
"""Bytes of a binary packet's frame around its body."""


class Parser(NamedTuple):
    """A parser, and valid documents for it."""

    read: Callable[[bytes], object]
    seeds: Sequence[bytes]


_NOTICE = b"""<?xml version="1.0"?>
<voe:VOEvent xmlns:voe="http://www.ivoa.net/xml/VOEvent/v2.0" role="observation" version="2.0"
 ivorn="ivo://org.svom/fsc#sb26010101_grm-trigger">
<Who><Date>2026-01-01T00:00:30</Date></Who><What><Param name="Packet_Type" value="201"/>
<Param name="Burst_Id" value="sb26010101"/><Param name="SNR" value="7.5"/>
<Param name="Pkt_Ser_Num" value="1"/><Param name="Alert_Seq_T0" value="2026-01-01T00:00:00Z"/>
</What><WhereWhen><ObsDataLocation><ObservationLocation><AstroCoordSystem/><AstroCoords>
<Time><TimeInstant><ISOTime>2026-01-01T00:00:00</ISOTime></TimeInstant></Time><Position2D>
<Value2><C1>10.5</C1><C2>-20</C2></Value2><Error2Radius>-1</Error2Radius></Position2D>
</AstroCoords></ObservationLocation></ObsDataLocation></WhereWhen></voe:VOEvent>"""
_PACKETS = (
    AlertPacket(burst_id="sb1", number=0, time_s=3e8, trigger_time_s=3e8, slew_request=False),
    TriggerPacket(
        burst_id="sb1", number=0, time_s=3e8, trigger_time_s=3e8, timescale_s=1.0,
        band_kev=(15.0, 50.0), snr=7.0, detectors=("GRD01",),
    ),
    LightCurvePacket(
        burst_id="sb1", number=1, time_s=3e8, instrument=Instrument.GRM, priority="high",
        start_s=3e8, bin_s=0.064, bands_kev=((4.0, 15.0), (15.0, 50.0)), detectors=("GRD01",),
        counts=(((1, 2, 3), (4, 500, 6)),), live=(1.0, 0.9, 0.8),
    ),
)  # fmt: skip
_TASK = (
    b'{"type":"task","id":"t1","burst_id":"b1","inputs":[{"name":"a.fits"}],'
    b'"configuration":{"trigger_time_s":1.5,"duration":{"bootstrap":100}}}'
)


def _framed(body: bytes) -> object:
    """Read a body in a frame whose length and checksum are right."""
    frame = struct.pack("!4sBI", b"EVHF", 1, len(body)) + body
    return read_packet(frame + struct.pack("!I", crc32(frame)))


PARSERS = {
    "notice": Parser(read_notice, (_NOTICE,)),
    "packet-json": Parser(packet_from_json, [packet_to_json(each) for each in _PACKETS]),
    "packet-frame": Parser(read_packet, [packet_to_binary(each) for each in _PACKETS]),
    "packet-body": Parser(_framed, [packet_to_binary(each)[_HEAD:-_TAIL] for each in _PACKETS]),
    "message": Parser(read_incoming, (_TASK,)),
    "configuration": Parser(
        configuration_from_json, (b'{"trigger_time_s":1.5,"seed":7,"duration":{"bootstrap":100}}',)
    ),
    "rerun": Parser(lambda text: read_rerun(text, "t1"), (b'{"configuration":{"seed":2}}',)),
    "result": Parser(lambda text: decode_json(text, Result, what="result.json"), (b"{}", _TASK)),
    "time": Parser(
        lambda text: utc_of_met(met_of_utc(text.decode("utf-8", "surrogateescape"))),
        (b"2026-12-31T23:59:60.5+0200", b"2026-12-31T24:00:00Z", b"9999-12-31T23:59:59.999999"),
    ),
}
"""By name."""
