"""Handing over in this process: what it sees of the lake, and a destination that is the receiver of a test."""

from datetime import datetime
from typing import Any

import pyarrow as pa

from jobs.activation.delivering import deliver
from jobs.activation.settings.destinations import Destination, Webhook
from tests.activation.delivering.lake_on_disk import FROM
from tests.activation.delivering.receiver import Receiver
from tests.conftest import RUN_DATE
from tests.gold.memory_lake import MemoryLake


class Tables(MemoryLake):
    """What a hand-over sees of the lake."""

    run_date = RUN_DATE

    def answer(self, query: Any) -> pa.Table:
        return self.fetch(query)


def webhook(receiver: Receiver, **changes: Any) -> Destination:
    hook = {"url": receiver.url, "secret": "env:HOOK_SECRET"}
    said = {"webhook": Webhook(**hook), "channels": "email", "batch_size": 4}
    return Destination(**{**said, "requests_per_second": 1000.0, "timeout_seconds": 0.2, **changes})


def sent(lake: Tables, destination: Destination, at: datetime = FROM, **how: Any) -> dict[str, int]:
    return dict(deliver.deliver(lake.conf, "crm", destination, at, **how))
