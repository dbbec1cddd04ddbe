"""Valid documents from which the fuzzer starts."""

from eclgrmd.model.names import Instrument
from eclgrmd.model.quicklook.packet import (
    AlertPacket,
    AttitudePacket,
    DescriptorPacket,
    LightCurvePacket,
    Pointing,
    TriggerPacket,
)

__all__ = [
    "DATA",
    "LAYER_JSON",
    "LAYER_TOML",
    "LAYER_YAML",
    "MDB_ANSWER",
    "NAMES",
    "NOTICES",
    "PACKETS",
    "RERUN",
    "SETTINGS",
    "TASK",
    "TEXT_CURVE",
    "TIMES",
    "URLS",
]

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
NOTICES = (
    _NOTICE,
    _NOTICE.replace(b"voe:VOEvent xmlns:voe", b"VOEvent xmlns").replace(b"/voe:", b"/"),
    _NOTICE.replace(b'value="201"', b'value="219"').replace(b"observation", b"test"),
)
PACKETS = (
    AlertPacket(burst_id="sb1", number=0, time_s=3e8, trigger_time_s=3e8, slew_request=False),
    TriggerPacket(
        burst_id="sb1", number=0, time_s=3e8, trigger_time_s=3e8, timescale_s=1.0,
        band_kev=(15.0, 50.0), snr=7.0, detectors=("GRD01",),
    ),
    DescriptorPacket(
        burst_id="sb1", number=1, time_s=3e8, start_s=1.0, stop_s=2.0,
        light_curves={Instrument.GRM: 3},
    ),
    AttitudePacket(
        burst_id="sb1", number=1, time_s=3e8, slewing=True,
        pointing=Pointing((1.0, 2.0, 3.0), (0.0, 0.0, 0.0, 1.0)),
    ),
    LightCurvePacket(
        burst_id="sb1", number=1, time_s=3e8, instrument=Instrument.GRM, priority="high",
        start_s=3e8, bin_s=0.064, bands_kev=((4.0, 15.0), (15.0, 50.0)), detectors=("GRD01",),
        counts=(((1, 2, 3), (4, 500, 6)),), live=(1.0, 0.9, 0.8),
    ),
)  # fmt: skip
TASK = (
    b'{"type":"task","id":"t1","burst_id":"b1","analysis":"burst","inputs":[{"name":"a.fits"}],'
    b'"configuration":{"trigger_time_s":1.5,"duration":{"bootstrap":100}}}'
)
_LINK = b'{"name":"a.fits","url":"http://h:80/a.fits","size":2880,"sha256":"' + b"0" * 64 + b'"}'
"""A file link as in a data notification."""
DATA = (
    b'{"type":"data","id":"n1","burst_id":"b1","files":[' + _LINK + b"],"
    b'"trigger_utc":"2026-11-22T10:15:30.25Z","expected":["GRM"]}'
)
MDB_ANSWER = b'{"files":[' + _LINK + b"," + _LINK + b'],"trigger_utc":"2026-11-22T10:15:30Z"}'
RERUN = b'{"configuration":{"seed":2,"duration":{"bin_s":0.1}}}'
LAYER_JSON = (
    b'{"trigger_time_s":1.5,"seed":7,"detectors":["GRD01"],"duration":{"bootstrap":100,'
    b'"band_kev":[15,50]},"background":{"mode":"intervals","intervals_s":[[-50,-10],[60,120]]},'
    b'"spectral":{"models":["band","pl"],"intervals":["t100",[0,1]],"energy_kev":{"GRM":[20,900]},'
    b'"area_groups":[["n3","n6"],["b0"]]},"per_instrument":{"GRM":{"background":{"order":1}}}}'
)
LAYER_YAML = (
    b"""seed: 7
trigger_time_s: 1.5
duration: {bootstrap: 100, band_kev: [15, 50]}
background:
  mode: intervals
  intervals_s: [[-50, -10], &after [60, 120]]
spectral:
  models: [band, pl]
  energy_kev: {GRM: *after}
  intervals:
    - t100
    - [0, 1]
""",
    LAYER_JSON,
)
LAYER_TOML = (
    b"""seed = 7
trigger_time_s = 1.5
detectors = ["GRD01"]
[duration]
bootstrap = 100
band_kev = [15, 50]
[spectral]
models = ["band"]
energy_kev = { GRM = [20, 900.0] }
[per_instrument.GRM.background]
order = 1
""",
)
SETTINGS = (
    b"""[storage]
state_dir = "/tmp/x"
reserve_bytes = 2000000000
keep_days = 90.0
[rest]
host = "127.0.0.1"
port = 8641
public_url = "http://h/x"
[database]
url = "mysql://user@host:3306/name"
[nats]
url = "nats://h:4222"
incoming_subject = "data.bandx"
[automatic]
analyses = ["temporal", "joint"]
expected = ["ECL", "GRM"]
[mdb]
url = "https://h/x"
[log]
level = "info"
""",
)
TIMES = (
    b"2026-12-31T23:59:60.5+0200",
    b"2026-12-31T24:00:00Z",
    b"9998-12-31T23:59:59.999999",
    b"0001-01-02T00:00:00+14:00",
)
URLS = (
    b"mysql://user@host:3306/name",
    b"mysql://user:word@[::1]:3306/name?unix_socket=/run/m.sock&charset=x",
    b"mysql://user@/name?unix_socket=/tmp/a%20b",
)
NAMES = (
    b"GRB 200106A",
    b"a.pha.gz",
    "sb26010101_\u00e9.fits".encode(),
    b"../x/%2e%2e/y",
    b"a\xffb.Z",
)
TEXT_CURVE = (
    b" ".join(b"%.3f" % (0.064 * i) for i in range(60)) + b"\n" + b" ".join([b"12"] * 60) + b"\n",
)
"""A light curve as plain text: times, then counts."""
