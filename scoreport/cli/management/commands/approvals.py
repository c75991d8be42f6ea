"""``scoreport approvals list|approve|decline``: the operator as the second person."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from scoreport.approvals import queries
from scoreport.approvals.actions import approve, decline
from scoreport.approvals.rules import ApprovalInfo
from scoreport.cli.base import Job, ScoreportCommand


class Command(ScoreportCommand):
    job = Job.ORGANIZATIONS
    help = (
        "List the requests that need a second person, and approve or decline one. Use it where there is no second"
        " member of the program staff, or no second access manager."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True, metavar="ACT", help="list, approve or decline.")
        listing = acts.add_parser("list", help="List the open requests.")
        listing.add_argument("--json", action="store_true", help="Print the list as JSON.")
        for act, text in (
            ("approve", "Approve a request: its requester can do this once, within 24 hours."),
            ("decline", "Decline a request."),
        ):
            answer = acts.add_parser(act, help=text)
            answer.add_argument("number", type=int, metavar="NUMBER", help="The number of the request.")
            answer.add_argument("--message", default="", help="A sentence that its requester reads.")

    def run(self, *, act: str, **options: Any) -> str:
        """List, or answer one request."""
        if act == "list":
            return self._list(**options)
        number, message = options["number"], options["message"]
        if act == "approve":
            info = approve(self.actor, approval_id=number, at=self.at)
            return _("Request %(number)d of %(person)s is approved.") % {"number": number, "person": info.requested_by}
        info = decline(self.actor, approval_id=number, sentence=message, at=self.at)
        return _("Request %(number)d of %(person)s is declined.") % {"number": number, "person": info.requested_by}

    def _list(self, *, json: bool, **_options: Any) -> str:
        found = queries.waiting(self.actor, at=self.at)
        if json:
            self.print_json([_as_json(info) for info in found])
        else:
            for info in found:
                self.stdout.write(f"  {info.id:>5}  {info.requested_by}: {info.subject} ({info.reason})")
        message = ngettext("%(count)d open request.", "%(count)d open requests.", len(found))
        return message % {"count": len(found)}


def _as_json(info: ApprovalInfo) -> dict[str, object]:
    return {
        "id": info.id,
        "kind": info.kind.value,
        "organization": info.organization,
        "subject": info.subject,
        "reason": info.reason,
        "requested_by": info.requested_by,
        "requested_at": info.requested_at.isoformat(),
        "expires_at": info.expires_at.isoformat(),
    }
