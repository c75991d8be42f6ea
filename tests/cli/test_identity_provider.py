"""``scoreport identity-provider``."""

import json

import pytest

from scoreport.organizations.queries.providers import connections, offer_for
from tests.web.account.saml_service import metadata
from tests.world import AT, ORGANIZATIONS, load

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def tree():
    load(ORGANIZATIONS)


@pytest.fixture
def secret(tmp_path):
    path = tmp_path / "secret"
    path.write_text("top secret\n", encoding="utf-8")
    return path


COMMON = ("--organization", "D-ALDER", "--name", "Alder Connect", "--domain", "alder.example")


def set_openid(scoreport, secret, *more):
    return scoreport(
        "identity-provider", "set", "alder", *COMMON, "--protocol", "openid-connect",
        "--server-url", "https://id.alder.example", "--client-id", "us", "--client-secret-file", secret, *more,
    )  # fmt: skip


def test_openid_connect_is_set_up_and_says_what_the_other_side_needs(scoreport, secret, settings):
    settings.SITE_URL = "https://scores.example"
    said = set_openid(scoreport, secret)
    assert said.out == "Redirect address: https://scores.example/account/oidc/alder/login/callback/\n"
    assert (said.code, said.err) == (0, "Alder Connect now signs in people with addresses at alder.example.\n")
    assert connections(AT)[0].secret == "top secret"
    listed = scoreport("identity-provider", "list", "--json")
    assert json.loads(listed.out) == [
        {
            "slug": "alder",
            "name": "Alder Connect",
            "protocol": "openid-connect",
            "organization": "D-ALDER",
            "domains": ["alder.example"],
            "server": "https://id.alder.example",
            "addresses": ["https://scores.example/account/oidc/alder/login/callback/"],
            "trusted_tenants": [],
            "certificates_expire": [],
            "metadata_valid_until": None,
            "metadata_url": None,
            "metadata_problem": None,
        }
    ]
    assert "top secret" not in said.out + said.err + listed.out
    assert scoreport("identity-provider", "list").out == "alder  openid-connect  Alder Connect  alder.example\n"


def test_saml_is_set_up_from_a_file(scoreport, tmp_path, settings):
    settings.SITE_URL = "https://scores.example"
    path = tmp_path / "metadata.xml"
    path.write_text(metadata(), encoding="utf-8")
    said = scoreport("identity-provider", "set", "alder", *COMMON, "--protocol", "saml", "--metadata", path)
    assert said.out.splitlines() == [
        "Metadata and entity id: https://scores.example/account/saml/alder/metadata/",
        "Assertion consumer service (ACS): https://scores.example/account/saml/alder/acs/",
    ]
    path.write_text("<html/>", encoding="utf-8")
    said = scoreport("identity-provider", "set", "alder", *COMMON, "--protocol", "saml", "--metadata", path)
    assert (said.code, said.out) == (1, "")
    assert "lacks the entity id" in said.err


def test_removing_ends_it(scoreport, secret):
    set_openid(scoreport, secret)
    assert "Accounts and roles stay" in scoreport("identity-provider", "remove", "alder").out
    assert offer_for("ann@alder.example") is None
    said = scoreport("identity-provider", "remove", "alder")
    assert (said.code, said.err) == (1, "There is no sign-in service “alder”.\n")


def test_what_is_missing_is_named(scoreport, secret):
    said = scoreport("identity-provider", "set", "alder", "--protocol", "saml", "--name", "A")
    assert (said.code, said.err) == (1, "This is missing: --organization, --domain.\n")
    said = scoreport("identity-provider", "set", "alder", *COMMON, "--protocol", "openid-connect")
    assert said.err == "This is missing: --server-url, --client-id, --client-secret-file.\n"
    said = scoreport("identity-provider", "set", "alder", *COMMON, "--protocol", "saml")
    assert "either --metadata or --metadata-url" in said.err
    assert "Say which service" in scoreport("identity-provider", "remove").err
    assert connections(AT) == ()
