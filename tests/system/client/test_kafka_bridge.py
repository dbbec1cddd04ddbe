"""The bridge from Kafka that a page shows brings notices to a daemon."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition

from eclgrmd.client import Client
from testbench.daemon_process import DaemonProcess
from testbench.documentation.blocks import Block, parts_of
from tests.support.checkout import CHECKOUT
from tests.support.limits import LIMIT_S
from tests.support.quicklook.packets import notice

PAGE = CHECKOUT / "packaging" / "docs" / "how-to" / "feed.md"
TOPIC = "gcn.notices.svom.voevent.grm"
FIRST, SECOND = "sb26030901", "sb26030902"


@pytest.fixture
def broker() -> Iterator[Producer]:
    """A producer with a broker of its own, which listens on a free port of this machine."""
    producer = Producer({"test.mock.num.brokers": 1, "bootstrap.servers": "none"})
    yield producer
    producer.purge()


@pytest.fixture
def servers(broker: Producer) -> str:
    listed = broker.list_topics(timeout=60).brokers.values()
    return ",".join(f"{each.host}:{each.port}" for each in listed)


@pytest.fixture
def bridge(daemon: DaemonProcess, servers: str, tmp_path: Path) -> Iterator[Path]:
    """Run the program of the page; yield its log."""
    parts = parts_of(PAGE.read_text(encoding="utf-8"))
    (block,) = [each for each in parts if isinstance(each, Block) and "confluent" in each.code]
    changed = {
        "http://127.0.0.1:8641": daemon.running_endpoints().rest,
        "kafka.example.org:9092": servers,
    }
    code = block.code
    for shown, here in changed.items():
        assert shown in code
        code = code.replace(shown, here)
    log = tmp_path / "bridge.log"
    environment = {name: value for name, value in os.environ.items() if "TOKEN" not in name}
    with log.open("wb") as said:
        process = subprocess.Popen(
            [sys.executable, "-c", code], stdout=said, stderr=said, env=environment
        )
    yield log
    process.kill()
    process.wait()


def committed(servers: str) -> int:
    """Return how many messages the bridge has committed."""
    consumer = Consumer({"bootstrap.servers": servers, "group.id": "eclgrmd"})
    try:
        partitions = consumer.list_topics(TOPIC, timeout=60).topics[TOPIC].partitions
        asked = [TopicPartition(TOPIC, number) for number in partitions]
        return sum(max(each.offset, 0) for each in consumer.committed(asked, timeout=60))
    finally:
        consumer.close()


def test_notices_arrive_and_a_broken_one_holds_up_none(
    url: str, broker: Producer, servers: str, bridge: Path
) -> None:
    sent = [
        notice(201, "grm-trigger", "2027-02-21T16:53:30", FIRST),
        b"<voe>",
        notice(201, "grm-trigger", "2027-02-21T16:53:30", SECOND),
    ]
    for each in sent:
        broker.produce(TOPIC, each, partition=0)
    assert broker.flush(LIMIT_S) == 0
    give_up = time.monotonic() + LIMIT_S
    while committed(servers) < len(sent):
        assert time.monotonic() < give_up, bridge.read_text(encoding="utf-8")
        time.sleep(0.5)
    with Client(url) as client:
        assert [client.burst(each).vhf is not None for each in (FIRST, SECOND)] == [True, True]
    assert bridge.read_text(encoding="utf-8").count("refused:") == 1
