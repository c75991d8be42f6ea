"""Removing organizations that no file has anymore: not while people or other organizations belong to them."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from scoreport.access import Refused
from scoreport.organizations.models import Organization


class StillUsed(Refused):
    """An organization has people, codes or organizations of its own, so it can't be removed."""


def remove(codes: Iterable[str]) -> None:
    """Remove organizations, those at the bottom first. Raises :class:`StillUsed` when anything else belongs to one."""
    gone = set(codes)
    rows = sorted(Organization.objects.filter(code__in=gone), key=lambda row: (-row.lineage.count("/"), row.code))
    for row in rows:
        for relation in Organization._meta.related_objects:
            if relation.related_model._base_manager.filter(**{relation.field.name: row.pk}).exists():  # noqa: SLF001 - finds rows that default managers hide
                message = _(
                    "%(name)s (%(code)s) would be removed, but people, access codes or organizations belong to it."
                    " End or move these first."
                )
                raise StillUsed(message % {"name": row.name, "code": row.code})
        row.delete()
