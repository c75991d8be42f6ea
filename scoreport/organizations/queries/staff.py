"""Who works for the program, now."""

import datetime as dt

from django.conf import settings

from scoreport.access import Role
from scoreport.accounts.models import User
from scoreport.accounts.rules import PersonInfo
from scoreport.lib.clock import local_date


def program_staff(at: dt.datetime) -> tuple[PersonInfo, ...]:
    """Return everybody who is program staff at this moment, by name; unscoped."""
    rows = User.objects.filter(
        is_active=True,
        memberships__role=Role.PROGRAM_STAFF.value,
        memberships__revoked_at__isnull=True,
        memberships__ends_on__gte=local_date(at, settings.TIME_ZONE),
    )
    return tuple(row.info for row in rows.distinct().order_by("name", "id"))
