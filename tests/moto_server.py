"""An S3 server on loopback: `python tests/moto_server.py PORT` in an environment that has moto (see object_store.py).

moto looks at a condition and stores the object in two steps: what changes anything goes through one at a time here.
"""

import sys
import threading
from collections.abc import Callable, Iterable
from typing import Any

READING = ("GET", "HEAD")


class OneChangeAtATime:
    """A WSGI application whose changes do not overlap."""

    def __init__(self, app: Callable[..., Iterable[bytes]]) -> None:
        self.app, self.lock = app, threading.Lock()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] in READING:
            return self.app(environ, start_response)
        with self.lock:
            return [b"".join(self.app(environ, start_response))]


if __name__ == "__main__":
    from moto.server import DomainDispatcherApplication, create_backend_app
    from werkzeug.serving import run_simple

    dispatched = DomainDispatcherApplication(create_backend_app)
    run_simple("127.0.0.1", int(sys.argv[1]), OneChangeAtATime(dispatched), threaded=True)
