"""Files in object storage, before a real S3 server: there when all of it is, and again the same."""

from collections.abc import Iterator
from typing import Any

import pytest
from pyarrow import fs

from jobs.activation.settings.destinations import Destination, Files, Storage
from tests import object_store
from tests.activation.delivering.handing import sent
from tests.conftest import RUN_DATE

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    with object_store.served(tmp_path_factory.mktemp("store")) as environment:
        yield environment


def place(environment: dict[str, str], mode: str = "full", **changes: Any) -> Destination:
    said = {"bucket": f"{object_store.BUCKET}/mailing", "endpoint": environment["AWS_ENDPOINT_URL"]}
    said |= {"region": environment["AWS_REGION"], "access_key": "env:STORE_KEY", "secret_key": "env:STORE_SECRET"}
    files = Files(folder="in", format="json_lines", s3=Storage(**{**said, **changes}))
    return Destination(channels="email", files=files, mode=mode, attempts=2, timeout_seconds=5.0)


def test_a_nights_file_is_an_object_and_a_store_that_is_away_waits(lake, store, monkeypatch):
    monkeypatch.setenv("STORE_KEY", store["AWS_ACCESS_KEY_ID"])
    monkeypatch.setenv("STORE_SECRET", store["AWS_SECRET_ACCESS_KEY"])
    assert sent(lake, place(store, "upsert", endpoint="http://127.0.0.1:1")) == {"waits": 20}
    assert sent(lake, place(store)) == {"sent": 20}
    assert sent(lake, place(store)) == {"sent": 20}
    scheme, _, address = store["AWS_ENDPOINT_URL"].partition("://")
    keys = {"access_key": store["AWS_ACCESS_KEY_ID"], "secret_key": store["AWS_SECRET_ACCESS_KEY"]}
    system = fs.S3FileSystem(endpoint_override=address, scheme=scheme, region=store["AWS_REGION"], **keys)
    (found,) = system.get_file_info(fs.FileSelector(f"{object_store.BUCKET}/mailing/in"))
    assert found.base_name == f"crm_{RUN_DATE}.jsonl"
    with system.open_input_stream(found.path) as stream:
        assert len(stream.read().splitlines()) == 20
