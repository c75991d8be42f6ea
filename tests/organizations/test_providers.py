"""Sign-in services: set up by the operator, one for a domain, and speaking for nobody else."""

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from allauth.socialaccount.models import SocialAccount
from django.db import IntegrityError, transaction

from scoreport.access import ANONYMOUS, NotAllowed
from scoreport.audit.queries import events_of
from scoreport.audit.rules import Verb
from scoreport.organizations import idp_metadata
from scoreport.organizations.actions.providers import (
    AssertionUsed,
    NotVouchedFor,
    OpenIdService,
    ProviderRefused,
    UnknownProvider,
    admit,
    remove_provider,
    set_provider,
    use_assertion,
)
from scoreport.organizations.models import IdentityProvider, ProviderDomain, UsedAssertion
from scoreport.organizations.queries import UnknownOrganization, providers
from scoreport.organizations.rules.providers import Protocol
from tests.web.account.saml_service import metadata, pair

pytestmark = pytest.mark.django_db

SERVICE = OpenIdService(server_url="https://id.alder.example/", client_id="us", client_secret="top secret")


def set_up(actor, at, **changes):
    given: dict[str, Any] = {
        "slug": "alder",
        "organization": "D-ALDER",
        "name": "Alder Connect",
        "domains": ["Alder.example."],
        "service": SERVICE,
    }
    return set_provider(actor, at=at, **given | changes)


def come(at, **changes):
    told: dict[str, Any] = {
        "slug": "alder",
        "uid": "1",
        "email": "ann@alder.example",
        "is_verified": True,
        "name": "Ann",
    }
    return admit(ANONYMOUS, at=at, **told | changes)


def test_a_service_is_set_up_listed_and_removed(world, operator, at):
    info = set_up(operator, at)
    assert (info.slug, info.protocol, info.organization, info.domains, info.server) == (
        "alder",
        Protocol.OPENID_CONNECT,
        "Alder School District",
        ("alder.example",),
        "https://id.alder.example",
    )
    assert providers.providers(operator, at=at) == (info,)
    remove_provider(operator, slug="alder", at=at)
    assert providers.providers(operator, at=at) == ()
    with pytest.raises(UnknownProvider, match="alder"):
        remove_provider(operator, slug="alder", at=at)
    assert [event.facts.verb for event in events_of(limit=2)] == [Verb.PROVIDER_REMOVED, Verb.PROVIDER_SET]


def test_its_secret_is_stored_sealed_and_read_for_the_conversation_only(world, operator, at):
    info = set_up(operator, at)
    assert "top secret" not in IdentityProvider.objects.get().sealed_secret
    assert "top secret" not in repr(info)
    assert "top secret" not in repr(events_of(limit=1))
    (connection,) = providers.connections(at)
    assert connection.secret == "top secret"
    IdentityProvider.objects.update(sealed_secret="sealed with another key")
    assert [one.secret for one in providers.connections(at)] == [""]


@pytest.mark.parametrize("name", ["amy", "max", "pat", "nora"])
def test_nobody_but_the_operator_sets_up_services(actor, operator, at, name):
    with pytest.raises(NotAllowed, match="Only the operator"):
        set_up(actor(name), at)
    set_up(operator, at)
    with pytest.raises(NotAllowed):
        providers.providers(actor(name), at=at)
    with pytest.raises(NotAllowed):
        remove_provider(actor(name), slug="alder", at=at)
    assert len(providers.providers(operator, at=at)) == 1


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"slug": "Alder High"}, "cannot stand in addresses"),
        ({"slug": "saml"}, "cannot stand in addresses"),
        ({"slug": "openid-connect"}, "cannot stand in addresses"),
        ({"name": " "}, "needs the name"),
        ({"domains": []}, "at least one domain"),
        ({"domains": ["ann@alder.example"]}, "is not a domain"),
        ({"domains": ["alder"]}, "is not a domain"),
        ({"domains": ["*.alder.example"]}, "is not a domain"),
        ({"domains": ["alder.example", "gmail.com"]}, "Anybody can have an address at gmail.com"),
        ({"service": OpenIdService("http://id.alder.example", "us", "x")}, "not encrypted"),
        ({"service": OpenIdService("https://id.alder.example", "", "x")}, "client id"),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence(world, operator, at, change, sentence):
    with pytest.raises(ProviderRefused, match=sentence):
        set_up(operator, at, **change)
    assert not IdentityProvider.objects.exists()
    set_up(operator, at)


def test_an_organization_must_be_there(world, operator, at):
    with pytest.raises(UnknownOrganization):
        set_up(operator, at, organization="NOWHERE")


def test_a_domain_has_one_service(world, operator, at):
    set_up(operator, at)
    with pytest.raises(ProviderRefused, match=r"alder\.example belong to another"):
        set_up(operator, at, slug="birch", organization="D-BIRCH", domains=["birch.example", "ALDER.example"])
    assert [info.slug for info in providers.providers(operator, at=at)] == ["alder"]
    with pytest.raises(IntegrityError), transaction.atomic():
        ProviderDomain.objects.create(provider=IdentityProvider.objects.get(), domain="alder.example")
    set_up(operator, at, domains=["alder.example", "alder.test"])
    (info,) = providers.providers(operator, at=at)
    assert info.domains == ("alder.example", "alder.test")
    set_up(operator, at, domains=["alder.test"])
    set_up(operator, at, slug="birch", organization="D-BIRCH")
    offer = providers.offer_for("Ann@ALDER.example")
    assert offer is not None
    assert offer.slug == "birch"
    assert providers.offer_for("ann@sub.alder.example") is None
    assert providers.offer_for("alder.example") is None


def test_a_service_admits_its_own_people_only(world, operator, at):
    set_up(operator, at)
    ann = come(at)
    assert come(at, email="bob@alder.example") == ann
    for change, sentence in (
        ({"email": "amy@juniper.example", "uid": "2"}, "does not speak for the address amy@juniper.example"),
        ({"email": "amy@juniper.example"}, "does not speak for"),
        ({"email": "amy@juniper.example@alder.example.evil.example", "uid": "2"}, "does not speak for"),
        ({"is_verified": False, "uid": "2"}, "has not checked"),
        ({"email": " ", "uid": "2"}, "did not say"),
    ):
        with pytest.raises(NotVouchedFor, match=sentence):
            come(at, **change)
    assert SocialAccount.objects.count() == 1
    with pytest.raises(UnknownProvider):
        come(at, slug="birch")


def test_a_domain_that_was_taken_away_opens_no_linked_account(world, operator, at):
    set_up(operator, at)
    come(at)
    set_up(operator, at, domains=["alder.test"])
    with pytest.raises(NotVouchedFor, match=r"ann@alder\.example"):
        come(at, email="ann@alder.test")


def test_another_server_under_the_same_name_is_another_service(world, operator, at):
    set_up(operator, at)
    come(at)
    set_up(operator, at, name="Alder ID")
    assert SocialAccount.objects.count() == 1
    set_up(operator, at, service=OpenIdService("https://id.other.example", "us", "x"))
    assert SocialAccount.objects.count() == 0


def several(*documents: str) -> bytes:
    """Return the metadata of a federation."""
    inner = "".join(document.partition("?>")[2] for document in documents)
    return f'<EntitiesDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata">{inner}</EntitiesDescriptor>'.encode()


def test_metadata_is_read_and_what_is_none_is_refused(world, operator, at):
    service = idp_metadata.read(metadata().encode(), at=at)
    assert (service.entity_id, service.sso_url, len(service.certificates)) == (
        "https://idp.alder.example/metadata",
        "https://idp.alder.example/sso",
        1,
    )
    assert set_up(operator, at, service=service).protocol is Protocol.SAML
    for xml, sentence in (
        (b"no xml at all", "no XML"),
        (b"<EntityDescriptor xmlns='urn:oasis:names:tc:SAML:2.0:metadata'/>", "lacks"),
        (b"<html/>", "lacks"),
        (metadata("http://idp.alder.example/sso").encode(), "not encrypted"),
        (metadata(more='validUntil="2026-11-20T00:00:00Z"').encode(), "expired on 2026-11-20"),
        (metadata(more='validUntil="soon"').encode(), "not a valid end"),
        (metadata(more='cacheDuration="a while"').encode(), "not a valid time to keep"),
        (
            metadata(certificates=[pair(days=-1000)[1]]).encode(),
            "All signing certificates of the metadata",
        ),
        (metadata().replace("MII", "???", 1).encode(), "cannot be read"),
        (several(metadata(), metadata(entity="https://other.example/")), "several services"),
        (b"<a>" + b"b" * 1_000_000 + b"</a>", "too large"),
    ):
        with pytest.raises(idp_metadata.MetadataRefused, match=sentence):
            idp_metadata.read(xml, at=at)


def test_every_certificate_is_kept_with_its_end_and_shown(world, operator, at):
    old, new = pair(days=60)[1], pair(days=600)[1]
    xml = metadata(certificates=[old, new, old], more='validUntil="2027-01-01T00:00:00Z" cacheDuration="PT6H"')
    service = idp_metadata.read(xml.encode(), at=at)
    assert [one.ends_at > at for one in service.certificates] == [True, True]
    assert (service.valid_until, service.cache_seconds) == (dt.datetime(2027, 1, 1, tzinfo=dt.UTC), 6 * 3600)
    info = set_up(operator, at, service=service)
    assert [one.ends_at for one in info.certificates] == sorted(one.ends_at for one in service.certificates)[::-1]
    later = max(one.ends_at for one in service.certificates)
    assert [len(providers.connections(when)[0].certificates) for when in (at, later)] == [2, 0]
    assert providers.connections(at)[0].refusal == ""
    assert "have expired" in providers.connections(dt.datetime(2027, 1, 1, tzinfo=dt.UTC))[0].refusal
    assert "have expired" in providers.providers(operator, at=later)[0].refusal


@pytest.mark.parametrize("tenant", ["alder.example", "common", "9188040d-6c67-4c5b-b112-36a304b66dad", "{tenantid}"])
def test_only_a_tenant_of_one_school_or_district_is_trusted(world, operator, at, tenant):
    with pytest.raises(ProviderRefused, match="not the id of a tenant"):
        set_up(operator, at, service=replace(SERVICE, tenants=(tenant,)))
    mine = "0f6a3b1c-1111-2222-3333-444455556666"
    assert set_up(operator, at, service=replace(SERVICE, tenants=(mine,))).tenants == (mine,)
    assert set_up(operator, at).tenants == ()


def test_a_statement_is_taken_once(world, operator, at):
    set_up(operator, at)
    later = at + dt.timedelta(minutes=10)

    def use(assertion: str, when: dt.datetime = at) -> None:
        use_assertion(ANONYMOUS, slug="alder", assertion=assertion, ends_at=when + dt.timedelta(minutes=10), at=when)

    use("_1")
    use("_2")
    with pytest.raises(AssertionUsed):
        use("_1")
    with pytest.raises(UnknownProvider):
        use_assertion(ANONYMOUS, slug="birch", assertion="_3", ends_at=later, at=at)
    assert UsedAssertion.objects.count() == 2
    assert "_1" not in UsedAssertion.objects.values_list("digest", flat=True)
    use("_3", later)
    assert UsedAssertion.objects.count() == 1
