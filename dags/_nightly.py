"""What both DAGs share: how a step is submitted, retried, ended and reported when it fails."""

import json
import os
import subprocess
import urllib.request
from datetime import timedelta
from pathlib import Path
from typing import Any

import _shared_driver
import psutil
from airflow.providers.apache.spark.operators.spark_submit import SparkSubmitOperator
from airflow.sdk import Asset, Param, Variable
from airflow.sdk.exceptions import AirflowException

TABLES = {  # step -> the tables it publishes; each is an asset, so that other DAGs can wait for it
    "load": (
        "ops.files",
        "ops.column_profiles",
        "ops.volumes",
        "silver.customers",
        "silver.demographics",
        "silver.products",
        "silver.stores",
        "silver.orders",
        "silver.order_lines",
        "silver.interactions",
        "silver.campaigns",
        "silver.campaign_contacts",
        "silver.coupons",
        "silver.coupon_redemptions",
        "silver.consents",
        "silver.feedback",
        "silver.telemetry",
        "silver.points_movements",
    ),
    "identity": (
        "identity.linkage_models",
        "identity.champion_models",
        "identity.comparisons",
        "identity.match_pairs",
        "identity.customer_map",
        "identity.customer_id_ledger",
        "identity.account_moves",
        "identity.review_queue",
        "identity.steward_decisions",
        "identity.pending_model_changes",
        "identity.golden_customers",
        "identity.accounts_before_after",
        "identity.linkage_quality",
        "identity.registered_models",
        "identity.households",
        "identity.organisations",
    ),
    "gold": (
        "gold.customer_order_days",
        "gold.customer_rfm",
        "gold.customer_value",
        "gold.customer_value_models",
        "gold.life_cycle",
        "gold.life_cycle_history",
        "gold.life_cycle_moves",
        "gold.life_cycle_rhythm",
        "gold.behaviour_clusters",
        "gold.behaviour_cluster_models",
        "gold.segment_profile",
        "gold.segment_drift",
        "gold.group_history",
        "gold.segments",
        "gold.segment_history",
        "gold.experiment_results",
        "gold.attribution",
        "gold.loyalty_ledger",
        "gold.loyalty_liability",
        "gold.loyalty_tiers",
        "gold.loyalty_balances",
        "gold.customer_tags",
        "gold.tag_rules",
        "gold.customer_profile",
        "gold.basket_days",
        "gold.basket_itemsets",
        "gold.basket_rules",
        "gold.cross_sell",
        "gold.recommendation_models",
        "gold.recommendation_items",
        "gold.recommendation_evaluation",
        "gold.recommendations",
        "gold.recommendation_exposure",
        "gold.long_tail_customers",
        "gold.follow_on_rules",
        "gold.follow_on_lags",
        "gold.due_now",
        "gold.non_merchandise",
        "gold.channel_performance",
        "gold.sales_weeks",
        "gold.sales_forecast",
        "gold.sales_forecast_accuracy",
        "activation.message_definitions",
        "activation.contactability",
        "activation.contact_preferences",
        "activation.audiences",
        "activation.trigger_firings",
        "activation.funnels",
        "activation.decisions",
        "activation.deliveries",
        "activation.delivery_runs",
    ),
    "models": (
        "models.churn_examples",
        "models.churn_scores",
        "gold.retention_actions",
        "gold.retention_assignments",
        "gold.retention_effects",
        "gold.lead_scores",
        "gold.risk_scores",
        "gold.opportunity_scores",
        "gold.maintenance_reminders",
        "ops.model_health",
    ),
    "report": ("report.nightly", "ops.runs", "ops.quality", "ops.anomalies"),
}


def notify(context: dict[str, Any]) -> None:
    """Post a failure as `{"text": ...}` to the address in the variable lakehouse_notify_url; empty: nobody is told.

    The text names DAG, task and run, never a value of the data.
    """
    address = Variable.get("lakehouse_notify_url", default="")
    if not address.startswith(("http://", "https://")):
        return
    task = context["task_instance"]
    text = f"{task.dag_id}: {task.task_id} failed in {task.run_id}; its log names the table and the remedy"
    body, headers = json.dumps({"text": text}).encode(), {"Content-Type": "application/json"}
    request = urllib.request.Request(address, body, headers)  # noqa: S310 http or https, see above
    urllib.request.urlopen(request, timeout=10).close()  # noqa: S310


NIGHTLY = {
    "owner": "customer-lakehouse",
    # A retry is safe: a step redoes only what is missing. `make nightly` has somebody watching and sets 0.
    "retries": int(os.environ.get("LAKEHOUSE_RETRIES", "2")),
    "retry_delay": timedelta(minutes=1),
    "retry_exponential_backoff": 2,
    "max_retry_delay": timedelta(minutes=30),
    "on_failure_callback": notify,
    "execution_timeout": timedelta(hours=6),
}

RUN_DATE = Param(
    None,
    type=["null", "string"],
    format="date",
    title="Business day",
    description="The day this night closes. Empty: the day after the last night.",
)


# A backfill names its days; its nights run in their order, in whatever order the runs come (`lakehouse run --kind`).
BUSINESS_DAY = "{{ params.run_date or (ds if dag_run.run_type == 'backfill' else '') }}"
KIND = "{{ 'backfill' if dag_run.run_type == 'backfill' else '' }}"


class Step(SparkSubmitOperator):  # type: ignore[misc]
    """A spark-submit whose Python driver ends with it; steps of a night on one machine share one driver."""

    def __init__(self, *, shares_driver: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.shares_driver = shares_driver

    def execute(self, context: Any) -> None:
        """Ask the night's driver for the step where there may be one; else submit it alone."""
        if not self.shares_driver or not self._is_local():
            super().execute(context)
            return
        arguments = [word for word in self.application_args or [] if word is not None]
        code = _shared_driver.run(self._socket(), self._start, arguments, self._home(), self.log.info)
        if code:
            raise AirflowException(f"the step ended with exit code {code}; the lines above name the table and remedy")

    def on_kill(self) -> None:
        """End the driver first: the hook kills spark-submit's Java, and Python below it would run on."""
        for process in [*psutil.Process().children(recursive=True), *self._driver()]:
            process.terminate()
        super().on_kill()

    def _home(self) -> Path:
        return Path(self.application).parents[2]

    def _socket(self) -> Path:
        return self._home() / "var" / "spark" / f"{self.dag_id}.sock"

    def _is_local(self) -> bool:
        connection = self._spark()._connection
        return str(connection["master"]).startswith("local") and connection.get("deploy_mode") != "cluster"

    def _spark(self) -> Any:
        self._hook: Any = self._hook or self._get_hook()
        return self._hook

    def _start(self) -> subprocess.Popen[bytes]:
        """A driver in a session of its own: it outlives this task."""
        hook, home = self._spark(), self._home()
        hook._application_args = ["--serve", str(self._socket()), _shared_driver.stamp(home)]
        command = hook._build_spark_submit_command(self.application)
        log = home / "var" / "logs" / "driver.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as sink:
            return subprocess.Popen(command, cwd=home, stdout=sink, stderr=sink, start_new_session=True)

    def _driver(self) -> list[psutil.Process]:
        """The shared driver's process, where one is there."""
        marks = ("--serve", str(self._socket()))
        every = psutil.process_iter(["cmdline"]) if self.shares_driver else ()
        return [p for p in every if all(mark in (p.info["cmdline"] or ()) for mark in marks)]


# who started the step, for its OpenLineage events: empty where Airflow's own provider is not there or switched off
PARENT = "macros.OpenLineageProviderPlugin"
LINEAGE = ("--lineage-parent", f"{{{{ {PARENT}.lineage_parent_id(task_instance) if {PARENT} is defined else '' }}}}")


def spark_step(step: str, task_id: str | None = None, shares_driver: bool = False) -> Step:
    """One step of a night: its jobs run in one Spark session, which the steps of a night may share."""
    return Step(
        task_id=task_id or step,
        shares_driver=shares_driver,
        name=f"customer-lakehouse {step}",
        application="{{ var.value.lakehouse_home }}/lakehouse/cli/submit.py",
        application_args=[step, "--night", "{{ run_id }}", "--run-date", BUSINESS_DAY, "--kind", KIND, *LINEAGE],
        properties_file="{{ var.value.lakehouse_home }}/var/spark/spark-defaults.conf",
        outlets=[Asset(name=table, uri=f"lakehouse://{table.replace('.', '/')}") for table in TABLES.get(step, ())],
    )
