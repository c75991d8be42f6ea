"""What anybody who has signed in finds out about institutions."""

import pytest

from scoreport.organizations.queries import UnknownOrganization
from scoreport.organizations.queries.institutions import MOST, institution, institutions
from tests.factories.organizations import OrganizationFactory

pytestmark = pytest.mark.django_db


def found(words):
    return [one.address for one in institutions(words)[0]]


def test_names_cities_zip_codes_and_ai_codes_find(world):
    assert found("alder high") == ["470001"]
    assert found("25310 high") == ["470001"]
    assert found("000905") == ["000905"]
    assert found("alder") == ["000905", "470001", "D-ALDER"]
    assert found("state wv juniper") == ["ST"]
    assert found("zzz") == found("") == found(" \x00 ") == []
    one = institution("470001")
    assert (one.name, one.where, one.kind_label, one.ai_code) == (
        "Alder High School", "Alder, WV 25310", "School", "470001",
    )  # fmt: skip
    for address in ("999999", "", "\x00"):
        with pytest.raises(UnknownOrganization):
            institution(address)


def test_so_many_and_no_more():
    OrganizationFactory.create_batch(MOST)
    assert (len(found("school")), institutions("school")[1]) == (MOST, False)
    OrganizationFactory()
    assert (len(found("school")), institutions("school")[1]) == (MOST, True)
