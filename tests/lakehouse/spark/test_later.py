"""A session that nothing uses does not start; what uses it is counted as if it had been there."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from lakehouse.errors import MachineError
from lakehouse.ops.counters import ZERO, Counters
from lakehouse.spark.later import Later, is_there


def test_a_session_starts_once_when_it_is_used_whoever_uses_it(spark):
    started = []
    later = Later(lambda: started.append(1) or spark)
    beside = later.beside(lambda session: session.newSession())
    assert not is_there(later.as_session())
    assert started == []

    with ThreadPoolExecutor(4) as pool:
        counts = list(pool.map(lambda n: later.range(n).count(), range(4)))

    assert (counts, started) == ([0, 1, 2, 3], [1])
    assert beside.range(3).count() == 3
    assert is_there(later.as_session())
    assert is_there(spark)


def test_a_session_that_does_not_start_says_so_to_each_that_uses_it():
    later = Later(lambda: (_ for _ in ()).throw(MachineError("Java did not start", "JAVA_HOME", "install it")))

    for _ in range(2):
        with pytest.raises(MachineError, match="Java did not start"):
            later.range(1)


def test_the_jobs_of_a_session_that_starts_within_a_block_belong_to_it(spark):
    later = Later(lambda: spark)
    counters = Counters(later.as_session())

    with counters.group("idle") as idle:
        pass
    assert idle == ZERO
    assert not later.is_there
    for times in (1, 2):
        with counters.group("busy") as counted:
            for _ in range(times):
                later.range(10).write.format("noop").mode("overwrite").save()
        assert counted["spark_jobs"] == times
    spark.range(1).count()  # in no block

    assert counters._jobs("busy") is not None
    assert len(counters._jobs("busy")) == 3
