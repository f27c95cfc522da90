"""A login before a server that has none: it listens on a socket file of its owner's, and this passes requests on."""

import http.client
import shutil
import socket
import threading
from functools import partial
from http import HTTPStatus
from http.server import ThreadingHTTPServer
from pathlib import Path

from lakehouse.setup.login import SAFE, Guarded, Login

OF_THE_CONNECTION = frozenset(  # headers of one hop (RFC 9110), and the login, which is ours
    ("connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "trailer", "transfer-encoding",
     "upgrade", "authorization")
)  # fmt: skip
PATIENCE_SECONDS = 120.0
MOST_BODY = 1 << 30


class _Behind(http.client.HTTPConnection):
    """A connection to a socket file."""

    def __init__(self, path: Path) -> None:
        super().__init__("127.0.0.1", timeout=PATIENCE_SECONDS)
        self.path = path

    def connect(self) -> None:
        """Connect to the file in place of a port."""
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self.path))


class Handler(Guarded):
    """Passes each request on, and each answer back."""

    def __init__(self, behind: Path, login: Login, *rest: object) -> None:
        self.behind, self.login = behind, login
        super().__init__(*rest)  # type: ignore[arg-type]

    def _pass_on(self) -> None:
        if not self.may_pass():
            return
        length = self._length()
        if length is None:
            self.refuse(HTTPStatus.LENGTH_REQUIRED, "say how long the body is")
            return
        connection = _Behind(self.behind)
        try:
            body = self.rfile.read(length) if length else None
            kept = {name: value for name, value in self.headers.items() if name.lower() not in OF_THE_CONNECTION}
            connection.request(self.command, self.path, body, kept)
            self._back(connection.getresponse())
        except OSError:
            self.refuse(HTTPStatus.BAD_GATEWAY, "the server behind does not answer")
        finally:
            connection.close()

    def _length(self) -> int | None:
        if self.headers.get("Transfer-Encoding"):
            return None
        text = self.headers.get("Content-Length", "0")
        return int(text) if text.isdecimal() and int(text) <= MOST_BODY else None

    def _back(self, answer: http.client.HTTPResponse) -> None:
        """The answer, streamed; without a length the end of the connection is the end of it."""
        self.send_response(answer.status, answer.reason)
        own = {name.lower() for name in SAFE}
        for name, value in answer.getheaders():
            if name.lower() not in OF_THE_CONNECTION | own:
                self.send_header(name, value)
        self.send_header("Connection", "close")
        self.close_connection = True
        self.end_headers()
        shutil.copyfileobj(answer, self.wfile)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _pass_on  # noqa: N815 their names


def serve(behind: Path, port: int, login: Login) -> ThreadingHTTPServer:
    """Pass requests with the login on to a socket file, in a background thread until the process ends."""
    server = ThreadingHTTPServer(("127.0.0.1", port), partial(Handler, behind, login))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server
