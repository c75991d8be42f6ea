"""``scoreport access-code issue|bulk|revoke``."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from scoreport.cli.base import Job, ScoreportCommand
from scoreport.lib.clock import local_date
from scoreport.organizations.actions.codes import issue, issue_many, revoke
from scoreport.organizations.rules.codes import IssuedCode, Tool
from scoreport.web.desk_access import letters

_TOOLS = tuple(tool.value for tool in Tool)


class Command(ScoreportCommand):
    job = Job.ORGANIZATIONS
    help = (
        "Issue access codes, singly or in bulk, and revoke them. A code lets the first access manager of an institution"
        " in; it is printed or mailed once and stored nowhere."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        kinds = parser.add_subparsers(
            dest="act", required=True, metavar="ACT", help="What to do: issue, bulk or revoke."
        )
        one = kinds.add_parser("issue", help="Issue a code for one institution and print it.")
        one.add_argument("--organization", required=True, metavar="ID_OR_AI_CODE", help="The institution.")
        one.add_argument("--send", action="store_true", help="Mail it to the contact on file as well.")
        one.add_argument("--replace", action="store_true", help="Revoke its earlier codes that nobody has used.")
        many = kinds.add_parser("bulk", help="Issue a code for an organization and for each one under it.")
        which = many.add_mutually_exclusive_group(required=True)
        which.add_argument("--under", metavar="ID_OR_AI_CODE", help="The organization.")
        which.add_argument("--all", action="store_true", help="Instead of --under: every organization on file.")
        many.add_argument(
            "--only-without-manager", action="store_true", help="Only those without an access manager of their own."
        )
        many.add_argument("--only-with-contact", action="store_true", help="Only those with a contact on file.")
        many.add_argument(
            "--send",
            action="store_true",
            help="Mail each code to the contact on file; alone, those without one are left out.",
        )
        many.add_argument("--letters", type=Path, metavar="FILE.html", help="Write a page with a letter for each code.")
        many.add_argument(
            "--keep-earlier", action="store_true", help="Do not revoke earlier codes that nobody has used."
        )
        for kind in (one, many):
            kind.add_argument("--tool", choices=_TOOLS, default=Tool.MANAGING_ACCESS.value, help="What the code opens.")
            kind.add_argument("--json", action="store_true", help="Print the result as JSON.")
        gone = kinds.add_parser("revoke", help="Take a code out of use that nobody has used.")
        gone.add_argument("code", metavar="HINT_OR_ID", help="Its last characters, or its number.")
        gone.add_argument("--organization", required=True, metavar="ID_OR_AI_CODE", help="The institution.")

    def run(self, *, act: str, **options: Any) -> str:
        """Do one of the three."""
        acts: dict[str, Callable[..., str]] = {"issue": self._issue, "bulk": self._bulk, "revoke": self._revoke}
        return acts[act](**options)

    def _issue(self, *, organization: str, tool: str, send: bool, replace: bool, json: bool, **_options: Any) -> str:
        one = issue(self.actor, organization=organization, tool=Tool(tool), send=send, replace=replace, at=self.at)
        if json:
            self.print_json(_told(one))
        else:
            self.print_data(one.code)
        told = _("%(organization)s has a new access code, which is shown this once.")
        if one.sent_to:
            told = _("%(organization)s has a new access code, which is on its way to %(address)s as well.")
        return told % {"organization": one.organization.name, "address": one.sent_to}

    def _bulk(self, *, letters: Path | None, send: bool, json: bool, **options: Any) -> str:
        if not (send or letters or json):
            raise CommandError(_("Say where the codes are to go: --send, --letters FILE.html or --json."))
        if letters:
            _make_room(letters)
        # A code that is neither mailed nor written down would be lost, and its forerunner revoked for nothing.
        by_mail_alone = send and not (letters or json)
        with self.progress(_("Issuing")):
            found = issue_many(
                self.actor,
                under=options["under"],
                tool=Tool(options["tool"]),
                only_without_manager=options["only_without_manager"],
                only_with_contact=options["only_with_contact"] or by_mail_alone,
                send=send,
                replace=not options["keep_earlier"],
                at=self.at,
            )
        if letters:
            self._write(letters, found)
        if json:
            self.print_json([_told(one) for one in found])
        if by_mail_alone:
            self.notice(_("Institutions without a contact on file were left out. Use --letters to include them."))
        message = ngettext(
            "%(count)d access code issued, %(sent)d of them by mail.",
            "%(count)d access codes issued, %(sent)d of them by mail.",
            len(found),
        )
        return message % {"count": len(found), "sent": sum(bool(one.sent_to) for one in found)}

    def _write(self, path: Path, found: Sequence[IssuedCode]) -> None:
        text = letters.as_file(letters.letters_of(found), day=local_date(self.at, settings.TIME_ZONE))
        path.write_text(text, encoding="utf-8")

    def _revoke(self, *, code: str, organization: str, **_options: Any) -> str:
        info = revoke(self.actor, organization=organization, code=code, at=self.at)
        return _("The code …%(hint)s (no. %(id)d) opens nothing any more.") % {"hint": info.hint, "id": info.id}


def _make_room(path: Path) -> None:
    """Make the file before any code is issued, readable by its owner only; a code cannot be shown a second time."""
    try:
        path.touch(mode=0o600)
        path.chmod(0o600)
    except OSError as error:
        raise CommandError(
            _('"%(path)s" cannot be written: %(reason)s') % {"path": path, "reason": error.strerror}
        ) from error


def _told(one: IssuedCode) -> dict[str, object]:
    return {
        "code": one.code,
        "organization": one.organization.code,
        "ai_code": one.organization.ai_code,
        "name": one.organization.name,
        "hint": one.hint,
        "id": one.id,
        "tool": one.tool.value,
        "sent_to": one.sent_to,
    }
