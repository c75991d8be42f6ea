"""Codes that one member of program staff printed, or mailed elsewhere than to the contact, stop working.

Since 0.3.0 such a delivery needs a second person. A code from before may be in the hands of whoever issued it, so it
is revoked; a new one is issued in a minute. Codes of the operator's commands, and those that went to the contact on
file, go on working.
"""

from datetime import UTC, datetime

from django.db import migrations
from django.db.models import F, Q

REVOKED_BY = "scoreport setup (0.3.0)"
BY_COMMAND = "scoreport "


def fill_issuers(apps, _schema_editor):
    """Keep by number who issued a code that still works, where the account is still found by its address."""
    AccessCode = apps.get_model("organizations", "AccessCode")
    User = apps.get_model("accounts", "User")
    numbers = dict(User.objects.values_list("email", "pk"))
    for code in AccessCode.objects.filter(used_at__isnull=True, revoked_at__isnull=True):
        email = code.issued_by.rpartition("<")[2].rstrip(">").lower()
        if email in numbers:
            AccessCode.objects.filter(pk=code.pk).update(issued_by_id=numbers[email])


def revoke_unapproved(apps, _schema_editor):
    """Revoke what reached, or may have reached, other people than the contact on file."""
    AccessCode = apps.get_model("organizations", "AccessCode")
    unused = AccessCode.objects.filter(used_at__isnull=True, revoked_at__isnull=True)
    elsewhere = unused.filter(Q(sent_to="") | ~Q(sent_to=F("organization__contact_email")))
    numbers = list(elsewhere.exclude(issued_by__startswith=BY_COMMAND).values_list("pk", flat=True))
    AccessCode.objects.filter(pk__in=numbers).update(revoked_at=datetime.now(UTC), revoked_by=REVOKED_BY)


class Migration(migrations.Migration):
    dependencies = [
        ("organizations", "0005_code_delivery"),
        ("accounts", "0001_initial"),
    ]

    operations = [
        migrations.RunPython(fill_issuers, migrations.RunPython.noop),
        migrations.RunPython(revoke_unapproved, migrations.RunPython.noop),
    ]
