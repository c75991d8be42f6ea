"""Organizations by the dozen, and roles in them."""

import datetime as dt

from factory.declarations import LazyAttribute, Sequence, SubFactory
from factory.django import DjangoModelFactory

from scoreport.access import PlaceKind, Role
from scoreport.lib.text import sort_key
from scoreport.organizations.models import Membership, Organization
from scoreport.organizations.rules import lineage_text
from tests.factories.accounts import UserFactory


class OrganizationFactory(DjangoModelFactory[Organization]):
    """A school, or what ``kind`` says, under ``parent``."""

    class Meta:
        model = Organization

    code = Sequence("ORG-{}".format)
    kind = PlaceKind.SCHOOL.value
    name = Sequence("School {}".format)
    sort_name = LazyAttribute(lambda row: sort_key(f"{row.name} {row.city}"))
    city = "Alder"

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        """Store the row, then the lineage that needs its id."""
        made = super()._create(model_class, *args, **kwargs)
        above = made.parent.info.lineage if made.parent else ()
        made.lineage = lineage_text((*above, made.pk))
        made.save(update_fields=["lineage"])
        return made


class MembershipFactory(DjangoModelFactory[Membership]):
    """A role that lasts until the end of the academic year after this one."""

    class Meta:
        model = Membership

    user = SubFactory(UserFactory)
    organization = SubFactory(OrganizationFactory)
    role = Role.DETAILED_REPORTS.value
    granted_by = "tests"
    granted_at = dt.datetime(2026, 7, 1, 12, tzinfo=dt.UTC)
    ends_on = dt.date(2028, 6, 30)
