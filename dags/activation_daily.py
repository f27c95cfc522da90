"""When a night is over: hand its messages over to the destinations, and ask a person first where they are many.

| task | does | when it fails |
|---|---|---|
| count | counts what is due at each destination, and sends nothing | see the log; clear the task |
| is_many | whether any destination has more than its `ask_above` | clear the task |
| ask | waits for a person, who approves or rejects all of it | nobody answered in time: nothing went out |
| is_approved | whether they said yes | clear the task |
| hand_over | sends, each message in its hours, and stays until the last of them | a receiver is away: clear the task |
| keep_rejection | writes down who said no | clear the task |

Who answered what and when is in `activation.delivery_runs` after the next night. A retry is always safe: what was sent
is not sent again. `lakehouse deliver --stop` ends it within one batch.
"""

import json
from datetime import timedelta

from _nightly import NIGHTLY
from airflow.providers.standard.operators.bash import BashOperator
from airflow.providers.standard.operators.hitl import HITLOperator
from airflow.sdk import Asset, chain, dag, task

ANSWER_HOURS = 12
APPROVE = "Approve"
ANSWER = "(ti.xcom_pull(task_ids='ask') or {})"
SAID = '--answered-at "$AT" --plan "$PLAN"'


def deliver(task_id: str, words: str, **options: object) -> BashOperator:
    """`lakehouse deliver` with what a person said, if anybody was asked, in its environment."""
    return BashOperator(
        task_id=task_id,
        bash_command=f'"$LAKEHOUSE" deliver {words}',
        env={
            "LAKEHOUSE": "{{ var.value.lakehouse_home }}/.venv/bin/lakehouse",
            "PLAN": "{{ ti.xcom_pull(task_ids='count') }}",
            "BY": f"{{{{ ({ANSWER}.get('responded_by_user') or {{}}).get('name', '') }}}}",
            "AT": f"{{{{ (({ANSWER}.get('responded_at') or '') | string)[:19] }}}}",
        },
        append_env=True,
        cwd="{{ var.value.lakehouse_home }}",
        **options,
    )


@dag(
    schedule=Asset(name="report.nightly", uri="lakehouse://report/nightly"),
    catchup=False,
    max_active_runs=1,
    default_args=NIGHTLY | {"execution_timeout": timedelta(hours=22)},
    user_defined_filters={"from_json": json.loads},
    tags=["activation", "tier-1"],
    doc_md=__doc__,
)
def activation_daily():  # type: ignore[no-untyped-def]
    """Count, ask where it is many, hand over."""

    @task.branch  # type: ignore[untyped-decorator]
    def is_many(plan: str) -> str:
        return "ask" if json.loads(plan)["asks"] else "hand_over"

    @task.branch  # type: ignore[untyped-decorator]
    def is_approved(answer: dict[str, list[str]]) -> str:
        return "hand_over" if answer["chosen_options"] == [APPROVE] else "keep_rejection"

    count = deliver("count", "--dry-run --format json", do_xcom_push=True)
    ask = HITLOperator(
        task_id="ask",
        subject="May these messages go out?",
        body="{{ (ti.xcom_pull(task_ids='count') | from_json)['text'] }}",
        options=[APPROVE, "Reject"],
        response_timeout=timedelta(hours=ANSWER_HOURS),
        execution_timeout=None,
        retries=0,  # a question that nobody answered is not asked again: nothing goes out
    )
    approved = f'${{BY:+--approved-by "$BY" {SAID}}}'
    hand_over = deliver("hand_over", f"--wait {approved}", trigger_rule="none_failed_min_one_success")
    chain(is_many(count.output), [ask, hand_over])
    chain(is_approved(ask.output), [hand_over, deliver("keep_rejection", f'--rejected-by "$BY" {SAID}')])


activation_daily()
