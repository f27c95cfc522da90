"""What was so on which days: rows with valid_from and valid_to of which a night writes only those that changed.

The rows of a day D are `valid_from <= D AND (valid_to IS NULL OR valid_to >= D)`. A night that is repeated with other
facts takes back what it had written: rows that it had closed are open again, rows that it had opened become void
(valid_to before valid_from, valid on no day), since a merge by key removes none.
"""

from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True)
class Form:
    """A history's columns beside valid_from, valid_to, split_from and merged_into.

    Args:
        key: what a row is about, customer_id among it.
        told: what is told of it; a new row begins when the first of these changes.
    """

    key: tuple[str, ...]
    told: tuple[str, ...]

    @property
    def columns(self) -> str:
        """All columns of the history."""
        return ", ".join((*self.key, "valid_from", "valid_to", *self.told, "split_from", "merged_into"))

    def of(self, alias: str, names: tuple[str, ...]) -> str:
        """Columns of one table."""
        return ", ".join(f"{alias}.{name}" for name in names)

    def same(self, one: str, other: str) -> str:
        """Whether two rows are about the same."""
        return " AND ".join(f"{one}.{name} = {other}.{name}" for name in self.key)


def history_steps(run_date: date, form: Form) -> dict[str, str]:
    """Named steps over {tonight} (the form's columns), {history} and {ledger}.

    before: the rows that were valid when the night began; opened, closed, reopened, voided: what the night changes.
    """
    last_day = f"DATE '{run_date - timedelta(days=1)}'"
    night = f"DATE '{run_date}'"
    row = f"{form.of('b', form.key)}, b.valid_from"
    told, changed = form.of("b", form.told), f"b.{form.told[0]} <> t.{form.told[0]}"
    nobody = "CAST(NULL AS STRING)"
    return {
        "before": f"""
            SELECT * FROM {{history}}
            WHERE valid_from < {night} AND (valid_to IS NULL OR valid_to >= {last_day})""",
        "opened": f"""
            SELECT {form.of("t", form.key)}, {night} AS valid_from, CAST(NULL AS DATE) AS valid_to,
                   {form.of("t", form.told)}, s.other_customer_id AS split_from, {nobody} AS merged_into
            FROM {{tonight}} t LEFT JOIN {{before}} b ON {form.same("t", "b")}
            LEFT JOIN ({ledger_sql(night, "split", "restored")}) s
                   ON t.customer_id = s.customer_id AND b.customer_id IS NULL
            WHERE b.customer_id IS NULL OR {changed}""",
        "closed": f"""
            SELECT {row}, {last_day} AS valid_to, {told}, b.split_from, m.other_customer_id AS merged_into
            FROM {{before}} b LEFT JOIN {{tonight}} t ON {form.same("b", "t")}
            LEFT JOIN ({ledger_sql(night, "merged")}) m ON b.customer_id = m.customer_id AND t.customer_id IS NULL
            WHERE t.customer_id IS NULL OR {changed}""",
        "reopened": f"""
            SELECT {row}, CAST(NULL AS DATE) AS valid_to, {told}, b.split_from, {nobody} AS merged_into
            FROM {{before}} b JOIN {{tonight}} t ON {form.same("b", "t")}
            WHERE NOT ({changed}) AND b.valid_to IS NOT NULL""",
        "voided": f"""
            SELECT {row}, CAST(date_add(b.valid_from, -1) AS DATE) AS valid_to, {told}, b.split_from, b.merged_into
            FROM {{history}} b LEFT JOIN {{opened}} o ON {form.same("b", "o")} AND b.valid_from = o.valid_from
            WHERE b.valid_from >= {night} AND o.customer_id IS NULL
            AND (b.valid_to IS NULL OR b.valid_to >= b.valid_from)""",
    }


def changes_sql(form: Form) -> str:
    """The rows to merge by the key and valid_from, over the steps."""
    steps = ("opened", "closed", "reopened", "voided")
    return " UNION ALL ".join(f"SELECT {form.columns} FROM {{{step}}}" for step in steps)


def ledger_sql(night: str, *events: str) -> str:
    """The other customer of an event of the night's ledger; of several the first by id."""
    kinds = ", ".join(f"'{event}'" for event in events)
    return (
        "SELECT customer_id, min(other_customer_id) AS other_customer_id FROM {ledger} "
        f"WHERE run_date = {night} AND event IN ({kinds}) GROUP BY customer_id"
    )
