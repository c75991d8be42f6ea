"""Who works for the program, now or until lately."""

import datetime as dt

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db.models import Q, QuerySet

from scoreport.access import Role
from scoreport.accounts.models import User
from scoreport.accounts.rules import PersonInfo, normalized_email
from scoreport.lib.clock import local_date
from scoreport.organizations.models import Membership


def program_staff(at: dt.datetime) -> tuple[PersonInfo, ...]:
    """Return everybody who is program staff at this moment, by name; unscoped."""
    rows = User.objects.filter(
        is_active=True,
        memberships__role=Role.PROGRAM_STAFF.value,
        memberships__revoked_at__isnull=True,
        memberships__ends_on__gte=local_date(at, settings.TIME_ZONE),
    )
    return tuple(row.info for row in rows.distinct().order_by("name", "id"))


def held_staff_role(person_id: int, *, since: dt.datetime) -> bool:
    """Tell whether a person is program staff, or was at any time from ``since`` on; unscoped."""
    return _held_since(since).filter(user_id=person_id).exists()


def staff_addresses(*, since: dt.datetime) -> frozenset[str]:
    """Return every verified or sign-in address of those who are program staff, or were from ``since`` on; unscoped."""
    people = _held_since(since).values("user_id")
    own = User.objects.filter(pk__in=people).values_list("email", flat=True)
    verified = EmailAddress.objects.filter(user_id__in=people).values_list("email", flat=True)
    return frozenset(normalized_email(email) for email in (*own, *verified))


def _held_since(since: dt.datetime) -> QuerySet[Membership]:
    """Return the roles of program staff that had not ended before ``since``."""
    first_day = local_date(since, settings.TIME_ZONE)
    return Membership.objects.filter(
        Q(revoked_at__isnull=True) | Q(revoked_at__gte=since), role=Role.PROGRAM_STAFF.value, ends_on__gte=first_day
    )
