"""The DAGs as Airflow parses them, in a home of their own."""

import os
import tempfile

# Airflow reads its home once, when it is first imported.
os.environ.setdefault("AIRFLOW_HOME", tempfile.mkdtemp(prefix="airflow-"))
os.environ["AIRFLOW__CORE__LOAD_EXAMPLES"] = "False"
