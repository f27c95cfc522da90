"""The reports and Data Docs of var/, served on loopback to whoever has the login, and nothing else."""

import html
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from lakehouse.setup.login import Guarded, Login
from lakehouse.setup.places import Places


class Handler(Guarded, SimpleHTTPRequestHandler):
    """Files below one folder; a page of links where there is no index."""

    def __init__(self, login: Login, *rest: Any, **named: Any) -> None:
        self.login = login
        super().__init__(*rest, **named)

    def do_GET(self) -> None:
        """A file, for those who may see it."""
        if self.may_pass():
            super().do_GET()

    def do_HEAD(self) -> None:
        """The same without its content."""
        if self.may_pass():
            super().do_HEAD()

    def list_directory(self, path: Any) -> None:
        """Links to the newest pages first, for a folder without index.html."""
        body = index(Path(path)).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def index(folder: Path) -> str:
    """A small page that links what is in a folder, newest name first."""
    names = sorted((p.name + ("/" if p.is_dir() else "") for p in folder.iterdir()), reverse=True)
    links = "".join(f'<li><a href="{html.escape(name)}">{html.escape(name)}</a></li>' for name in names)
    empty = "" if names else "<p>No night has run yet: <code>make nightly</code> runs one.</p>"
    return (
        '<!doctype html><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        "<title>customer-lakehouse</title><style>body{font:16px/1.6 system-ui;margin:2rem auto;max-width:40rem;"
        f"padding:0 1rem}}</style><h1>Reports</h1><ul>{links}</ul>{empty}"
    )


def serve(places: Places, port: int, login: Login) -> ThreadingHTTPServer:
    """Serve var/reports in a background thread until the process ends."""
    folder = places.var / "reports"
    folder.mkdir(parents=True, exist_ok=True)
    server = ThreadingHTTPServer(("127.0.0.1", port), partial(Handler, login, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server
