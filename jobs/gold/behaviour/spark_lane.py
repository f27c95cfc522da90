"""K-means of more customers than one machine should hold: Spark ML, with the interface of the numpy lane.

Centres are ordered as there. The start is k-means|| under the same seed; with the same rows in the same partitions
Spark gives the same centres. On well separated clusters both lanes find the same ones (a test says so).
"""

import numpy as np
from pyspark.sql import DataFrame

from jobs.gold.behaviour.kmeans import Floats

MOST_STEPS = 50


def spark_centres(points: DataFrame, columns: list[str], k: int, seed: int) -> Floats:
    """K centres, in the order of their first coordinates.

    Args:
        points: one row per customer, with these scaled columns.
    """
    from pyspark.ml.clustering import KMeans
    from pyspark.ml.feature import VectorAssembler

    vectors = VectorAssembler(inputCols=columns, outputCol="features").transform(points).select("features")
    fitted = KMeans(k=k, seed=seed, maxIter=MOST_STEPS, initSteps=5).fit(vectors)
    centres = np.array(fitted.clusterCenters())
    return np.asarray(centres[np.lexsort(centres.T[::-1])])
