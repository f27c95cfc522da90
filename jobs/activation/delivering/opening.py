"""The sender of a destination's kind."""

from datetime import date
from pathlib import Path

from jobs.activation.delivering.files import Files, Folder, Place
from jobs.activation.delivering.mail_server import MailServer
from jobs.activation.delivering.messages import Target
from jobs.activation.delivering.senders import Sender
from jobs.activation.delivering.sftp import SftpFolder
from jobs.activation.delivering.storage import Bucket
from jobs.activation.delivering.topic import Topic
from jobs.activation.delivering.webhook import Webhook
from jobs.activation.settings.destinations import Destination
from jobs.activation.settings.destinations import Files as FileSettings
from jobs.activation.settings.templates import Settings as Templates
from lakehouse.config.layers import Conf


def opened(conf: Conf, target: Target, run_date: date) -> Sender:
    """A destination that is ready to take batches."""
    destination = target.destination
    if hook := destination.webhook:
        return Webhook(destination, hook.url, _secret(conf, hook.secret))
    if smtp := destination.smtp:
        templates = conf.settings("templates", Templates).templates
        smtp = smtp.replace(ca_file=_path(conf, smtp.ca_file))
        return MailServer(destination, smtp, _secret(conf, smtp.password), templates)
    if kafka := destination.kafka:
        kafka = kafka.replace(ca_file=_path(conf, kafka.ca_file))
        return Topic(destination, kafka, _secret(conf, kafka.password))
    assert destination.files, "every other kind has its own lines above"
    return Files(destination, target.name, run_date, _place(conf, destination, destination.files))


def _place(conf: Conf, destination: Destination, files: FileSettings) -> Place:
    if sftp := files.sftp:
        sftp = sftp.replace(known_hosts=_path(conf, sftp.known_hosts), key_file=_path(conf, sftp.key_file))
        return SftpFolder(destination, sftp, files.folder, _secret(conf, sftp.password))
    if s3 := files.s3:
        return Bucket(destination, s3, files.folder, (_secret(conf, s3.access_key), _secret(conf, s3.secret_key)))
    return Folder(Path(conf.profile.path(files.folder)))


def _path(conf: Conf, name: str) -> str:
    """A file that conf names, "" for none."""
    return conf.profile.path(name) if name else ""


def _secret(conf: Conf, reference: str) -> str:
    return conf.secret(reference) if reference else ""
