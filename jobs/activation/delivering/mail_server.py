"""Mails over SMTP, one after the other in one connection, each with its receipt before the next.

A reply that is lost after the server accepted leads to the same mail once more, with the same Message-ID.
"""

import smtplib
import ssl
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from email.message import EmailMessage

from jobs.activation.delivering.mails import UnfitError, mail
from jobs.activation.delivering.messages import DEAD, SENT, SKIPPED, Message
from jobs.activation.delivering.pauses import pause_seconds
from jobs.activation.delivering.senders import Answered, UnreachableError
from jobs.activation.settings.destinations import Destination, Smtp
from jobs.activation.settings.templates import Template
from lakehouse.errors import LakehouseError

CLOSING = 421  # the server ends the connection (RFC 5321, 3.8)


@dataclass
class MailServer:
    """One destination's mails.

    Args:
        password: of the account; "" for none.
    """

    destination: Destination
    smtp: Smtp
    password: str
    templates: Mapping[str, Template]
    sleep: Callable[[float], None] = time.sleep
    last: float = 0.0
    connection: smtplib.SMTP | None = field(default=None, init=False)
    unsure: set[str] = field(default_factory=set, init=False)

    def send(self, batch: Sequence[Message]) -> Iterator[Answered]:
        """Each mail with what became of it.

        Raises:
            UnreachableError: the server does not answer.
        """
        for one in batch:
            try:
                yield self._sent(one, mail(one, self.smtp, self.templates))
            except UnfitError as unfit:
                yield [one], DEAD, str(unfit), 0

    def _sent(self, one: Message, made: EmailMessage) -> Answered:
        code = 0
        for attempt in range(1, self.destination.attempts + 1):
            code = self._answer(made, one.key)
            if code < 300 and code:
                return [one], SENT, "", attempt
            if code >= 500:
                return [one], DEAD, f"refused with {code}", attempt
            if attempt < self.destination.attempts:
                self.sleep(pause_seconds(attempt))
        if code in (0, CLOSING):
            raise UnreachableError(f"no answer after {self.destination.attempts} attempts", self.unsure)
        return [one], SKIPPED, f"deferred with {code}", self.destination.attempts

    def _answer(self, made: EmailMessage, key: str) -> int:
        """The server's code for the mail, 0 without an answer; a mail that it may have all the same is `unsure`."""
        wait = self.last + 1 / self.destination.requests_per_second - time.monotonic()
        if wait > 0:
            self.sleep(wait)
        self.last = time.monotonic()
        try:
            self.connection = self.connection or self._connected()
            self.connection.send_message(made)
            return 250
        except smtplib.SMTPRecipientsRefused as refused:
            return self._after(next(iter(refused.recipients.values()))[0])
        except smtplib.SMTPNotSupportedError:
            return 553  # the address has characters that the server cannot take (RFC 6531)
        except smtplib.SMTPResponseException as answer:
            if answer.smtp_code < 0:  # no reply that can be read
                self.unsure.add(key)
            return self._after(answer.smtp_code)
        except (OSError, smtplib.SMTPException):
            if self.connection is not None:
                self.unsure.add(key)
            self.close()
            return 0

    def _after(self, code: int) -> int:
        """The code; a connection that the server ends is opened anew."""
        if code == CLOSING or code < 0:
            self.close()
        return max(0, code)

    def _connected(self) -> smtplib.SMTP:
        smtp, seconds = self.smtp, self.destination.timeout_seconds
        trusted = ssl.create_default_context(cafile=smtp.ca_file or None)
        try:
            if smtp.tls == "implicit":
                made: smtplib.SMTP = smtplib.SMTP_SSL(smtp.host, smtp.port, timeout=seconds, context=trusted)
            else:
                made = smtplib.SMTP(smtp.host, smtp.port, timeout=seconds)
            if smtp.tls == "starttls":
                made.starttls(context=trusted)
            if smtp.user:
                made.login(smtp.user, self.password)
        except ssl.SSLCertVerificationError:
            raise self._refused("the mail server's certificate is not trusted", "name its issuer in ca_file") from None
        except smtplib.SMTPNotSupportedError:
            raise self._refused("the mail server offers no TLS, or no login", "see tls and port") from None
        except smtplib.SMTPAuthenticationError:
            raise self._refused("the mail server refuses the login", "see user and password") from None
        return made

    def _refused(self, what: str, remedy: str) -> LakehouseError:
        return LakehouseError(what, f"{self.smtp.host}:{self.smtp.port}", remedy)

    def close(self) -> None:
        """End the connection."""
        if self.connection is not None:
            self.connection.close()
            self.connection = None
