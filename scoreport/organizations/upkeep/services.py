"""Warnings about SAML services whose certificates or metadata expire soon or were not renewed, to program staff."""

import datetime as dt
from typing import Final

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from scoreport.access import Actor
from scoreport.lib.clock import local_date
from scoreport.organizations import telling
from scoreport.organizations.metadata_renewal import EVERY
from scoreport.organizations.models import IdentityProvider
from scoreport.organizations.queries.providers import ends_of
from scoreport.organizations.rules.ends import window_of
from scoreport.organizations.rules.providers import Protocol
from scoreport.organizations.upkeep import once
from scoreport.outbox.rules import MailKind

# One bad day of an address is nobody's work.
_PATIENCE: Final = 2 * EVERY


def warn(actor: Actor, at: dt.datetime) -> int:
    """Send the warnings that are due, each once; return of how many services."""
    today = local_date(at, settings.TIME_ZONE)
    rows = IdentityProvider.objects.filter(is_active=True, protocol=Protocol.SAML.value).order_by("pk")
    return sum(_warn(actor, row, today, at) for row in rows)


def _warn(actor: Actor, row: IdentityProvider, today: dt.date, at: dt.datetime) -> bool:
    """Warn of the day after which nobody signs in by a service any more; tell whether there was anything new."""
    ends = ends_of(row)
    ends_on = local_date(ends, settings.TIME_ZONE) if ends else None
    window = window_of(today, ends_on) if ends_on else None
    keys = []
    if ends_on is not None and window is not None:
        keys.append(f"service:{row.pk}:{ends_on.isoformat()}:{window.days}")
    if row.metadata_problem and row.metadata_fetched_at is not None and row.metadata_fetched_at <= at - _PATIENCE:
        keys.append(f"service-problem:{row.pk}:{row.metadata_fetched_at.isoformat()}")
    if all(once.is_told(key) for key in keys):
        return False
    with transaction.atomic():
        new = [key for key in sorted(keys) if once.claim(key, at)]
        if not new:
            return False
        for reader in telling.staff(at):
            with translation.override(reader.language or settings.LANGUAGE_CODE):
                subject, text = _words(row, ends_on if window else None)
            telling.tell(actor, MailKind.ACCOUNT_NOTICE, reader, at, subject=subject, text=text)
    return True


def _words(row: IdentityProvider, ends_on: dt.date | None) -> tuple[str, str]:
    """Return subject and text of the mail, in the language that is switched on."""
    subject = _("Sign-in with %(name)s needs new metadata") % {"name": row.name}
    lines = []
    if ends_on is not None:
        lines.append(
            _(
                "The settings of the sign-in service %(name)s (%(slug)s) expire on %(day)s. After that nobody can sign"
                " in with it."
            )
            % {"name": row.name, "slug": row.slug, "day": ends_on.isoformat()}
        )
    if row.metadata_problem:
        lines.append(_("Its metadata could not be renewed: %(reason)s") % {"reason": row.metadata_problem})
    lines.append(
        _("Please ask its administrator for the new metadata, and the operator of this installation to set it up:")
        + f"\n\n    scoreport identity-provider set {row.slug} …"
    )
    return subject, "\n\n".join(lines) + "\n"
