"""A real SMTP server on loopback (aiosmtpd): over TLS, with a login; it keeps mails, fails, defers and hangs up."""

import email
import email.policy
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from typing import Any, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

PASSWORD = "open sesame"
OK = "250 taken"


class Office:
    """`mood` says what a mail is answered; "lost": it is taken, and the line is cut before the answer."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.over_tls: list[bool] = []
        self.mood: Callable[[int, str], str] = lambda number, to: OK
        self.count = 0
        self.port = 0

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.count += 1
        answer = self.mood(self.count, envelope.rcpt_tos[0])
        if answer in (OK, "lost"):
            self.over_tls.append(session.ssl is not None)
            read = email.message_from_bytes(envelope.content, policy=email.policy.default)
            self.mails.append(cast(EmailMessage, read))
        if answer == "lost":
            server.transport.abort()
        return OK if answer == "lost" else answer

    @property
    def ids(self) -> dict[str, set[str]]:
        """The Message-IDs by address."""
        found: dict[str, set[str]] = {}
        for one in self.mails:
            found.setdefault(str(one["To"]), set()).add(str(one["Message-ID"]))
        return found


def let_in(_server: Any, _session: Any, _envelope: Any, _mechanism: str, told: LoginPassword) -> AuthResult:
    return AuthResult(success=told == LoginPassword(b"shop", PASSWORD.encode()), handled=False)


@contextmanager
def opened(tls: ssl.SSLContext | None) -> Iterator[Office]:
    """A server while it is needed, with STARTTLS and a login where it has a certificate."""
    office = Office()
    sealed = {"tls_context": tls, "require_starttls": True, "authenticator": let_in, "auth_required": True}
    controller = Controller(office, hostname="127.0.0.1", port=0, **(sealed if tls else {}))  # type: ignore[arg-type]
    _on_any_port(controller)
    controller.start()
    office.port = controller.port
    try:
        yield office
    finally:
        controller.stop()


def _on_any_port(controller: Controller) -> None:
    """It calls its own port once to see that it answers: it is told which one the machine gave."""
    call = controller._trigger_server

    def given() -> None:
        controller.port = controller.server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
        call()

    controller._trigger_server = given  # type: ignore[method-assign]
