"""``scoreport vouchers profile|order|list|void …``: what a CLEP coordinator does, for the operator."""

import uuid
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from scoreport.cli.base import Job, ScoreportCommand
from scoreport.cli.typed import day, typed
from scoreport.lib.clock import local_date
from scoreport.lib.codes import grouped
from scoreport.lib.money import dollars, written
from scoreport.organizations.queries import find
from scoreport.programs.rules import AcademicYear
from scoreport.vouchers import actions, queries
from scoreport.vouchers.generate import generate
from scoreport.vouchers.rules import Contact, NewOrder, OrderInfo

_PROGRAM = "clep"
_YEAR = typed(AcademicYear.parse)


class Command(ScoreportCommand):
    job = Job.VOUCHERS
    help = (
        "Set up who orders vouchers for an organization, order them, list an order with its codes, or void vouchers"
        " that nobody has used."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        acts = parser.add_subparsers(
            dest="act", required=True, metavar="ACT", help="What to do: profile, order, list, or void."
        )
        _add_profile(acts.add_parser("profile", help="Save an organization's profile and give its people their roles."))
        _add_order(acts.add_parser("order", help="Order vouchers; their codes are generated before it ends."))
        listing = acts.add_parser("list", help="List the vouchers of an order, or the orders of an organization.")
        which = listing.add_mutually_exclusive_group(required=True)
        which.add_argument("--order", metavar="ID", help="An order, with the codes of its vouchers.")
        which.add_argument("--organization", metavar="ID_OR_AI_CODE", help="All orders of an academic year.")
        listing.add_argument("--year", type=_YEAR, metavar="2026-2027", help="The academic year; default: this one.")
        listing.add_argument("--csv", metavar="FILE", help="Write the vouchers as CSV; - is standard output.")
        voiding = acts.add_parser("void", help="Void the vouchers of an order that nobody has used, or one of them.")
        voiding.add_argument("--order", required=True, metavar="ID", help="The order.")
        voiding.add_argument("--code", metavar="CODE", help="Only the voucher with this code.")

    def run(self, *, act: str, **options: Any) -> str:
        """Do one of them."""
        if act == "profile":
            return self._profile(**options)
        if act == "order":
            return self._order(**options)
        if act == "list":
            return self._list(**options)
        return self._void(**options)

    def _profile(
        self, *, organization: str, coordinator: str, alternate: str | None, billing: str, **_options: Any
    ) -> str:
        place = find(organization)
        links = actions.set_profile(
            self.actor,
            organization=place,
            program=_PROGRAM,
            coordinator=Contact(coordinator),
            alternate=Contact(alternate) if alternate else None,
            billing=Contact(billing),
            at=self.at,
        )
        for email, link in links.items():
            path = reverse("account_reset_password_from_key", kwargs={"uidb36": link.uid, "key": link.key})
            self.print_data(f"{email} {settings.SITE_URL}{path}")
        sentence = _("The profile of %(name)s is saved.") % {"name": place.name}
        if links:
            sentence += " " + _("Each link above sets the password of a new account, once.")
        return sentence

    def _order(self, *, organization: str, quantity: int, by: str, json: bool, **options: Any) -> str:
        place = find(organization)
        year = AcademicYear.of(local_date(self.at, place.time_zone))
        wanted = NewOrder(quantity, options["expires"] or year.last_day, options["remote"], options["po"])
        placed = actions.place_order(
            self.actor,
            organization=place,
            program=_PROGRAM,
            wanted=wanted,
            accepts_terms=options["accept_terms"],
            request_key=options["key"] or str(uuid.uuid4()),
            by=by,
            at=self.at,
        )
        generate(placed.id, at=self.at)
        placed = queries.order(self.actor, placed.code)
        if json:
            self.print_json(_as_json(placed))
        message = ngettext(
            "Order %(order)s at %(name)s: %(count)d voucher, at most %(most)s.",
            "Order %(order)s at %(name)s: %(count)d vouchers, at most %(most)s.",
            placed.wanted.quantity,
        )
        return message % {
            "order": grouped(placed.code), "name": place.name, "count": placed.wanted.quantity,
            "most": dollars(placed.most_cents),
        }  # fmt: skip

    def _list(self, *, order: str | None, organization: str | None, csv: str | None, **options: Any) -> str:
        if organization is not None:
            return self._orders(organization, options["year"])
        found = queries.order(self.actor, order or "")
        pieces = actions.download_vouchers(self.actor, order=found.code, at=self.at)
        if csv is None or csv == "-":
            self.print_data(b"".join(pieces).decode())
        else:
            with Path(csv).open("wb") as file:
                file.writelines(pieces)
        message = ngettext("%(count)d voucher of order %(order)s.", "%(count)d vouchers of order %(order)s.",
                           found.wanted.quantity)  # fmt: skip
        return message % {"count": found.wanted.quantity, "order": grouped(found.code)}

    def _orders(self, organization: str, year: AcademicYear | None) -> str:
        place = find(organization)
        year = year or AcademicYear.of(local_date(self.at, place.time_zone))
        orders = queries.orders_of(self.actor, place, program=_PROGRAM, year=year)
        for one in orders:
            self.stdout.write(
                f"{grouped(one.code)}  {one.placed_at.date().isoformat()}  {one.wanted.quantity:>6}  {one.status.label}"
            )
        return ngettext("%(count)d order.", "%(count)d orders.", len(orders)) % {"count": len(orders)}

    def _void(self, *, order: str, code: str | None, **_options: Any) -> str:
        voided = actions.void_vouchers(self.actor, order=order, code=code, at=self.at)
        return ngettext("%(count)d voucher is void.", "%(count)d vouchers are void.", voided) % {"count": voided}


def _add_profile(parser: ArgumentParser) -> None:
    _add_place(parser)
    parser.add_argument("--coordinator", required=True, metavar="EMAIL", help="The CLEP coordinator.")
    parser.add_argument("--alternate", metavar="EMAIL", help="The alternate coordinator.")
    parser.add_argument(
        "--billing", required=True, metavar="EMAIL", help="Who gets invoices; it may be the coordinator."
    )


def _add_order(parser: ArgumentParser) -> None:
    _add_place(parser)
    parser.add_argument("--quantity", required=True, type=int, metavar="N", help="How many vouchers, 1 to 10,000.")
    parser.add_argument("--by", required=True, metavar="EMAIL", help="Who orders them.")
    parser.add_argument(
        "--accept-terms",
        action="store_true",
        help="They accept the Online Terms and Conditions for Bulk Purchase; needed for each order.",
    )
    parser.add_argument(
        "--expires", type=day, metavar="DATE", help="The vouchers' expiration date; default and latest: June 30."
    )
    parser.add_argument("--remote", action="store_true", help="The vouchers cover remote proctoring.")
    parser.add_argument("--po", default="", metavar="TEXT", help="A purchase order number or billing reference.")
    parser.add_argument("--key", metavar="TEXT", help="The same key again is the same order, not another one.")
    parser.add_argument("--json", action="store_true", help="Print the order as JSON.")


def _add_place(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--organization", required=True, metavar="ID_OR_AI_CODE", help="A school, a district or another organization."
    )


def _as_json(placed: OrderInfo) -> dict[str, object]:
    return {
        "order": grouped(placed.code),
        "status": placed.status.label,
        "organization": placed.organization.address,
        "quantity": placed.wanted.quantity,
        "expires_on": placed.wanted.expires_on.isoformat(),
        "covers_remote_proctoring": placed.wanted.covers_remote,
        "purchase_order": placed.wanted.purchase_order,
        "most": written(placed.most_cents),
    }
