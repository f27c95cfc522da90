"""Spark's settings of the local profile, as the file that spark-submit reads."""

from lakehouse.config.layers import Conf
from lakehouse.setup.places import here
from lakehouse.spark.session import write_properties

if __name__ == "__main__":
    write_properties(Conf().profile, here().spark_properties)
