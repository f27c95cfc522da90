"""What was so on which days: rows with valid_from and valid_to of which a night writes only those that changed.

The rows of a day D are `valid_from <= D AND (valid_to IS NULL OR valid_to >= D)`. A night that is repeated with other
facts takes back what it had written: rows that it had closed are open again, rows that it had opened become void
(valid_to before valid_from, valid on no day), since a merge by key removes none.
"""

from datetime import date, timedelta


def history_steps(run_date: date) -> dict[str, str]:
    """Named steps over {tonight} (customer_id, state, since), {history} and {ledger}.

    before: the rows that were valid when the night began; opened, closed, reopened, voided: what the night changes.
    """
    last_day = f"DATE '{run_date - timedelta(days=1)}'"
    night = f"DATE '{run_date}'"
    columns = "b.customer_id, b.valid_from"
    kept = "b.state, b.since, b.split_from"
    return {
        "before": f"""
            SELECT * FROM {{history}}
            WHERE valid_from < {night} AND (valid_to IS NULL OR valid_to >= {last_day})""",
        "opened": f"""
            SELECT t.customer_id, {night} AS valid_from, CAST(NULL AS DATE) AS valid_to, t.state, t.since,
                   s.other_customer_id AS split_from, CAST(NULL AS STRING) AS merged_into
            FROM {{tonight}} t LEFT JOIN {{before}} b ON t.customer_id = b.customer_id
            LEFT JOIN ({ledger_sql(night, "split", "restored")}) s
                   ON t.customer_id = s.customer_id AND b.customer_id IS NULL
            WHERE b.customer_id IS NULL OR b.state <> t.state""",
        "closed": f"""
            SELECT {columns}, {last_day} AS valid_to, {kept}, m.other_customer_id AS merged_into
            FROM {{before}} b LEFT JOIN {{tonight}} t ON b.customer_id = t.customer_id
            LEFT JOIN ({ledger_sql(night, "merged")}) m ON b.customer_id = m.customer_id AND t.customer_id IS NULL
            WHERE t.customer_id IS NULL OR b.state <> t.state""",
        "reopened": f"""
            SELECT {columns}, CAST(NULL AS DATE) AS valid_to, {kept}, CAST(NULL AS STRING) AS merged_into
            FROM {{before}} b JOIN {{tonight}} t ON b.customer_id = t.customer_id
            WHERE b.state = t.state AND b.valid_to IS NOT NULL""",
        "voided": f"""
            SELECT {columns}, CAST(date_add(b.valid_from, -1) AS DATE) AS valid_to, {kept}, b.merged_into
            FROM {{history}} b LEFT JOIN {{opened}} o
                 ON b.customer_id = o.customer_id AND b.valid_from = o.valid_from
            WHERE b.valid_from >= {night} AND o.customer_id IS NULL
            AND (b.valid_to IS NULL OR b.valid_to >= b.valid_from)""",
    }


def changes_sql() -> str:
    """The rows to merge by customer_id and valid_from, over the steps."""
    columns = "customer_id, valid_from, valid_to, state, since, split_from, merged_into"
    return " UNION ALL ".join(
        f"SELECT {columns} FROM {{{step}}}" for step in ("opened", "closed", "reopened", "voided")
    )


def ledger_sql(night: str, *events: str) -> str:
    """The other customer of an event of the night's ledger; of several the first by id."""
    kinds = ", ".join(f"'{event}'" for event in events)
    return (
        "SELECT customer_id, min(other_customer_id) AS other_customer_id FROM {ledger} "
        f"WHERE run_date = {night} AND event IN ({kinds}) GROUP BY customer_id"
    )
