"""Batches over HTTP: signed, with keys that let the receiver drop what it has, tried again where that may help.

A reply that is lost after the receiver accepted leads to the same keys once more; a batch that is refused for what is
in it is halved until the message is found that is at fault.
"""

import hashlib
import hmac
import http.client
import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import NamedTuple

from jobs.activation.delivering.messages import DEAD, SENT, Message
from jobs.activation.delivering.pauses import pause_seconds
from jobs.activation.delivering.senders import Answered, UnreachableError
from jobs.activation.settings.destinations import Destination

AGAIN = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS)
NO_ANSWER, NOT_REACHED = 0, -1
UNSURE = (NO_ANSWER, HTTPStatus.BAD_GATEWAY, HTTPStatus.GATEWAY_TIMEOUT)  # what is behind may have taken the batch


class Answer(NamedTuple):
    """A receiver's answer; status: or NO_ANSWER, NOT_REACHED; wait_seconds: before the next request, as it asks."""

    status: int
    wait_seconds: float = 0.0


@dataclass
class Webhook:
    """One destination's requests.

    Args:
        url: their address.
        secret: signs the body (HMAC-SHA-256, RFC 2104); "" for none.
    """

    destination: Destination
    url: str
    secret: str
    sleep: Callable[[float], None] = time.sleep
    last: float = 0.0
    unsure: set[str] = field(default_factory=set, init=False)

    def send(self, batch: Sequence[Message]) -> Iterator[Answered]:
        """Parts of the batch with what became of them.

        Raises:
            UnreachableError: after the last attempt.
        """
        for attempt in range(1, self.destination.attempts + 1):
            status, asked = self._request(batch)
            if status in UNSURE:
                self.unsure |= {one.key for one in batch}
            if 200 <= status < 300:
                yield batch, SENT, "", attempt
                return
            if 400 <= status < 500 and status not in AGAIN:
                if len(batch) == 1:
                    yield batch, DEAD, f"refused with {status}", attempt
                    return
                half = len(batch) // 2
                yield from self.send(batch[:half])
                yield from self.send(batch[half:])
                return
            if attempt < self.destination.attempts:
                self.sleep(pause_seconds(attempt, asked))
        said = "no answer" if status <= 0 else f"the answer {status}"
        raise UnreachableError(f"{said} after {self.destination.attempts} attempts", self.unsure)

    def close(self) -> None:
        """Nothing stays open."""

    def _request(self, batch: Sequence[Message]) -> Answer:
        pause = self.last + 1 / self.destination.requests_per_second - time.monotonic()
        if pause > 0:
            self.sleep(pause)
        self.last = time.monotonic()
        body = json.dumps({"messages": [one.body for one in batch]}).encode()
        keys = hashlib.sha256("".join(one.key for one in batch).encode()).hexdigest()
        headers = {"Content-Type": "application/json", "Idempotency-Key": keys}
        if self.secret:
            headers["X-Signature"] = "sha256=" + hmac.new(self.secret.encode(), body, hashlib.sha256).hexdigest()
        request = urllib.request.Request(self.url, body, headers, method="POST")  # noqa: S310 http alone
        try:
            with urllib.request.urlopen(request, timeout=self.destination.timeout_seconds) as answer:  # noqa: S310
                answer.read()
                return Answer(int(answer.status))
        except urllib.error.HTTPError as error:
            error.close()
            return Answer(error.code, asked_seconds(error.headers.get("Retry-After"), datetime.now(UTC)))
        except urllib.error.URLError:  # before the whole request was with the receiver
            return Answer(NOT_REACHED)
        except (OSError, http.client.HTTPException):
            return Answer(NO_ANSWER)


def asked_seconds(header: str | None, now: datetime) -> float:
    """How long a Retry-After asks to wait: seconds, or an instant (RFC 9110, 10.2.3); 0 for what is neither."""
    text = (header or "").strip()
    if text.isdecimal():
        return float(text)
    try:
        until = parsedate_to_datetime(text)
    except ValueError:
        return 0.0
    return max(0.0, (until.replace(tzinfo=until.tzinfo or UTC) - now).total_seconds())
