"""What `make nightly` and `make ui` show and keep."""

import socket
import urllib.request

from lakehouse.setup import nightly, ui
from lakehouse.setup.airflow_store import password, write_settings
from lakehouse.setup.login import Login
from lakehouse.setup.places import Places, environment
from lakehouse.setup.reports_server import serve

HOOK = "[airflow.task.hooks.airflow.providers.apache.spark.hooks.spark_submit.SparkSubmitHook] loc=spark_submit.py:965"
LOG = [
    "2026-11-22T01:16:01Z [info     ] [DAG TEST] starting task_id=load map_index=-1 [airflow.sdk] loc=dag.py:1501",
    f"2026-11-22T01:16:37Z [info     ] Spark-Submit cmd: spark-submit --master local[*] {HOOK}",
    f"2026-11-22T01:16:45Z [info     ] 12s done   3.2s silver.orders   new input [bronze] {HOOK}",
    "2026-11-22T01:16:46Z [info     ] Task instance state updated    [airflow.api] new_state=success",
]


def test_people_see_the_task_and_what_its_jobs_say():
    assert list(nightly.interesting(LOG)) == ["\nload", "  12s done   3.2s silver.orders   new input [bronze]"]


def test_a_drop_zone_with_anything_in_it_gets_no_sample(tmp_path):
    assert nightly.empty(tmp_path)
    assert nightly.empty(tmp_path / "missing")
    (tmp_path / "2026-01-01").mkdir()
    assert not nightly.empty(tmp_path)


def test_every_store_and_cache_of_the_tools_is_inside_the_clone(tmp_path):
    inside = environment(Places(tmp_path))
    for name in ("AIRFLOW_HOME", "MPLCONFIGDIR", "TMPDIR", "SPARK_LOCAL_DIRS", "LAKEHOUSE_HOME", "SPARK_HOME"):
        assert inside[name].startswith(str(tmp_path)), name
    assert inside["MLFLOW_TRACKING_URI"] == f"sqlite:///{tmp_path}/var/mlflow/mlflow.db"


def test_the_login_and_the_keys_survive_a_second_set_up(tmp_path):
    places = Places(tmp_path)
    write_settings(places)
    first = password(places), (places.airflow / "airflow.cfg").read_text()
    write_settings(places)
    assert (password(places), (places.airflow / "airflow.cfg").read_text()) == first


def test_what_holds_secrets_is_readable_by_its_owner_alone(tmp_path):
    places = Places(tmp_path)
    write_settings(places)
    modes = {path.stat().st_mode & 0o077 for path in places.airflow.iterdir()}
    assert modes == {0}


def test_a_taken_port_is_passed_over():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert not ui.is_free(taken.getsockname()[1])


def seen(address: str, login: Login) -> bytes:
    return bytes(
        urllib.request.urlopen(urllib.request.Request(address, headers={"Authorization": login.header})).read()
    )


def test_the_reports_page_links_what_is_there_and_nothing_above_it(tmp_path):
    places = Places(tmp_path)
    (places.var / "reports").mkdir(parents=True)
    (places.var / "reports" / "2017-09-30.html").write_text("the night")
    (places.var / "secret").write_text("no")
    login = Login("admin", "sesame")
    server = serve(places, 0, login)
    address = f"http://127.0.0.1:{server.server_port}"
    try:
        assert "2017-09-30.html" in seen(address, login).decode()
        assert seen(f"{address}/2017-09-30.html", login) == b"the night"
        with socket.create_connection(("127.0.0.1", server.server_port)) as raw:
            raw.sendall(f"GET /../secret HTTP/1.0\r\nHost: localhost\r\nAuthorization: {login.header}\r\n\r\n".encode())
            assert b"404" in raw.recv(200)
    finally:
        server.shutdown()
        server.server_close()
