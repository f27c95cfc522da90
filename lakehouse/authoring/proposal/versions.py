"""Which of several deliveries of one row counts, where a column says when the row was last changed."""

import re

from lakehouse.authoring.proposal.column_forms import forms
from lakehouse.authoring.proposal.plan import Plan

CHANGED = re.compile(
    r"((order|row|record|contact|customer|entry|document|item)_)?(last_)?(update|modified|updated|changed|edited)"
    r"(_(at|on|date|time|datetime|timestamp))?(_(utc|gmt))?"
    r"|(last_)?(update|modification|change|edit)_(date|time|at|on|timestamp)|(date|time)_(updated|modified|changed)(_(utc|gmt))?"
    r"|last_(update|modification|change)|(zuletzt_)?(aktualisiert|geaendert|bearbeitet)(_am)?|(letzte_)?aenderungs?_?(datum|zeit\w*)"
    r"|letzte_aenderung|modifie_le|mis_a_jour_le|date_(de_)?(derniere_)?(modification|maj|mise_a_jour)"
    r"|(fecha_(de_)?)?(ultima_)?(actualizacion|modificacion)|actualizado(_el)?|(data_)?(di_)?(ultima_)?modifica|aggiornato_il"
    r"|data_(da_)?(de_)?(ultima_)?(atualizacao|modificacao)|atualizado_em|(gewijzigd|bijgewerkt)(_op)?|wijzigingsdatum"
    r"|(senast_)?(andrad|aendrad|uppdaterad)|(sidst_)?(aendret|opdateret)|data_(modyfikacji|aktualizacji)|(datum_)?zmeny"
    r"|дата_(изменения|обновления)|изменен|(最后|最近)?(更新|修改)(时间|日期)|(最終)?更新(日|日時|日付|時刻)|(최종)?수정(일|일시|일자)"
)
VERSIONED = ("silver.orders", "silver.customers", "silver.consents")


def version_of(plan: Plan, tables: set[str]) -> dict[str, str]:
    """`version:` for a list of orders or people whose every row says when it was last changed; {} elsewhere."""
    if plan.has("event") or not tables & set(VERSIONED):
        return {}
    for name in plan.sample.names:
        values = plan.values[name]
        is_whole = values.is_date and values.filled == values.rows and name != plan.roles.get("date")
        if is_whole and any(CHANGED.fullmatch(form) for form in forms(name)):
            plan.notes.find(f"of one row in several deliveries the one with the latest {name} counts")
            is_plain = name not in plan.sample.paths and values.dates is not None and values.dates.patterns == ("",)
            return {"version": name if is_plain and not plan.sample.words else plan.read.moment(name)[0]}
    return {}
