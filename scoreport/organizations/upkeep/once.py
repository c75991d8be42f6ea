"""Telling things once: a notice is a row with a unique key, which only one transaction can write."""

import datetime as dt
from typing import Any

from django.db.models import CharField, Exists, F, OuterRef, QuerySet, TextField, Value
from django.db.models.functions import Cast, Concat

from scoreport.organizations.models import Membership, Notice


def claim(key: str, at: dt.datetime) -> bool:
    """Tell whether this transaction is the one that tells a thing.

    Two at once: the second waits for the first one's end, and finds the row. Claim in the order of keys, before any
    event is recorded, so that two runs never wait for each other.
    """
    return Notice.objects.get_or_create(key=key, defaults={"at": at})[1]


def is_told(key: str) -> bool:
    """Tell whether a thing was told already, without a transaction; :func:`claim` decides."""
    return Notice.objects.filter(key=key).exists()


def key_of_role(kind: str, row: Membership, *more: object) -> str:
    """Return the key of something told of a role and its end: once the end is another one, it is told anew."""
    return ":".join(map(str, (kind, row.pk, row.ends_on.isoformat(), *more)))


def untold(rows: QuerySet[Membership], kind: str, *more: object) -> QuerySet[Membership]:
    """Keep the roles about which this was not told yet: :func:`key_of_role` in SQL, so that old ones cost nothing."""
    text: Any = TextField()
    parts = [Value(f"{kind}:"), Cast(F("pk"), text), Value(":"), Cast(F("ends_on"), text)]
    parts += [Value("".join(f":{one}" for one in more))]
    keyed = rows.annotate(notice_key=Concat(*parts, output_field=CharField()))
    return keyed.filter(~Exists(Notice.objects.filter(key=OuterRef("notice_key"))))
