"""Mail as text: a template becomes subject and words, and those become a message on its way."""

from collections.abc import Mapping

from django.conf import settings
from django.core.mail import EmailMessage
from django.template import engines  # noqa: TID251 - mails are rendered here, for every package
from django.template.backends.jinja2 import Jinja2  # noqa: TID251 - likewise
from django.utils import translation


def render(template: str, values: Mapping[str, object], *, language: str) -> tuple[str, str]:
    """Return subject and text of a template in a language: its first line, and what follows the empty one.

    Nothing is escaped as in a page; an undefined name is an error.
    """
    engine = engines["jinja2"]
    assert isinstance(engine, Jinja2)  # noqa: S101 - tells the type checker what the settings say
    with translation.override(language):
        rendered = engine.env.overlay(autoescape=False).get_template(template).render(values)
    subject, _empty, text = rendered.strip().partition("\n\n")
    return " ".join(subject.split()), text.strip() + "\n"


def send(*, to: str, subject: str, text: str, message_id: str) -> None:
    """Hand a message to the mail server; raises what ``smtplib`` raises, or OSError."""
    headers = {"Message-ID": message_id, "Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"}
    EmailMessage(subject=subject, body=text, from_email=settings.DEFAULT_FROM_EMAIL, to=[to], headers=headers).send()
