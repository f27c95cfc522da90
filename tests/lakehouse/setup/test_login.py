"""Nothing that `make ui` serves is seen without the login, nor under a name that is not this machine's."""

import base64
import http.client
import json
import socket
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from lakehouse.setup import guarded_proxy, reports_server, ui
from lakehouse.setup.login import Login
from lakehouse.setup.places import Places

LOGIN = Login("admin", "p4ss:wörd")
RIGHT = {"Authorization": LOGIN.header}


class Behind(BaseHTTPRequestHandler):
    """A server without a login: it says what it was asked."""

    def do_GET(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        told = {"path": self.path, "command": self.command, "body": self.rfile.read(length).decode(),
                "login": self.headers.get("Authorization")}  # fmt: skip
        body = json.dumps(told).encode()
        self.send_response(201)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_POST = do_HEAD = do_GET  # noqa: N815 their names

    def address_string(self) -> str:
        return "behind"

    def log_message(self, *words: object) -> None:
        pass


class OnAFile(HTTPServer):
    address_family = socket.AF_UNIX

    def server_bind(self) -> None:
        self.socket.bind(self.server_address)
        self.server_name, self.server_port = "behind", 0


@pytest.fixture
def proxy(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # a socket's name has a bound
    server = OnAFile("behind.sock", Behind)  # type: ignore[arg-type]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    before = guarded_proxy.serve(Path("behind.sock"), 0, LOGIN)
    yield before.server_port
    before.shutdown()
    before.server_close()
    server.shutdown()
    server.server_close()


@pytest.fixture
def reports(tmp_path):
    (tmp_path / "var" / "reports").mkdir(parents=True)
    (tmp_path / "var" / "reports" / "night.html").write_text("<h1>customers</h1>")
    server = reports_server.serve(Places(tmp_path), 0, LOGIN)
    yield server.server_port
    server.shutdown()
    server.server_close()


def asked(port: int, path: str = "/", command: str = "GET", body: str | None = None, **headers: str):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request(command, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
    answer = connection.getresponse()
    return answer, answer.read().decode()


@pytest.mark.parametrize("server", ["proxy", "reports"])
@pytest.mark.parametrize(
    "header",
    ["", "Basic", "Basic !!", "Bearer x", LOGIN.header[:-2], "Basic " + base64.b64encode(b"admin:wrong").decode()],
)
def test_without_the_right_login_there_is_no_word_of_what_is_served(request, server, header):
    port = request.getfixturevalue(server)

    answer, text = asked(port, "/night.html", **({"Authorization": header} if header else {}))

    assert answer.status == 401
    assert answer.headers["WWW-Authenticate"].startswith("Basic ")
    assert "customers" not in text


def test_a_report_is_seen_with_the_login(reports):
    assert asked(reports, "/night.html", **RIGHT)[1] == "<h1>customers</h1>"
    assert "night.html" in asked(reports, "/", **RIGHT)[1]


@pytest.mark.parametrize("path", ["/../../etc/passwd", "/%2e%2e/%2e%2e/%2e%2e/etc/passwd", "//etc/passwd"])
def test_no_file_outside_the_reports_is_served(reports, path):
    assert asked(reports, path, **RIGHT)[0].status == 404


def test_a_request_goes_on_whole_and_without_the_login(proxy):
    answer, text = asked(proxy, "/api?x=%20y", "POST", "a=b", **RIGHT)

    assert (answer.status, json.loads(text)) == (
        201, {"path": "/api?x=%20y", "command": "POST", "body": "a=b", "login": None},
    )  # fmt: skip
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("server", ["proxy", "reports"])
def test_a_strangers_name_that_leads_here_is_refused_with_the_login_too(request, server):
    answer, _ = asked(request.getfixturevalue(server), "/", Host="evil.example:80", **RIGHT)
    assert answer.status == 421


def test_a_server_that_is_not_there_is_no_server_that_answers(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    before = guarded_proxy.serve(Path("nobody.sock"), 0, LOGIN)
    try:
        assert asked(before.server_port, "/", **RIGHT)[0].status == 502
        assert not ui._answers(f"http://127.0.0.1:{before.server_port}/health", LOGIN)
    finally:
        before.shutdown()
        before.server_close()


def test_a_body_of_unknown_length_is_refused(proxy):
    assert asked(proxy, "/", "POST", Transfer_Encoding="chunked", **RIGHT)[0].status == 411
    assert asked(proxy, "/", "POST", Content_Length="-1", **RIGHT)[0].status == 411


def test_the_folder_in_which_mlflow_listens_is_its_owners_alone(tmp_path):
    (tmp_path / "var" / "ui").mkdir(parents=True)
    (tmp_path / "var" / "ui").chmod(0o755)

    ui.mlflow_socket(Places(tmp_path))

    assert (tmp_path / "var" / "ui").stat().st_mode & 0o777 == 0o700
