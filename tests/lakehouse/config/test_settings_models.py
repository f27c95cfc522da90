"""Settings models: strict, frozen, every fault at once, light to import, named by their jobs."""

import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import ValidationError

from lakehouse.cli.main import main
from lakehouse.config.layers import Conf
from lakehouse.errors import ConfigFileError
from lakehouse.runs import graph, job_modules
from lakehouse.runs.settings_models import model_of, subjects

HEAVY = ("pyspark", "pandas", "numpy", "pyarrow", "sqlglot", "duckdb", "mlflow")
BAD = {
    "basket_rules": "min_support: 5\nlevels: []\nmax_items_per_rule: 1",
    "cross_sell": "recommendations_per_customer: -4\nmin_lift: -1.0\nmax_q_value: 17.0\nlevel: category",
    "customer_rfm": "window_days: -365\nscore_count: 0\nspend_cuts: [.nan]\nrecency_cuts_days: [7, 7]",
    "customer_value": "interval_level: 80\nannual_discount_rate: -3.0\ngross_margin_by_category: {TEA: 2}",
    "identity": "clustering: {join_weight_bits: -50, largest_cluster: -1}\nblocking: {keys: [[]]}",
    "behaviour_clusters": "cluster_counts: []\nevening_from_hour: 25\nclip_at: .inf",
    "sales_forecast": "interval_share: 1.0\nhorizon_weeks: 99999999999999999999",
    "recommendations": "choice: {items_per_customer: -4, slots: {gift: 1}}\nconsent: {needs_agreement: yes please}",
}


def test_check_names_every_fault_of_every_file_with_its_line(tmp_path, capsys):
    for subject, text in BAD.items():
        (tmp_path / f"{subject}.yaml").write_text(text)
    assert main(["check", "--no-preview", "--conf", str(tmp_path)]) == 2
    said = "".join(capsys.readouterr())
    for words in (
        "basket_rules.yaml:1: 'min_support' must be at most 1, and is 5. give a number above 0 to 1",
        "basket_rules.yaml:2: 'levels' must not be empty",
        "basket_rules.yaml:3: 'max_items_per_rule' must be at least 2, and is 1",
        "cross_sell.yaml:1: 'recommendations_per_customer' must be at least 1, and is -4",
        "cross_sell.yaml:2: 'min_lift' must be at least 0, and is -1",
        "cross_sell.yaml:3: 'max_q_value' must be at most 1, and is 17",
        "cross_sell.yaml:4: 'category' is none of department, product_category",
        "customer_rfm.yaml:1: 'window_days' must be at least 1, and is -365",
        "customer_rfm.yaml:2: 'score_count' must be at least 1, and is 0",
        "customer_rfm.yaml:3: item 1 of 'spend_cuts' must be a finite number",
        "customer_rfm.yaml:4: 'recency_cuts_days': 7.0 stands twice",
        "customer_value.yaml:1: 'interval_level' must be less than 1, and is 80",
        "customer_value.yaml:2: 'annual_discount_rate' must be at least 0, and is -3",
        "customer_value.yaml:3: 'TEA' must be at most 1, and is 2",
        "identity.yaml:1: 'join_weight_bits' must be at least -20, and is -50",
        "identity.yaml:1: 'largest_cluster' must be at least 1, and is -1",
        "identity.yaml:2: item 1 of 'keys' must not be empty",
        "behaviour_clusters.yaml:1: 'cluster_counts' must not be empty",
        "behaviour_clusters.yaml:2: 'evening_from_hour' must be at most 24, and is 25",
        "behaviour_clusters.yaml:3: 'clip_at' must be a finite number",
        "sales_forecast.yaml:1: 'interval_share' must be less than 1",
        "sales_forecast.yaml:2: 'horizon_weeks' must be at most 5218, and is 9999999999",
        "recommendations.yaml:1: 'items_per_customer' must be at least 1, and is -4",
        "recommendations.yaml:1: 'gift': 'gift' is none of new, due, repurchase",
        "recommendations.yaml:2: 'needs_agreement' must be true or false",
    ):
        assert said.count(words) == 1, words


@pytest.mark.parametrize(
    ("subject", "text", "words"),
    [
        ("due_now", "due_from_gap_share: 2.0", "due_now.yaml:1: 'due_from_gap_share' must be less than"),
        ("segment_drift", "warn_above: 0.3", "segment_drift.yaml:1: 'warn_above' must be at most 'alarm_above'"),
        ("customer_rfm", "spend_cuts: [500, 50]", "customer_rfm.yaml:1: 'spend_cuts' must ascend. write [50, 500]"),
        ("sales_forecast", "level: department", "must be coarser than 'level', which is department"),
        ("sales_forecast", "history_weeks: 4", "'min_weeks' must be at most 'history_weeks'"),
        ("behaviour_clusters", "evening_to_hour: 9", "'evening_from_hour' must be less than 'evening_to_hour'"),
        ("identity", "clustering: {join_weight_bits: -4}", "'join_weight_bits' must be more than"),
        ("identity", "blocking: {keys: [[emial]]}", "there is no such field. did you mean 'email'?"),
        ("golden_customers", "fill: {from: {suburb: postkode}}", "did you mean 'postcode'?"),
        ("golden_customers", "rules: {emial: [longest]}", "golden_customers.yaml:1: there is no attribute 'emial'"),
        ("churn", "max_training_rows: 10", "'min_examples' must be at most 'max_training_rows'"),
        ("churn", "as_of_anchor: 0001-01-01", "'as_of_anchor' must be at least 1900-01-01"),
        ("life_cycle", "lost: {at_most_days: 610}", "'at_most_days' of lost must be at least that of dormant"),
        ("currency", "rates: {2017-01-02: {usd: 1.0}}", "this is no ISO 4217 code"),
        ("landing", "fallback_encodings: [gbk, utf-9]", "'utf-9' is no encoding"),
        ("compaction", "keep_hours: 1", "must be at least 168"),
        (
            "tags",
            "tags: {x: {version: 1, description: d, owner: o, purpose: service, expires_on: 2020-01-01, "
            "first_purchase_of: {product: A, within_days: 3, of_launch: 2020-02-01}}}",
            "tags.yaml:1: 'expires_on' must be after 'of_launch', which is 2020-02-01",
        ),
        ("identity", "evidence: {keys: {phone: {trust_bits: sure}}}", "must be a number or 'certain'"),
        ("identity", "evidence: {keys: {phone: {trust_bits: 200}}}", "must be at most 100, and is 200 or 'certain'"),
        ("tags", "tags: {likes_category: {purpose: sevice}}", "did you mean 'service'?"),
        ("segments", "segments: {Top-Ten: {description: d, when: order_count > 1}}", "of small letters, digits"),
    ],
)
def test_rules_between_keys_name_the_key_that_should_change(tmp_path, subject, text, words):
    (tmp_path / f"{subject}.yaml").write_text(text)
    with pytest.raises(ConfigFileError) as error:
        Conf([tmp_path]).settings(subject, model_of(subject))
    assert words in error.value.paragraph()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("few_order_below: 3", "stores.yaml:1: unknown key 'few_order_below'. did you mean 'few_orders_below'?"),
        ("few_orders_below: '3'", "stores.yaml:1: 'few_orders_below' must be a whole number. write 3 without quotes"),
        ("few_orders_below: 1e3", "'few_orders_below' must be a whole number. write 1000 without quotes"),
        ("few_orders_below: true", "'few_orders_below' must be a whole number"),
        ("few_orders_below:", "'few_orders_below' must be a whole number"),
        ("few_orders_below: 3.0", "'few_orders_below' must be a whole number"),
    ],
)
def test_nothing_is_coerced_in_silence(tmp_path, text, words):
    (tmp_path / "stores.yaml").write_text(text)
    with pytest.raises(ConfigFileError) as error:
        Conf([tmp_path]).settings("stores", model_of("stores"))
    assert words in error.value.paragraph()


def test_numbers_are_taken_as_texts_and_words_such_as_no_need_quotes(tmp_path):
    (tmp_path / "basket_rules.yaml").write_text("excluded_items: [7, 1.5]")
    assert Conf([tmp_path]).settings("basket_rules", model_of("basket_rules")).excluded_items == ("7", "1.5")
    (tmp_path / "basket_rules.yaml").write_text("excluded_items: [no]")
    with pytest.raises(ConfigFileError, match="words such as no and on need quotes"):
        Conf([tmp_path]).settings("basket_rules", model_of("basket_rules"))


def test_settings_are_frozen_and_replaced_by_valid_ones():
    settings = Conf().settings("stores", model_of("stores"))
    with pytest.raises(ValidationError, match="frozen"):
        settings.few_orders_below = 3
    assert settings.replace(few_orders_below=3).few_orders_below == 3
    with pytest.raises(ValidationError) as error:
        settings.replace(few_orders_below=-123454321)
    assert "123454321" not in str(error.value)  # what a file says never reaches an exception's text


def test_a_field_may_be_called_as_a_mapping_calls_its_own():
    evidence = Conf().settings("identity", model_of("identity")).evidence
    assert evidence.replace(vetoes={}).keys == evidence.keys
    assert evidence.replace(keys={}).keys == {}


def test_every_job_reads_its_subject_by_the_subjects_model():
    for job in graph.jobs():
        if job.conf:
            assert job_modules.load(job).Settings is model_of(job.conf[0]), job.module


def test_models_import_neither_spark_nor_pandas_nor_the_sql_parser():
    names = sorted(subjects())
    code = (
        "import sys\nfrom lakehouse.runs.settings_models import model_of\n"
        f"for name in {names}: model_of(name)\n"
        f"print([m for m in {HEAVY} if m in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path.cwd())
    assert ran.stdout.strip() == "[]"
