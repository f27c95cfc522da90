"""A model that was trained anew changes no customer in passing: what it would regroup is listed first.

Until the change is applied, pairs of accounts that nothing new is known of keep the weights of the model before.
"""

from dataclasses import dataclass
from datetime import date

from jobs.identity.matching.lanes import Lane
from jobs.identity.settings.identity import Settings


@dataclass(frozen=True)
class Change:
    """What becomes of a new model tonight.

    reason: for the ledger, where it is applied; note: for the night's report; is_none: it regroups nobody.
    """

    reason: str
    note: str
    is_none: bool = False


def is_another(lane: Lane, model: str) -> bool:
    """Whether pairs that another model scored are in force."""
    others = f"SELECT 1 AS one FROM pairs_before WHERE coalesce(model, '') <> '{model}' LIMIT 1"
    return bool(lane.fetch(others).num_rows)


def is_due(lane: Lane, conf: Settings, run_date: date, model: str) -> bool:
    """Whether everybody must be regrouped tonight by another model than the one in force: to list it or to apply it.

    Also makes `pending`, what is listed already.
    """
    lane.make("pending", f"SELECT * FROM listed WHERE model = '{model}'")
    return not _is_listed(lane, run_date) or _may_apply(lane, conf, run_date, model)


def _is_listed(lane: Lane, run_date: date) -> bool:
    return bool(
        lane.fetch(f"SELECT count(*) AS n FROM pending WHERE listed_on < DATE '{run_date}'").to_pylist()[0]["n"]
    )


def _may_apply(lane: Lane, conf: Settings, run_date: date, model: str) -> bool:
    """Approved, or listed on an earlier night and small enough."""
    approved = lane.fetch(
        "SELECT count(*) AS n FROM decisions WHERE decision = 'apply_model' AND withdrawn_on IS NULL "
        f"AND account_id_left = 'model:{model}'"
    ).to_pylist()[0]["n"]
    if approved or conf.model_changes.apply == "approved":
        return bool(approved) and _is_listed(lane, run_date)
    share = lane.fetch("SELECT min(kept_share) AS share FROM pending").to_pylist()[0]["share"]
    return _is_listed(lane, run_date) and share is not None and share >= conf.model_changes.least_kept_share


def waiting(lane: Lane, model: str) -> Change:
    """A change that is listed and may not be applied tonight."""
    customers = lane.fetch("SELECT count(DISTINCT customer_id) AS n FROM pending").to_pylist()[0]["n"]
    return Change(
        "",
        f"the model {model} waits: it would change {customers:,} customers, see "
        "identity.pending_model_changes and 'lakehouse decide --apply-model'",
    )


def judge(lane: Lane, conf: Settings, run_date: date, model: str) -> Change:
    """Compare `clusters` (by the new model) with `assigned` (by what is in force), and list the differences."""
    may_apply = _may_apply(lane, conf, run_date, model)
    listed_on = lane.fetch("SELECT min(listed_on) AS day FROM pending").to_pylist()[0]["day"]
    _differences(lane, run_date, model)
    found = lane.fetch("SELECT count(*) AS rows, min(kept_share) AS share FROM pending").to_pylist()[0]
    if not found["rows"]:
        return Change("", "", is_none=True)
    if may_apply:
        lane.make("pending", "SELECT * FROM pending WHERE 1 = 0")
        return Change(f"model {model}, listed on {listed_on}", f"the model {model} was applied to all accounts")
    return Change(
        "",
        f"the model {model} would change {1 - found['share']:.2%} of the customers: listed in "
        "identity.pending_model_changes, not applied yet",
    )


def _differences(lane: Lane, run_date: date, model: str) -> None:
    """Make `pending`: a row per customer that would be parted, or joined to another."""
    lane.make(
        "shares_of",
        """
        SELECT a.customer_id, coalesce(c.cluster, a.account_id) AS proposed, count(*) AS accounts
        FROM assigned a LEFT JOIN clusters c ON a.account_id = c.account_id
        GROUP BY a.customer_id, coalesce(c.cluster, a.account_id)""",
    )
    lane.make(
        "differing",
        """
        SELECT customer_id, 'split' AS change, '' AS other_customer_id, sum(accounts) AS account_count
        FROM shares_of GROUP BY customer_id HAVING count(*) > 1
        UNION ALL
        SELECT o.customer_id, 'merge', f.first_id, o.accounts FROM shares_of o JOIN (
            SELECT proposed, min(customer_id) AS first_id FROM shares_of GROUP BY proposed HAVING count(*) > 1) f
        ON o.proposed = f.proposed WHERE o.customer_id <> f.first_id""",
    )
    lane.make(
        "pending",
        f"""
        SELECT '{model}' AS model, d.customer_id, d.change, d.other_customer_id,
               CAST(d.account_count AS INT) AS account_count, DATE '{run_date}' AS listed_on,
               1 - CAST(t.touched AS DOUBLE) / n.customers AS kept_share
        FROM differing d
        CROSS JOIN (SELECT count(*) AS touched FROM (SELECT customer_id FROM differing UNION
                    SELECT other_customer_id FROM differing WHERE other_customer_id <> '') x) t
        CROSS JOIN (SELECT count(DISTINCT customer_id) AS customers FROM assigned) n""",
    )
