"""A real SFTP server on loopback (asyncssh) over a folder; it can end the line in the middle of a file."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncssh

PASSWORD = "open sesame"


class Server:
    """`cuts`: so many times the line ends when a file is being written."""

    def __init__(self, folder: Path) -> None:
        self.home, self.known_hosts = folder / "home", folder / "known_hosts"
        self.home.mkdir()
        self.key = asyncssh.generate_private_key("ssh-ed25519")
        self.port, self.cuts = 0, 0
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)

    def start(self) -> None:
        self.thread.start()
        server = asyncio.run_coroutine_threadsafe(self._listen(), self.loop).result(30)
        self.port = server.get_port()
        self.known_hosts.write_text(f"[127.0.0.1]:{self.port} {self.key.export_public_key().decode()}")

    async def _listen(self) -> Any:
        def files(channel: Any) -> asyncssh.SFTPServer:
            return _Files(channel, self)

        return await asyncssh.listen(
            "127.0.0.1", 0, server_host_keys=[self.key], server_factory=_Door, sftp_factory=files
        )

    def stop(self) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(30)


class _Door(asyncssh.SSHServer):
    def begin_auth(self, username: str) -> bool:
        return True

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return (username, password) == ("shop", PASSWORD)


class _Files(asyncssh.SFTPServer):
    def __init__(self, channel: Any, server: Server) -> None:
        super().__init__(channel, chroot=str(server.home).encode())
        self.line, self.server = channel.get_connection(), server

    def write(self, file_obj: Any, offset: int, data: bytes) -> int:
        if self.server.cuts > 0:
            self.server.cuts -= 1
            self.line.abort()
            return super().write(file_obj, offset, data[: len(data) // 2])
        return super().write(file_obj, offset, data)


@contextmanager
def serving(folder: Path) -> Iterator[Server]:
    """A server while it is needed."""
    server = Server(folder)
    server.start()
    try:
        yield server
    finally:
        server.stop()
