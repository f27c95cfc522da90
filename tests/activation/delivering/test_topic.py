"""Records of a Kafka topic, before a real broker: each message once; what a mirror removes has no value."""

import json
from collections.abc import Iterator

import pytest

from jobs.activation.delivering.topic import Topic
from jobs.activation.settings.destinations import Destination, Kafka
from tests.activation.delivering import kafka_broker
from tests.activation.delivering.handing import sent

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with kafka_broker.running(tmp_path_factory.mktemp("kafka")) as address:
        yield address


def place(broker: str, topic: str, **changes: object) -> Destination:
    kafka = Kafka(servers=broker, topic=topic)
    return Destination(**{"channels": "email", "fields": "email", "kafka": kafka, "batch_size": 6, **changes})


def records(broker: str, topic: str) -> list[tuple[str, dict | None, str]]:
    """Key, value and idempotency key of all records of a topic, in order."""
    from kafka import KafkaConsumer

    reader = KafkaConsumer(
        topic, bootstrap_servers=[broker], auto_offset_reset="earliest", consumer_timeout_ms=3000, group_id=None
    )
    with reader:
        return [
            (
                one.key.decode(),
                json.loads(one.value) if one.value else None,
                dict(one.headers)["idempotency-key"].decode(),
            )
            for one in reader
        ]


def test_each_message_is_a_record_under_its_key_once(lake, broker):
    assert sent(lake, place(broker, "messages")) == {"sent": 20}
    assert sent(lake, place(broker, "messages")) == {}
    told = records(broker, "messages")
    assert sorted(value["email"] for _, value, _ in told if value) == [f"c{n:02d}@x" for n in range(20)]
    assert all(key == value["key"] == idempotency for key, value, idempotency in told if value)


def test_what_a_mirror_removes_is_a_record_without_a_value_under_the_rows_key(lake, broker):
    mirror = place(broker, "rows", mode="mirror")
    assert sent(lake, mirror) == {"sent": 20}
    lake.tables["decisions"] = lake.tables["decisions"].slice(2)
    assert sent(lake, mirror) == {"removed": 2}
    table = {key: value for key, value, _ in records(broker, "rows")}  # what compaction leaves
    assert sorted(value["customer_id"] for value in table.values() if value) == [f"c{n:02d}" for n in range(2, 20)]
    assert sum(value is None for value in table.values()) == 2


def test_a_record_that_is_too_large_is_dead_and_the_others_go(lake, broker):
    people = lake.tables["golden_customers"]
    long = ["x" * 2_000_000 if n == 5 else email for n, email in enumerate(people["email"].to_pylist())]
    place_of = people.column_names.index("email")
    lake.tables["golden_customers"] = people.set_column(place_of, people.schema.field("email"), [long])
    assert sent(lake, place(broker, "large")) == {"sent": 19, "dead": 1}


def test_without_a_broker_the_messages_wait(lake):
    away = place("127.0.0.1:1", "messages", timeout_seconds=0.5, attempts=2)
    assert sent(lake, away) == {"waits": 20}
    Topic(away, away.kafka, "").close()
