"""What a run prints for machines."""

import json
import time
from concurrent.futures import ThreadPoolExecutor

from lakehouse.cli import progress
from lakehouse.runs import graph


class Slow:
    """A standard output on which a thread waits between two writes."""

    def __init__(self) -> None:
        self.text = ""

    def write(self, text: str) -> int:
        self.text += text
        time.sleep(0.002)
        return len(text)

    def flush(self) -> None:
        """Nothing is held back."""


def test_jobs_that_start_at_once_have_a_line_each(monkeypatch):
    out, job = Slow(), graph.jobs()[0]
    monkeypatch.setattr("sys.stdout", out)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: progress.listener(True)("start", job, None), range(40)))

    assert [json.loads(line)["job"] for line in out.text.splitlines()] == [job.name] * 40
