"""A message as a mail: its template filled with the customer's fields, and what mail programs ask of lists."""

import html
import re
from collections.abc import Mapping
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from urllib.parse import quote

from jobs.activation.delivering.messages import Message
from jobs.activation.settings.destinations import Smtp
from jobs.activation.settings.templates import OF_MESSAGE, PLACE, Template


class UnfitError(Exception):
    """No mail can be made of the message; the text says why, without a personal value."""


def template_name(content: str, item: str | None = None) -> str:
    """The template of a content: its words without the item, `time_for` of `time for {item}`.

    Args:
        item: what stands in the place of {item} by now.
    """
    before, _, after = content.rpartition(item) if item else ("", "", content)
    return "_".join(re.findall(r"[a-z0-9_]+", f"{before} {after}".replace("{item}", " ").lower()))


def mail(one: Message, smtp: Smtp, templates: Mapping[str, Template]) -> EmailMessage:
    """The mail of a message.

    Raises:
        UnfitError: it has no template or no address, or lacks a field that the template needs.
    """
    name = template_name(one.row["content"], one.row["item"])
    if name not in templates:
        raise UnfitError(f"no template {name}")
    template = templates[name]
    values = _values(one, template)
    made = EmailMessage(policy=SMTP)
    made["Subject"] = " ".join(_filled(template.subject, values).split())
    made["From"], made["To"] = smtp.sender, _address(one)
    if smtp.reply_to:
        made["Reply-To"] = smtp.reply_to
    made["Message-ID"] = f"<{one.key}@{smtp.sender.rpartition('@')[2].rstrip('>')}>"
    _unsubscribing(made, smtp, one.key)
    made.set_content(_filled(template.text, values))
    if template.html:
        made.add_alternative(_filled(template.html, {k: html.escape(v) for k, v in values.items()}), subtype="html")
    return made


def _values(one: Message, template: Template) -> dict[str, str]:
    given = {**one.fields, **{name: one.row[name] for name in OF_MESSAGE if name != "key"}, "key": one.key}
    values = {name: given.get(name) or template.fallbacks.get(name) for name in template.fields()}
    for name, value in values.items():
        if value is None:
            raise UnfitError(f"without {name}")
    return {name: str(value) for name, value in values.items()}


def _filled(text: str, values: Mapping[str, str]) -> str:
    return PLACE.sub(lambda place: values[place.group(1)], text)


def _address(one: Message) -> Address:
    try:
        return Address(addr_spec=(one.fields.get("email") or "").strip())
    except (ValueError, MessageError, IndexError):
        raise UnfitError("no mail address") from None


def _unsubscribing(made: EmailMessage, smtp: Smtp, key: str) -> None:
    """One click for programs that offer a button (RFC 8058), a mail for the others (RFC 2369)."""
    ways = []
    if smtp.unsubscribe_url:
        ways.append(f"<{smtp.unsubscribe_url.replace('{key}', quote(key))}>")
        made["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    if smtp.unsubscribe_mail:
        ways.append(f"<mailto:{smtp.unsubscribe_mail}?subject={quote(key)}>")
    made["List-Unsubscribe"] = ", ".join(ways)
