"""Removes counters of tries that no longer matter, so that their tables do not grow."""

import datetime as dt

from scoreport.accounts.limits import remove_expired
from scoreport.organizations.models import CodeTry
from scoreport.organizations.rules.codes import REMEMBERED


def forget_old(at: dt.datetime) -> int:
    """Remove tries of sign-ins and of access codes that no limit counts any more; return how many."""
    codes, _by_model = CodeTry.objects.filter(at__lte=at - REMEMBERED).delete()
    return remove_expired(at) + int(codes)
