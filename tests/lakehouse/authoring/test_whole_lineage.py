"""Every column of gold comes from a column of an export, but for those that are the run's own, each with its reason."""

from pathlib import Path

import pytest

from lakehouse.authoring.lineage import kept
from lakehouse.authoring.lineage.graph import Graph, ends
from lakehouse.config.layers import Conf
from lakehouse.contracts.contract import Contracts

CONF = Conf([Path(__file__).resolve().parents[3] / "conf" / "sample"])
GOLD = [
    f"{table}.{column.name}"
    for table, contract in Contracts(CONF).items()
    if table.startswith("gold.")
    for column in contract.columns
]
DAY = "the day of a run: when something was found, fitted or changed"
LEVEL = "what a row is about (a level of goods, a dimension, a task): a name of ours"
RULE = "what a steward wrote in conf/: a rule's name, text, version, dates"
FIT = "how a fit went: starts, passes, whether it came to an end, in which units"
NUMBER = "a number given out"
SETTING = "a number of conf/"
CHANNEL = "the export's own channel, from its file in conf/"
ENGINE = "what the engine found out of a line or an account, not one of its values"
OWN = {
    DAY: """
        behaviour_cluster_models.run_date behaviour_clusters.since customer_profile.cluster_since
        customer_tags.valid_from customer_tags.unbroken_since customer_value_models.run_date
        customer_value_models.chosen_on follow_on_rules.searched_until follow_on_rules.searched_on
        group_history.valid_from group_history.valid_to life_cycle_history.valid_from life_cycle_history.valid_to
        life_cycle_moves.run_date life_cycle_moves.days_since_last_night life_cycle_rhythm.run_date
        recommendation_evaluation.fitted_on recommendation_evaluation.as_of recommendation_items.fitted_on
        recommendation_models.fitted_on recommendation_models.learned_as_of recommendation_models.judged_as_of
        segment_drift.run_date segment_drift.reference_date segment_history.valid_from segment_history.unbroken_since
        segments.since loyalty_ledger.posted_on loyalty_liability.run_date loyalty_tiers.valid_from
        retention_actions.as_of retention_assignments.as_of retention_effects.as_of""",
    LEVEL: """
        basket_days.level basket_itemsets.level basket_rules.level due_now.item_level due_now.kind
        follow_on_rules.level group_history.dimension non_merchandise.item_level recommendation_evaluation.task
        recommendation_evaluation.method recommendation_evaluation.customer_group
        recommendation_exposure.grouping_name recommendation_models.item_level recommendations.item_level
        sales_forecast.level sales_forecast.height sales_forecast_accuracy.level sales_forecast_accuracy.model
        sales_forecast_accuracy.is_baseline sales_weeks.level sales_weeks.height segment_drift.dimension
        segment_profile.dimension attribution.model experiment_results.metric experiment_results.role
        experiment_results.sequential_kind""",
    RULE: """
        customer_tags.tag customer_tags.rule_version customer_tags.rule_hash segment_history.segment segments.segment
        tag_rules.tag tag_rules.rule_version tag_rules.rule_hash tag_rules.valid_from tag_rules.valid_to
        tag_rules.state tag_rules.description tag_rules.owner tag_rules.purpose tag_rules.definition
        tag_rules.expires_on tag_rules.valid_days tag_rules.min_precision attribution.channel_group
        experiment_results.experiment experiment_results.arm experiment_results.control_arm retention_effects.action""",
    FIT: """
        behaviour_cluster_models.is_new behaviour_cluster_models.clip_at customer_value_models.time_unit
        customer_value_models.money_unit customer_value_models.passes customer_value_models.start_count
        customer_value_models.agreeing_start_count customer_value_models.note life_cycle_rhythm.is_converged
        life_cycle_rhythm.note recommendation_models.fit_hash recommendation_models.is_learned
        recommendation_models.model_version""",
    NUMBER: """
        basket_days.batch_number basket_days.first_itemset basket_itemsets.itemset_number
        behaviour_cluster_models.cluster_id behaviour_clusters.cluster_id customer_profile.cluster_id""",
    SETTING: "follow_on_rules.window_days sales_forecast.weeks_ahead "
    "sales_forecast_accuracy.horizon_weeks loyalty_tiers.control_share",
    CHANNEL: "customer_order_days.channel channel_performance.first_order_customer_count",
    ENGINE: "customer_order_days.incomplete_count customer_profile.is_lead",
}
LANDED = (
    "lead_scores",
    "risk_scores",
    "opportunity_scores",
    "maintenance_reminders",
)  # of the export that a YAML names
REASONS = {f"gold.{name}": reason for reason, names in OWN.items() for name in names.split()}


@pytest.fixture(scope="module")
def graph() -> Graph:
    return kept.known(CONF).graph


def test_every_column_of_gold_reaches_an_exports_column_or_is_the_runs_own_for_a_reason(graph):
    own = {name for name in GOLD if not any(end.startswith("bronze.") for end in ends(graph, name))}
    of_the_run = {name for name in own if name.split(".")[1] not in LANDED}

    assert of_the_run == set(REASONS), {
        "without a reason": sorted(of_the_run - set(REASONS)), "reach an export": sorted(set(REASONS) - of_the_run),
    }  # fmt: skip
    assert len(GOLD) > 4 * len(REASONS)


def test_a_table_that_is_merged_has_the_lineage_of_its_columns_too(graph):
    merged = [table for table, contract in Contracts(CONF).items() if contract.publish_mode == "merge"]
    lost = [
        f"{table}.{column.name}"
        for table in merged
        if table.startswith("gold.")
        for column in Contracts(CONF)[table].columns
        if f"{table}.{column.name}" not in graph.sources
    ]
    assert merged
    assert lost == []
