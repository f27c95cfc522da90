"""An HTTP receiver on loopback: it keeps every message by its key, and fails, throttles, hangs and loses replies."""

import hashlib
import hmac
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

SECRET = "s3"
Mood = int | str  # a status; "lost": taken, and no reply; "hang": not taken, and no reply in time


class Receiver(ThreadingHTTPServer):
    """`mood` says what it answers to a request; `changed`: one key came with two contents."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.taken: dict[str, dict[str, Any]] = {}
        self.order: list[dict[str, Any]] = []
        self.requests: list[dict[str, Any]] = []
        self.signatures_hold, self.changed = True, False
        self.retry_after: str | None = None
        self.hang_seconds = 0.5
        self.mood: Callable[[int, list[dict[str, Any]]], Mood] = lambda number, messages: 200
        self.lock = threading.Lock()
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/messages"

    def take(self, given: list[dict[str, Any]]) -> None:
        """What a receiver does that drops keys it has seen."""
        for one in given:
            if one["key"] not in self.taken:
                self.taken[one["key"]] = one
                self.order.append(one)
            self.changed |= self.taken[one["key"]] != one


class _Handler(BaseHTTPRequestHandler):
    server: Receiver
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        given = json.loads(body)["messages"]
        signature = "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
        with self.server.lock:
            self.server.signatures_hold &= self.headers["X-Signature"] == signature
            self.server.requests.append({"key": self.headers["Idempotency-Key"], "at": time.monotonic()})
            mood = self.server.mood(len(self.server.requests), given)
            if mood in (200, "lost"):
                self.server.take(given)
        if mood == "hang":
            time.sleep(self.server.hang_seconds)
        if isinstance(mood, str):
            self.close_connection = True
            self.connection.close()
            return
        self.send_response(mood)
        if mood == 429 and self.server.retry_after is not None:
            self.send_header("Retry-After", self.server.retry_after)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Silence."""

    def handle(self) -> None:
        try:
            super().handle()
        except (OSError, ValueError):
            return  # the other side was killed


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver while it is needed."""
    server = Receiver()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
