"""Files over SFTP: written under another name, then renamed, so that nobody there sees half of one."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from jobs.activation.delivering.pauses import pause_seconds
from jobs.activation.delivering.senders import UnreachableError
from jobs.activation.settings.destinations import Destination, Sftp
from lakehouse.errors import LakehouseError


@dataclass(frozen=True)
class SftpFolder:
    """A folder of an SFTP server.

    Args:
        password: of the account; "" where a key is used.
    """

    destination: Destination
    sftp: Sftp
    folder: str
    password: str
    sleep: Callable[[float], None] = time.sleep

    def put(self, name: str, content: bytes) -> None:
        """The file as a whole, in place of one of that name.

        Raises:
            UnreachableError: after the last attempt.
            LakehouseError: the server is not the one that is known, or refuses the login.
        """
        import asyncssh

        renaming: list[str] = []
        for attempt in range(1, self.destination.attempts + 1):
            try:
                asyncio.run(asyncio.wait_for(self._put(name, content, renaming), self._seconds(content)))
                return
            except asyncssh.HostKeyNotVerifiable:
                raise self._refused("the server's key is not in known_hosts", "make sure that it is yours") from None
            except asyncssh.PermissionDenied:
                raise self._refused("the server refuses the login", "see user, password and key_file") from None
            except (OSError, asyncssh.Error, TimeoutError):
                if attempt < self.destination.attempts:
                    self.sleep(pause_seconds(attempt))
        what = f"no file could be put in {self.destination.attempts} attempts"
        raise UnreachableError(what, None if renaming else ())

    def _seconds(self, content: bytes) -> float:
        """Besides the time of one request what a slow line takes: 100 kB a second."""
        return self.destination.timeout_seconds + len(content) / 100_000

    async def _put(self, name: str, content: bytes, renaming: list[str]) -> None:
        import asyncssh

        opening = asyncssh.connect(self.sftp.host, self.sftp.port, **self._options())
        async with opening as connection, connection.start_sftp_client() as client:
            folder = self.folder or "."
            await client.makedirs(folder, exist_ok=True)
            half, whole = f"{folder}/.{name}.part", f"{folder}/{name}"
            async with client.open(half, "wb") as file:
                await file.write(content)
            renaming.append(name)  # from here on it may be there, whatever answer comes
            await _renamed(client, half, whole)

    def _options(self) -> dict[str, Any]:
        """How to log in; nothing of the account that runs this is used but what is named."""
        known: dict[str, Any] = {"username": self.sftp.user, "known_hosts": self.sftp.known_hosts, "config": None}
        known |= {"agent_path": None, "connect_timeout": self.destination.timeout_seconds}
        keys = [self.sftp.key_file] if self.sftp.key_file else None
        return known | {"password": self.password or None, "client_keys": keys}

    def _refused(self, what: str, remedy: str) -> LakehouseError:
        return LakehouseError(what, f"{self.sftp.host}:{self.sftp.port}", remedy)

    def close(self) -> None:
        """Nothing stays open."""


async def _renamed(client: Any, half: str, whole: str) -> None:
    """In one step where the server can, as OpenSSH does; else the older file goes first."""
    import asyncssh

    try:
        await client.posix_rename(half, whole)
    except asyncssh.SFTPOpUnsupported:
        if await client.exists(whole):
            await client.remove(whole)
        await client.rename(half, whole)
