"""Lists whose file's name says that their people refuse marketing: suppression lists, do-not-call registers."""

import re

from lakehouse.authoring.proposal.column_forms import plain
from lakehouse.authoring.proposal.plan import Plan

REFUSING = re.compile(
    r"unsub(scri\w*|s|bed)?|opt(ed)?_?outs?|do_?not_?(call|mail|e_?mail|contact|market|send|text|disturb)|dn[cm]|dnc_?list"
    r"|no_(mail|calls?|contact|marketing|sms)|suppress(ion|ions|ed)?|(black|block|stop|deny)_?list(ed|e)?|robinson\w*"
    r"|sperr(liste|datei|vermerke?|e)|\w*(werbe|kontakt|mailing)_?(sperre|widerspruch|widersprueche)\w*|widerspr(uch|ueche)\w*"
    r"|abmeld(ungen|ung|er)|abbestell\w*|abgemeldete?|ausgetragene?|austragungen|negativliste"
    r"|desabonn\w*|desinscri\w*|desinscription|oppositions?|bloctel|liste_rouge|stop_(pub|sms)|refus"
    r"|bajas?|lista_(robinson|negra|de_bajas)|no_(llamar|contactar|molestar|enviar)|desuscri\w*"
    r"|disiscri\w*|cancellazioni|opposizioni|registro_(delle_)?opposizioni|lista_nera"
    r"|descadastr\w*|nao_(perturbe|contatar|enviar|ligar)|cancelamentos_newsletter|optouts?"
    r"|afmeld\w*|uitgeschreven|uitschrijv\w*|bel_me_niet|avregistr\w*|avprenumer\w*|avmeld\w*|afmeldte?|nixtelefon|frameldte?"
    r"|wypisan\w*|wypisy|lista_robinsona|odhlas\w*|leiratkoz\w*|tiltolista|dezabon\w*|odjav\w*|отпис\w*|отказ\w*|стоп_?лист\w*"
    r"|退订\w*|退訂\w*|拒收\w*|黑名单|黑名單|勿扰\w*|\w*(配信停止|配信拒否|受信拒否|退会)\w*|\w*(수신거부|080거부)\w*"
)
DIGITS = re.compile(r"[\d.\-]+")


def refuses_by_name(plan: Plan) -> bool:
    """Whether the file, or the member of an archive, is called a list of people who refuse."""
    names = [plan.sample.path.name, plan.sample.member]
    return any(
        _is_register(plain(DIGITS.sub(" ", name.rpartition("/")[2].partition(".")[0]))) for name in names if name
    )


def _is_register(name: str) -> bool:
    """Whether the name, or a run of its words, is a register's."""
    words = name.split("_")
    runs = ("_".join(words[at:end]) for at in range(len(words)) for end in range(at + 1, len(words) + 1))
    return any(REFUSING.fullmatch(run) for run in runs)
