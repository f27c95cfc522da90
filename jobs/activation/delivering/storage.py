"""Files in object storage that speaks S3: an object is there when all of it is."""

import re
from dataclasses import dataclass
from typing import Any

from pyarrow import fs

from jobs.activation.delivering.senders import UnreachableError
from jobs.activation.settings.destinations import Destination, Storage

NOT_REACHED = re.compile(r"curlCode: [67]\b")  # no such host, or no connection: as the client below says it


@dataclass(frozen=True)
class Bucket:
    """A bucket, or a part of it.

    Args:
        keys: access key and secret key; "" for what the machine has.
    """

    destination: Destination
    storage: Storage
    folder: str
    keys: tuple[str, str] = ("", "")

    def put(self, name: str, content: bytes) -> None:
        """The object as a whole, in place of one of that name.

        Raises:
            UnreachableError: the store takes nothing now.
        """
        path = "/".join(part.strip("/") for part in (self.storage.bucket, self.folder, name) if part)
        try:
            with self._system().open_output_stream(path) as stream:
                stream.write(content)
        except OSError as error:
            unsure = () if NOT_REACHED.search(str(error)) else None
            raise UnreachableError(f"the store does not take the file ({type(error).__name__})", unsure) from None

    def _system(self) -> fs.S3FileSystem:
        seconds = self.destination.timeout_seconds
        known: dict[str, Any] = {"connect_timeout": seconds, "request_timeout": seconds}
        if self.storage.endpoint:
            scheme, _, place = self.storage.endpoint.rpartition("://")
            known |= {"endpoint_override": place, "scheme": scheme or "https"}
        if self.keys[0]:
            known |= {"access_key": self.keys[0], "secret_key": self.keys[1]}
        retries = fs.AwsStandardS3RetryStrategy(max_attempts=self.destination.attempts)
        return fs.S3FileSystem(region=self.storage.region or None, retry_strategy=retries, **known)

    def close(self) -> None:
        """Nothing stays open."""
