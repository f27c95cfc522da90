"""Records of a Kafka topic: under the message's key, or a mirror's row, whose removal is a record without a value."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from jobs.activation.delivering.messages import DEAD, SENT, Message
from jobs.activation.delivering.senders import Answered, UnreachableError
from jobs.activation.settings.destinations import Destination, Kafka


@dataclass
class Topic:
    """One destination's records; the broker drops what the client sends twice within a run.

    Args:
        password: of the account; "" for none.
    """

    destination: Destination
    kafka: Kafka
    password: str
    producer: Any = field(default=None, init=False)

    def send(self, batch: Sequence[Message]) -> Iterator[Answered]:
        """Records of the batch; all are with the brokers when their receipts are written.

        Raises:
            UnreachableError: brokers do not answer; records that they took are told first.
        """
        from kafka.errors import KafkaError

        try:
            self.producer = self.producer or self._opened()
        except KafkaError as error:
            raise UnreachableError(f"brokers do not answer ({type(error).__name__})", unsure=()) from None
        try:
            answers = [(one, self._begun(one)) for one in batch]
            self.producer.flush(timeout=self._seconds())
        except KafkaError as error:
            raise UnreachableError(f"brokers do not answer ({type(error).__name__})") from None
        ends = [(one, _end(answer)) for one, answer in answers]
        for state, reason in ((SENT, ""), (DEAD, "too large for the topic")):
            if part := [one for one, end in ends if end == state]:
                yield part, state, reason, 1
        if lost := sum(end == "" for _, end in ends):
            raise UnreachableError(f"brokers did not take {lost} of the batch")

    def _begun(self, one: Message) -> Any:
        """What the client will know of a record; None for one that it does not take."""
        from kafka.errors import MessageSizeTooLargeError

        try:
            return self.producer.send(self.kafka.topic, **_record(one))
        except MessageSizeTooLargeError:
            return None

    def _seconds(self) -> float:
        return self.destination.timeout_seconds * self.destination.attempts

    def _opened(self) -> Any:
        from kafka import KafkaProducer

        kafka, milliseconds = self.kafka, int(self.destination.timeout_seconds * 1000)
        sealed: dict[str, Any] = {"security_protocol": kafka.security, "ssl_cafile": kafka.ca_file or None}
        if kafka.user:
            login = {"sasl_plain_username": kafka.user, "sasl_plain_password": self.password}
            sealed |= {"sasl_mechanism": "SCRAM-SHA-512", **login}
        return KafkaProducer(
            bootstrap_servers=list(kafka.servers),
            acks="all",
            enable_idempotence=True,
            linger_ms=5,
            request_timeout_ms=milliseconds,
            bootstrap_timeout_ms=milliseconds,
            max_block_ms=milliseconds * self.destination.attempts,
            delivery_timeout_ms=milliseconds * self.destination.attempts + 1000,
            **sealed,
        )

    def close(self) -> None:
        """End connections."""
        if self.producer is not None:
            self.producer.close(timeout=self.destination.timeout_seconds)


def _end(answer: Any) -> str:
    """How a record ended: with the brokers, refused for its size, or "" where nobody knows."""
    from kafka.errors import MessageSizeTooLargeError

    if answer is None or isinstance(answer.exception, MessageSizeTooLargeError):
        return DEAD
    return SENT if answer.is_done and answer.succeeded() else ""


def _record(one: Message) -> dict[str, Any]:
    value = None if one.is_removal else json.dumps(one.body, ensure_ascii=False).encode()
    key = one.row["row_key"] or one.key
    return {"key": key.encode(), "value": value, "headers": [("idempotency-key", one.key.encode())]}
