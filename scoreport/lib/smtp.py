"""How mails reach the mail server: in a limited time, and with a clear answer whether it has the mail."""

import smtplib
import socket
from typing import Any, Final

from django.core.mail.backends import smtp

from scoreport.lib.time_limit import TimeLimit

SECONDS: Final = 60.0
"""For a whole mail; each answer has the time-out of the settings (``MAILERS``)."""
_WITH_BODY: Final = 2


class AnswerLost(smtplib.SMTPServerDisconnected):
    """The mail was handed over whole, and the server did not say whether it took it."""


class EmailBackend(smtp.EmailBackend):
    """Django's backend, except that a conversation ends in time, and that a mail that was taken is sent.

    Whatever happens while the connection closes, such an email is not sent again.
    """

    @property
    def connection_class(self) -> Any:
        """Return what connects."""
        limit = self._limit

        class Limited(_Connection):
            def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
                made: socket.socket = super()._get_socket(host, port, timeout)  # type: ignore[misc]  # not in the stubs
                limit.watch(made)
                return made

        return Limited

    def send_messages(self, email_messages: Any) -> int:
        """Send messages and return how many were."""
        with TimeLimit(SECONDS) as self._limit:
            return int(super().send_messages(email_messages) or 0)

    def _close_connection(self, connection: smtplib.SMTP) -> None:
        try:
            connection.quit()
        except OSError:  # What smtplib raises descends from it.
            connection.close()


class _Connection(smtplib.SMTP):
    """Tells a connection that broke before a message was handed over from one that broke after it."""

    _sends = 0

    def send(self, s: Any) -> None:
        """Send some bytes."""
        super().send(s)
        self._sends += 1

    def data(self, msg: Any) -> tuple[int, bytes]:
        """Hand over a message; raises :class:`AnswerLost` when the answer to it does not come."""
        self._sends = 0
        try:
            code, words = super().data(msg)
        except smtplib.SMTPDataError:
            raise
        except OSError as error:
            if self._sends < _WITH_BODY:
                raise
            raise AnswerLost(str(error)) from error
        if code == -1:
            message = "The answer of the mail server could not be read."
            raise AnswerLost(message)
        return code, words
