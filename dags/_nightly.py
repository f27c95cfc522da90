"""What both DAGs share: how a step is submitted, retried, ended and reported when it fails."""

import json
import os
import urllib.request
from datetime import timedelta
from typing import Any

import psutil
from airflow.providers.apache.spark.operators.spark_submit import SparkSubmitOperator
from airflow.sdk import Asset, Param, Variable

TABLES = {  # step -> the tables it publishes; each is an asset, so that other DAGs can wait for it
    "load": (
        "ops.files",
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
        "gold.channel_performance",
        "gold.sales_weeks",
        "gold.sales_forecast",
        "gold.sales_forecast_accuracy",
        "activation.audiences",
    ),
    "models": ("models.churn_examples", "models.churn_scores"),
    "report": ("report.nightly", "ops.runs", "ops.quality"),
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
    request = urllib.request.Request(address, json.dumps({"text": text}).encode(), {"Content-Type": "application/json"})
    urllib.request.urlopen(request, timeout=10).close()


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


class Step(SparkSubmitOperator):
    """A spark-submit whose Python driver ends with it."""

    def on_kill(self) -> None:
        """End the driver first: the hook kills spark-submit's Java, and Python below it would run on."""
        for process in psutil.Process().children(recursive=True):
            process.terminate()
        super().on_kill()


def spark_step(step: str, task_id: str | None = None) -> Step:
    """One step of a night: one Spark application that runs its jobs in one session."""
    return Step(
        task_id=task_id or step,
        name=f"customer-lakehouse {step}",
        application="{{ var.value.lakehouse_home }}/lakehouse/cli/submit.py",
        application_args=[step, "--night", "{{ run_id }}", "--run-date", "{{ params.run_date or '' }}"],
        properties_file="{{ var.value.lakehouse_home }}/var/spark/spark-defaults.conf",
        outlets=[Asset(name=table, uri=f"lakehouse://{table.replace('.', '/')}") for table in TABLES.get(step, ())],
    )
