"""The tree of organizations."""

from collections.abc import Iterable
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from scoreport.access import PlaceKind
from scoreport.lib.fields import CodeText
from scoreport.lib.text import sort_key
from scoreport.organizations.rules import NO_SCHOOL_CODES, OrganizationInfo, ids_of, reach_of


class OrganizationQuerySet(models.QuerySet["Organization"]):
    """Filters over the tree."""

    def under(self, lineages: Iterable[str]) -> Self:
        """Keep the organizations of these lineages and everything under them."""
        reach = Q(pk__in=())
        for lineage in lineages:
            first, beyond = reach_of(lineage)
            reach |= Q(lineage__gte=first, lineage__lt=beyond)
        return self.filter(reach)

    def matching(self, search: str) -> Self:
        """Keep those whose name or city holds every word, or whose codes begin with the text."""
        words = Q()
        for word in sort_key(search).split():
            words &= Q(sort_name__contains=word)
        typed = search.strip()
        return self.filter(words | Q(ai_code__startswith=typed) | Q(code__istartswith=typed)) if typed else self


class Organization(models.Model):
    """A state, a district, a school or another organization.

    ``code`` is the operator's own id of it (the file's ``organization_id``); ``lineage`` is the
    ids from the root down to itself as ``1/5/9/``, so that "everything under it" is a prefix.
    ``sort_name`` is name and city folded: what lists are sorted and searched by.
    """

    code = CodeText(unique=True)
    kind = CodeText(choices=[(k.value, k.value) for k in PlaceKind])
    name = models.TextField()
    sort_name = CodeText()
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="children")
    lineage = CodeText()
    ai_code = CodeText(blank=True, default="")
    city = models.TextField(blank=True, default="")
    state = CodeText(blank=True, default="")
    zip = CodeText(blank=True, default="")
    time_zone = CodeText(default="America/New_York")
    # Who gets access codes of this organization by email.
    contact_name = models.TextField(blank=True, default="")
    contact_email = CodeText(blank=True, default="")
    # Set when program staff named the contact: no code is emailed to it before this moment.
    contact_codes_from = models.DateTimeField(null=True, blank=True)

    objects: ClassVar = OrganizationQuerySet.as_manager()

    class Meta:
        verbose_name = _("organization")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["ai_code"], condition=~Q(ai_code=""), name="organization_ai_code_once"),
            models.CheckConstraint(
                condition=Q(ai_code="") | Q(ai_code__regex=r"^[0-9]{6}$"), name="organization_ai_code_six_digits"
            ),
            models.CheckConstraint(
                condition=~Q(ai_code__in=sorted(NO_SCHOOL_CODES)), name="organization_ai_code_is_a_school"
            ),
            models.CheckConstraint(condition=Q(kind__in=[k.value for k in PlaceKind]), name="organization_kind_known"),
        ]
        indexes: ClassVar = [models.Index(fields=["lineage"], name="organization_lineage")]

    def __str__(self) -> str:
        return self.name

    @property
    def info(self) -> OrganizationInfo:
        """The organization without the row."""
        return OrganizationInfo(
            id=self.pk,
            code=self.code,
            kind=PlaceKind(self.kind),
            name=self.name,
            ai_code=self.ai_code,
            city=self.city,
            state=self.state,
            zip=self.zip,
            time_zone=self.time_zone,
            lineage=ids_of(self.lineage),
        )
