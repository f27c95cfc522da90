"""What is wrong with destinations beyond the form of their YAML: mails that no template is for."""

from collections.abc import Iterator

from jobs.activation.delivering.mails import template_name
from jobs.activation.occasions import definitions
from jobs.activation.settings.destinations import Settings as Destinations
from jobs.activation.settings.templates import Settings as Templates
from lakehouse.config.findings import nearest
from lakehouse.config.layers import Conf
from lakehouse.errors import ConfigError, ConfigFileError


def all_faults(conf: Conf, subject: str) -> Iterator[ConfigError]:
    """Contents of audiences and triggers by a channel that goes out as mails, and that have no template."""
    if subject != "destinations":
        return
    try:
        mailed = {
            channel: name
            for name, one in conf.settings("destinations", Destinations).destinations.items()
            for channel in one.channels
            if one.smtp
        }
        known = conf.settings("templates", Templates).templates if mailed else {}
        messages = [(s, n, one) for s in definitions.KINDS for n, one in definitions.messages(conf, s).items()]
    except ConfigFileError as several:
        yield from several.errors
        return
    for of, name, message in messages if mailed else ():
        wanted = template_name(message.content)
        if wanted not in known and set(message.channels) & set(mailed):
            where = conf.document(of).where((of, name, "content"))
            remedy = nearest(wanted, known) or f"add templates/{wanted}.yaml, or channels without mails"
            yield ConfigError(f"{name}: there is no template '{wanted}' to mail it by", where, remedy)
