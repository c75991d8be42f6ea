"""``scoreport identity-provider set|list|remove``: sign-in services of schools and districts."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.urls import reverse
from django.utils.translation import gettext as _

from scoreport.cli.base import Job, ScoreportCommand, readable_file
from scoreport.organizations import idp_metadata
from scoreport.organizations.actions.providers import OpenIdService, remove_provider, set_provider
from scoreport.organizations.metadata_renewal import fetch_service
from scoreport.organizations.queries.providers import providers
from scoreport.organizations.rules.providers import Protocol, ProviderInfo, SamlService


class Command(ScoreportCommand):
    job = Job.ORGANIZATIONS
    help = (
        "Set up, list or remove the sign-in services of schools and districts (OpenID Connect, SAML). A service speaks"
        " for the addresses of its own domains; roles are handed out here as ever."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("act", choices=["set", "list", "remove"], metavar="ACT", help="set, list or remove.")
        parser.add_argument("slug", nargs="?", metavar="SLUG", help="What names the service in addresses: alder.")
        parser.add_argument("--organization", metavar="ID_OR_AI_CODE", help="Whose service it is.")
        parser.add_argument("--protocol", choices=list(Protocol), metavar="PROTOCOL", help=f"{' or '.join(Protocol)}.")
        parser.add_argument("--name", help="How people know the service, such as the name of the district.")
        parser.add_argument(
            "--domain",
            action="append",
            metavar="DOMAIN",
            help="Whose addresses it speaks for; may be given repeatedly.",
        )
        parser.add_argument("--server-url", metavar="URL", help="OpenID Connect: the address of the service (issuer).")
        parser.add_argument("--client-id", metavar="ID", help="OpenID Connect: as whom it knows us.")
        parser.add_argument(
            "--client-secret-file",
            type=readable_file,
            metavar="FILE",
            help="OpenID Connect: the secret that it gave us.",
        )
        parser.add_argument(
            "--trust-email-of-tenant",
            action="append",
            metavar="TENANT_ID",
            help="OpenID Connect with Microsoft Entra ID, which does not say whether an address was verified: count the"
            " addresses of this tenant as verified. An administrator of the tenant can then sign in as anyone with an"
            " address at the service's domains; may be given repeatedly.",
        )
        parser.add_argument(
            "--metadata", type=readable_file, metavar="FILE", help="SAML: the metadata of the service, as a file."
        )
        parser.add_argument(
            "--metadata-url",
            metavar="URL",
            help="SAML: the https address of the metadata, in place of a file; it is fetched again every day, so that a"
            " new certificate needs nobody.",
        )
        parser.add_argument("--json", action="store_true", help="Print the result as JSON.")

    def run(self, *, act: str, slug: str | None, **options: Any) -> str:
        """Do one of the three."""
        if act == "list":
            return self._list(as_json=options["json"])
        if not slug:
            raise CommandError(_("Say which service: scoreport identity-provider %(act)s SLUG") % {"act": act})
        if act == "remove":
            remove_provider(self.actor, slug=slug, at=self.at)
            return _("The sign-in service “%(slug)s” is removed. Accounts and roles stay.") % {"slug": slug}
        return self._set(slug, options)

    def _set(self, slug: str, options: dict[str, Any]) -> str:
        self._require(options, "organization", "protocol", "name", "domain")
        info = set_provider(
            self.actor,
            slug=slug,
            organization=options["organization"],
            name=options["name"],
            domains=options["domain"],
            service=self._service(options),
            at=self.at,
        )
        if options["json"]:
            self.print_json(_as_data(info))
        else:
            for label, address in _addresses(info).items():
                self.print_data(f"{label}: {address}")
        return _("%(name)s now signs in people with addresses at %(domains)s.") % {
            "name": info.name,
            "domains": ", ".join(info.domains),
        }

    def _service(self, options: dict[str, Any]) -> OpenIdService | SamlService:
        if options["protocol"] == Protocol.OPENID_CONNECT:
            self._require(options, "server_url", "client_id", "client_secret_file")
            return OpenIdService(
                server_url=options["server_url"],
                client_id=options["client_id"],
                client_secret=options["client_secret_file"].read_text(encoding="utf-8").strip(),
                tenants=tuple(tenant.strip().lower() for tenant in options["trust_email_of_tenant"] or ()),
            )
        if bool(options["metadata"]) == bool(options["metadata_url"]):
            raise CommandError(_("Give the metadata of the service: either --metadata or --metadata-url."))
        if options["metadata_url"]:
            service = fetch_service(options["metadata_url"], at=self.at)
        else:
            service = idp_metadata.read(options["metadata"].read_bytes(), at=self.at)
        if service.valid_until and not service.metadata_url:
            message = _("The metadata is valid until %(day)s. Export it again before, or use --metadata-url.")
            self.notice(message % {"day": service.valid_until.date().isoformat()})
        return service

    @staticmethod
    def _require(options: dict[str, Any], *names: str) -> None:
        missing = ["--" + name.replace("_", "-") for name in names if not options[name]]
        if missing:
            raise CommandError(_("This is missing: %(options)s.") % {"options": ", ".join(missing)})

    def _list(self, *, as_json: bool) -> str:
        found = providers(self.actor, at=self.at)
        if as_json:
            self.print_json([_as_data(info) for info in found])
        else:
            for info in found:
                self.print_data(f"{info.slug}  {info.protocol}  {info.name}  {', '.join(info.domains)}")
                for line in _state(info, self.at):
                    self.print_data(f"  {line}")
        return _("Sign-in services: %(count)d.") % {"count": len(found)}


def _addresses(info: ProviderInfo) -> dict[str, str]:
    """Return what the service's administrator has to enter there."""
    if info.protocol is Protocol.OPENID_CONNECT:
        return {_("Redirect address"): _absolute("openid_connect_callback", info.slug)}
    return {
        _("Metadata and entity id"): _absolute("saml_metadata", info.slug),
        _("Assertion consumer service (ACS)"): _absolute("saml_acs", info.slug),
    }


def _state(info: ProviderInfo, at: dt.datetime) -> Iterator[str]:
    """Yield what to know of a service: until when it counts, where that is renewed, whom it is trusted with."""
    for certificate in info.certificates:
        word = _("Certificate expires on %(day)s") if certificate.ends_at > at else _("Certificate expired on %(day)s")
        yield word % {"day": certificate.ends_at.date().isoformat()}
    if info.valid_until:
        yield _("Metadata valid until %(day)s") % {"day": info.valid_until.date().isoformat()}
    if info.metadata_url:
        yield _("Metadata renewed from %(url)s") % {"url": info.metadata_url}
    if info.problem:
        yield _("Metadata was not renewed: %(reason)s") % {"reason": info.problem}
    if info.refusal:
        yield _("Nobody can sign in with it now.")
    for tenant in info.tenants:
        yield _("Addresses of tenant %(tenant)s count as verified") % {"tenant": tenant}


def _absolute(name: str, slug: str) -> str:
    return settings.SITE_URL + reverse(name, args=[slug])


def _as_data(info: ProviderInfo) -> dict[str, object]:
    return {
        "slug": info.slug,
        "name": info.name,
        "protocol": info.protocol.value,
        "organization": info.organization_code,
        "domains": list(info.domains),
        "server": info.server,
        "addresses": list(_addresses(info).values()),
        "trusted_tenants": list(info.tenants),
        "certificates_expire": [one.ends_at.isoformat() for one in info.certificates],
        "metadata_valid_until": info.valid_until.isoformat() if info.valid_until else None,
        "metadata_url": info.metadata_url or None,
        "metadata_problem": info.problem or None,
    }
