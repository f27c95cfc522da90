"""Ports of this machine, and the life of the servers that a test starts there."""

import ctypes
import signal
import socket
import sys
import time

PATIENCE_SECONDS = 60


def end_with_the_test() -> None:
    """In a child, before it becomes a server: it ends when the test's process does, however that is (on Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG


def free_port() -> int:
    """A port that nobody listens at."""
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return int(asked.getsockname()[1])


def wait_for(port: int) -> None:
    """Return as soon as somebody listens there."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.3)
