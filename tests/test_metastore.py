"""A night's tables have their names in a Hive metastore, where any other session finds them."""

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from lakehouse.config.layers import Conf
from lakehouse.runs import steps
from lakehouse.runs.graph import STEPS
from tests import cluster, kiosk, metastore
from tests.conftest import places

QUERY = "SELECT count(*), sum(spend) FROM gold.customer_rfm"
ASK = """
import sys
from pathlib import Path
from lakehouse.config.layers import Conf
from lakehouse.spark.session import start

spark = start(Conf([Path(sys.argv[1])]).profile, "another session")
print("found:", *spark.sql(sys.argv[2]).first())
print("names:", *sorted(row.namespace for row in spark.sql("SHOW SCHEMAS").collect()))
"""


@pytest.mark.slow
@pytest.mark.timeout(1500)
def test_another_session_asks_for_a_nights_tables_by_their_names(spark, tmp_path):
    company, drop = kiosk.write(tmp_path)
    here = places(tmp_path) | {"drop": str(drop), "event_logs": ""}
    assert steps.run(Conf([company], overrides=here), list(STEPS)).is_good
    with metastore.served(tmp_path) as address:
        settings = {"spark.sql.catalogImplementation": "hive", "spark.hadoop.hive.metastore.uris": address}
        profile = {**here, "register_catalog": "spark_catalog.", "spark": {**cluster.FEW_ROWS, **settings}}
        layer = tmp_path / "layer" / "profiles" / "local.yaml"
        layer.parent.mkdir(parents=True)
        layer.write_text(yaml.safe_dump(profile))
        done = cluster.night(company, layer.parents[1])
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]

        words = [sys.executable, "-c", ASK, str(layer.parents[1]), QUERY]
        asked = subprocess.run(words, capture_output=True, text=True, check=False, cwd=tmp_path)

    assert asked.returncode == 0, asked.stderr[-3000:]
    table = spark.read.format("delta").load(f"{here['lake']}/gold/customer_rfm")
    expected = table.selectExpr("count(*)", "sum(spend)").first()
    found, names = (line.split()[1:] for line in asked.stdout.splitlines() if line.startswith(("found:", "names:")))
    assert found == [str(value) for value in expected]
    assert expected[0] > 0
    assert {"bronze", "silver", "identity", "gold", "models", "ops"} <= set(names)
    assert not any(Path(name).exists() for name in ("metastore_db", "derby.log"))
