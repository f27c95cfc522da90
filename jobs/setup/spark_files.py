"""Spark's settings of the local profile, as the file that spark-submit reads."""

from jobs.config import Conf
from jobs.session import write_properties
from jobs.setup.places import here

if __name__ == "__main__":
    write_properties(Conf().profile, here().spark_properties)
