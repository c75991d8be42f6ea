"""Metadata is renewed from its address by itself only while it speaks for the service that is trusted already."""

import datetime as dt
from dataclasses import replace

import pytest

from scoreport.access import job
from scoreport.audit.queries import events_of
from scoreport.audit.rules import Verb
from scoreport.lib import safe_fetch
from scoreport.organizations import idp_metadata, metadata_renewal
from scoreport.organizations.actions.providers import set_provider
from scoreport.organizations.metadata_renewal import EVERY, renew_due
from scoreport.organizations.models import IdentityProvider
from scoreport.organizations.queries.providers import connections, providers
from scoreport.organizations.upkeep import services
from scoreport.outbox.models import Mail
from tests.web.account.saml_service import CERTIFICATE, OTHER_CERTIFICATE, metadata, pair
from tests.world import AT, OPERATOR

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world")]

URL = "https://idp.alder.example/metadata.xml"
ACTOR = job("upkeep")
DAY = dt.timedelta(days=1)


class Site:
    """The address of the metadata, as the world sees it."""

    def __init__(self, text: str) -> None:
        self.text, self.asked = text, 0

    def __call__(self, url: str) -> bytes:
        assert url == URL
        self.asked += 1
        if not self.text:
            message = "The address answers nothing."
            raise idp_metadata.MetadataRefused(message)
        return self.text.encode()


def set_up(text: str, *, at: dt.datetime = AT, url: str = URL) -> None:
    service = idp_metadata.read(text.encode(), at=at)
    set_provider(
        OPERATOR, slug="alder", organization="D-ALDER", name="Alder Portal", domains=["alder.example"],
        service=replace(service, metadata_url=url), at=at,
    )  # fmt: skip


@pytest.fixture
def site(monkeypatch) -> Site:
    """Serve metadata with the one certificate that is trusted."""
    made = Site(metadata(more='cacheDuration="PT1H"'))
    set_up(made.text)
    return made


def certificates() -> int:
    return len(connections(AT)[0].certificates)


def test_a_new_certificate_beside_the_old_one_is_taken_and_then_alone(site):
    site.text = metadata(certificates=[CERTIFICATE, OTHER_CERTIFICATE])
    assert renew_due(ACTOR, AT + EVERY, fetch=site) == 1
    assert certificates() == 2
    site.text = metadata(certificates=[OTHER_CERTIFICATE])
    assert renew_due(ACTOR, AT + 2 * EVERY, fetch=site) == 1
    assert certificates() == 1
    event = events_of(limit=1)[0].facts
    assert (event.verb, event.actor, event.detail["is_renewed"]) == (Verb.PROVIDER_SET.value, "upkeep", True)


def test_it_is_asked_for_once_a_day_and_nothing_new_changes_nothing(site):
    for hours in (1, 23, 24, 25, 47, 48):
        assert renew_due(ACTOR, AT + dt.timedelta(hours=hours), fetch=site) == 0
    assert site.asked == 2
    assert len(events_of(verb=Verb.PROVIDER_SET.value)) == 1


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (metadata(entity="https://evil.example/"), "of another service now"),
        (metadata("https://evil.example/sso"), r"to another host, evil\.example"),
        (metadata(certificates=[OTHER_CERTIFICATE]), "None of the certificates"),
        (metadata(more='validUntil="2026-11-01T00:00:00Z"'), "expired on"),
        ("<html/>", "lacks"),
        ("", "answers nothing"),
    ],
)
def test_what_another_may_have_written_needs_the_operator(site, text, sentence):
    before = IdentityProvider.objects.get().settings
    site.text = text
    assert renew_due(ACTOR, AT + EVERY, fetch=site) == 0
    row = IdentityProvider.objects.get()
    assert row.settings == before
    assert sentence.replace("\\", "") in row.metadata_problem
    (info,) = providers(OPERATOR, at=AT)
    assert info.problem == row.metadata_problem
    if text.startswith("<?xml") and "2026-11-01" not in text:
        set_up(text)
        assert IdentityProvider.objects.get().metadata_problem == ""


def test_an_old_certificate_that_has_expired_vouches_for_nothing(site):
    old = pair(days=30)[1]
    set_up(metadata(certificates=[old]))
    later = dt.datetime.now(dt.UTC) + 31 * DAY
    site.text = metadata(certificates=[old, OTHER_CERTIFICATE])
    assert renew_due(ACTOR, later, fetch=site) == 0
    assert "None of the certificates" in IdentityProvider.objects.get().metadata_problem


def test_metadata_that_is_overdue_lets_nobody_in(site):
    """It says that it may be kept for an hour; a week without the address is forgiven."""
    site.text = ""
    for day in range(1, 8):
        renew_due(ACTOR, AT + day * EVERY, fetch=site)
    assert connections(AT + 7 * DAY - dt.timedelta(seconds=1))[0].refusal == ""
    assert "have expired" in connections(AT + 7 * DAY)[0].refusal
    site.text = metadata(more='cacheDuration="PT1H"')
    assert renew_due(ACTOR, AT + 8 * DAY, fetch=site) == 0
    assert connections(AT + 8 * DAY)[0].refusal == ""


def test_a_service_that_was_set_up_anew_meanwhile_is_left_alone(site):
    def slow(_url: str) -> bytes:
        set_up(metadata(certificates=[OTHER_CERTIFICATE]), url="https://idp.alder.example/new.xml")
        return metadata(certificates=[CERTIFICATE]).encode()

    assert renew_due(ACTOR, AT + EVERY, fetch=slow) == 0
    assert IdentityProvider.objects.get().metadata_url.endswith("new.xml")
    assert connections(AT)[0].certificates[0].x509 in "".join(OTHER_CERTIFICATE.split())


def test_a_file_is_fetched_from_nowhere(site):
    set_up(metadata(), url="")
    assert renew_due(ACTOR, AT + 2 * EVERY, fetch=site) == 0
    assert site.asked == 0


# --- Warnings ---------------------------------------------------------------------------------------------


def mails() -> list[str]:
    return [mail.to for mail in Mail.objects.filter(kind="account-notice").order_by("pk")]


def test_program_staff_are_warned_30_14_and_3_days_before():
    set_up(metadata(certificates=[pair(days=100)[1]]), url="")
    ends = connections(AT)[0].certificates[0].ends_at
    told = {}
    for days in range(40, -1, -1):
        count = len(mails())
        for hour in (1, 2):
            services.warn(ACTOR, ends - days * DAY - dt.timedelta(hours=hour))
        if new := mails()[count:]:
            told[days] = new
    assert list(told) == [30, 14, 3]
    assert all(to == ["pat@juniper.example"] for to in told.values())


def test_what_is_renewed_every_day_is_no_warning_and_what_is_not_is_one(site):
    for day in range(1, 4):
        renew_due(ACTOR, AT + day * EVERY, fetch=site)
        services.warn(ACTOR, AT + day * EVERY)
    assert mails() == []
    site.text = ""
    for day in range(4, 10):
        renew_due(ACTOR, AT + day * EVERY, fetch=site)
        services.warn(ACTOR, AT + day * EVERY)
    assert 1 <= len(mails()) <= 3


def test_an_address_that_is_refused_is_a_sentence(monkeypatch):
    def refuse(*_args: object, **_options: object) -> bytes:
        message = "x is in a private network."
        raise safe_fetch.FetchRefused(message)

    monkeypatch.setattr("scoreport.organizations.metadata_renewal.safe_fetch.fetch", refuse)
    with pytest.raises(idp_metadata.MetadataRefused, match="private network"):
        metadata_renewal.fetch_service(URL, at=AT)
