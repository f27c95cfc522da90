"""The sender of a destination's kind."""

from datetime import date
from pathlib import Path

from jobs.activation.delivering.files import Files, Folder
from jobs.activation.delivering.messages import Target
from jobs.activation.delivering.senders import Sender
from jobs.activation.delivering.webhook import Webhook
from lakehouse.config.layers import Conf


def opened(conf: Conf, target: Target, run_date: date) -> Sender:
    """A destination that is ready to take batches."""
    destination = target.destination
    if destination.webhook:
        hook = destination.webhook
        return Webhook(destination, hook.url, conf.secret(hook.secret) if hook.secret else "")
    assert destination.files, "every other kind has its own lines above"
    return Files(destination, target.name, run_date, Folder(Path(conf.profile.path(destination.files.folder))))
