"""A session that starts when it is first used: a night in which nothing arrived ends without one."""

import threading
from collections.abc import Callable
from typing import Any, cast

from pyspark.sql import SparkSession


class Later:
    """Stands for a session wherever one is used, and starts it then.

    Args:
        start: gives the session.
        used: called with the session before each use, by the thread that uses it.
    """

    def __init__(self, start: Callable[[], SparkSession], used: Callable[[SparkSession], None] | None = None) -> None:
        self._start, self._lock = start, threading.Lock()
        self._started: SparkSession | None = None
        self.used = used or (lambda _: None)

    def __getattr__(self, name: str) -> Any:
        session = self.session()
        self._use(session)
        return getattr(session, name)

    def _use(self, session: SparkSession) -> None:
        self.used(session)

    def session(self) -> SparkSession:
        """The session itself.

        Raises:
            MachineError: it does not start.
        """
        with self._lock:
            if self._started is None:
                self._started = self._start()
            return self._started

    @property
    def is_there(self) -> bool:
        """Whether it has started."""
        return self._started is not None

    def beside(self, made_of: Callable[[SparkSession], SparkSession]) -> SparkSession:
        """Another session that starts when it is used, made of this one."""
        return cast(SparkSession, Later(lambda: made_of(self.session()), self._use))

    def as_session(self) -> SparkSession:
        """This, where a session is asked for."""
        return cast(SparkSession, self)


def is_there(spark: SparkSession) -> bool:
    """Whether a session has started."""
    return not isinstance(spark, Later) or spark.is_there
