"""The login before all that `make ui` serves: HTTP's basic authentication with the user and password of Airflow's."""

import base64
import binascii
import hmac
import time
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler

WRONG_SECONDS = 0.5  # a wrong password is answered late: guessing takes as long
LOOPBACK_NAMES = ("127.0.0.1", "localhost")
SAFE = {"X-Content-Type-Options": "nosniff", "X-Frame-Options": "SAMEORIGIN", "Referrer-Policy": "no-referrer"}


@dataclass(frozen=True)
class Login:
    """One user and their password."""

    user: str
    password: str

    @property
    def header(self) -> str:
        """What a request that may pass has in its Authorization header."""
        return "Basic " + base64.b64encode(f"{self.user}:{self.password}".encode()).decode()

    def is_right(self, header: str | None) -> bool:
        """Whether the header has this user and password; compared in constant time."""
        kind, _, encoded = (header or "").partition(" ")
        try:
            given = base64.b64decode(encoded, validate=True)
        except (binascii.Error, ValueError):
            return False
        return kind.lower() == "basic" and hmac.compare_digest(given, f"{self.user}:{self.password}".encode())


class Guarded(BaseHTTPRequestHandler):
    """Lets no request through that does not come by this machine's own name and with the login.

    The name is looked at because a page of a stranger may have its own name lead here.
    """

    login: Login
    protocol_version = "HTTP/1.1"

    def end_headers(self) -> None:
        """With what keeps a browser from taking an answer for something else."""
        for name, value in SAFE.items():
            self.send_header(name, value)
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the terminal belongs to the addresses."""

    def may_pass(self) -> bool:
        """Whether to go on; a request that may not has its answer by then."""
        name = (self.headers.get("Host") or "").rsplit(":", 1)[0]
        if name not in LOOPBACK_NAMES:
            self.refuse(HTTPStatus.MISDIRECTED_REQUEST, "this is not the address that `make ui` prints")
            return False
        if self.login.is_right(self.headers.get("Authorization")):
            return True
        if self.headers.get("Authorization"):
            time.sleep(WRONG_SECONDS)
        asked = {"WWW-Authenticate": 'Basic realm="customer-lakehouse", charset="UTF-8"'}
        self.refuse(HTTPStatus.UNAUTHORIZED, "`make ui` prints user and password", asked)
        return False

    def refuse(self, status: HTTPStatus, why: str, headers: dict[str, str] | None = None) -> None:
        """Answer with a line of text, and end the connection: a body that was sent along is not read."""
        body = f"{status.phrase}: {why}\n".encode()
        self.close_connection = True
        self.send_response(status)
        plain = {"Content-Type": "text/plain; charset=utf-8", "Content-Length": str(len(body)), "Connection": "close"}
        for name, value in {**plain, **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
