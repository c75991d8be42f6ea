"""A search through everything that one dishonest member of program staff can do with two helper accounts.

Pat is program staff; Eve and Mal are accounts that Pat made: confirmed addresses, a second factor, no roles. They read
the pages of all three and all email to their addresses. Everybody else is honest: the second member of program staff
approves nothing, access managers grant nothing, the contact on file shows nobody the code.

A move is one act, or a few of them in a row that gain nothing by waiting: asking for an approval, trying to approve it
with each account, and doing what it was for; asking for a code or a role and answering that oneself. A move that is
refused changes nothing. States are compared by :meth:`Attack.digest`; the search ends when no move leads to a new one.
"""

import datetime as dt
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from heapq import heappop, heappush
from itertools import count
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Q
from django.test import Client

from scoreport.access import Actor, NotAllowed, Refused, Role
from scoreport.accounts.actions import create_person, password_link
from scoreport.approvals.actions import ApprovalNeeded, approve
from scoreport.approvals.models import Approval
from scoreport.approvals.rules import ApprovalInfo
from scoreport.organizations.actions import add_person, grant_role, load_organizations, revoke_role
from scoreport.organizations.actions.acceptances import accept_invitation
from scoreport.organizations.actions.answers import grant_request
from scoreport.organizations.actions.changes import assign_roles
from scoreport.organizations.actions.code_approvals import ask_to_print, ask_to_print_many, ask_to_send
from scoreport.organizations.actions.codes import issue, issue_many
from scoreport.organizations.actions.contacts import ask_contact, change_contact
from scoreport.organizations.actions.invitations import invite
from scoreport.organizations.actions.redeeming import redeem
from scoreport.organizations.actions.requests import ask_code, ask_role, send_code
from scoreport.organizations.actions.support import allow, begin
from scoreport.organizations.models import AccessCode, Invitation, Membership, Organization, SupportGrant
from scoreport.organizations.queries import actor_of
from scoreport.organizations.rules.contacts import CONTACT_WAIT
from scoreport.organizations.rules.terms import VERSION
from scoreport.outbox.contents import unsealed
from scoreport.outbox.models import Mail
from scoreport.web.middleware import AT_KEY
from tests.conftest import give_second_factor
from tests.world import AT, OPERATOR

CANARY = "Canary-of-Alder"
SCHOOL, DISTRICT = "ALDER-HIGH", "D-ALDER"
PLACES = (SCHOOL, DISTRICT)
YEARS = "2025-2026"
WHY = "A reason that sounds good."

type Move = tuple[str, ...]
type Digest = tuple[object, ...]


class NobodyMay(Refused):
    """None of the accounts has the permission that it takes."""


@dataclass
class Attack:
    """What the attackers have at one point of a path: accounts, the hour, codes and links that they have read."""

    accounts: dict[str, int]
    bystanders: dict[str, tuple[str, str | None, Role]]
    at: dt.datetime = AT
    codes: dict[str, str] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)

    def who(self, name: str):
        """Return an account as it may act now."""
        return actor_of(self.accounts[name], second_factor=True, signed_in_at=self.at, address="192.0.2.66", at=self.at)

    # --- Moves ----------------------------------------------------------------------------------------

    def moves(self) -> Iterator[Move]:
        """Yield everything that could be tried now; most of it is refused."""
        yield from self.acts()
        if self._own_contacts():
            # Nothing else of what they have becomes better by waiting.
            yield ("three days pass",)
        yield from (("leaves", name) for name in self.bystanders if name not in self.gone)

    def acts(self) -> Iterator[Move]:
        """Yield every act of the attackers."""
        names = tuple(self.accounts)
        helpers = [name for name in names if name != "pat"] or ["pat"]
        for place in PLACES:
            yield from ((act, place) for act in ("print", "email", "print many", "email many", "load contact"))
            yield from (("name contact", place, name) for name in names)
            yield from (("ask and send", place, name, to) for name in names for to in ("person", "contact"))
            yield from (("ask elsewhere and send", place, name) for name in helpers)
            yield from (("redeem", place, name) for name in names if place in self.codes)
            yield from (("take", act, place, name) for name in names for act in ("assign", "grant", "add", "manage"))
            yield from (("give", place, name, other) for name in names for other in names if name != other)
            yield from (("ask role", place, name, role) for name in helpers for role in ("manager", "reports"))
            yield from (("invite", place, name, other) for name in names for other in names if name != other)
            yield from (("let support look", place, name) for name in names)
        yield from ((act, name) for name in names for act in ("make staff", "make account", "link of max", "look"))
        yield from (("accept invitations", name) for name in names)

    def play(self, move: Move) -> None:
        """Do a move, all of it or nothing; raises Refused."""
        act, *rest = move
        with transaction.atomic():
            getattr(self, "_" + act.replace(" ", "_"))(*rest)
        self._read_mail()

    def _print(self, place: str) -> None:
        pat = self.who("pat")
        found = self._with_approval(
            lambda: issue(pat, organization=place, at=self.at),
            lambda: ask_to_print(pat, organization=place, reason=WHY, at=self.at),
        )
        self.codes[place] = found.code

    def _email(self, place: str) -> None:
        issue(self.who("pat"), organization=place, send=True, at=self.at)

    def _print_many(self, place: str) -> None:
        self._many(place, send=False)

    def _email_many(self, place: str) -> None:
        self._many(place, send=True)

    def _many(self, place: str, *, send: bool) -> None:
        pat = self.who("pat")
        found = self._with_approval(
            lambda: issue_many(pat, under=place, send=send, at=self.at),
            lambda: ask_to_print_many(pat, under=place, only_without_manager=False, send=send, reason=WHY, at=self.at),
        )
        self.codes |= {one.organization.code: one.code for one in found if not one.sent_to}

    def _load_contact(self, place: str) -> None:
        head = "kind,organization_id,name,parent_id,ai_code,city,state,zip,contact_email"
        text = f"{head}\nschool,{place},X,,,,,,eve@juniper.example"
        load_organizations(self.who("pat"), file=io.BytesIO(text.encode()), at=self.at)

    def _name_contact(self, place: str, name: str) -> None:
        pat, wanted = self.who("pat"), {"organization": place, "name": name, "email": self._email_of(name)}
        self._with_approval(
            lambda: change_contact(pat, at=self.at, **wanted),
            lambda: ask_contact(pat, reason=WHY, at=self.at, **wanted),
        )

    def _ask_and_send(self, place: str, name: str, to: str) -> None:
        number = ask_code(self.who(name), organization=place, title="Principal", why=WHY, at=self.at)
        self._send(number, None, to_contact=to == "contact")

    def _ask_elsewhere_and_send(self, place: str, name: str) -> None:
        number = ask_code(
            self.who(name), organization=None, institution="New School", title="Principal", why=WHY, at=self.at
        )
        self._send(number, place, to_contact=False)

    def _send(self, number: int, place: str | None, *, to_contact: bool) -> None:
        pat = self.who("pat")
        self._with_approval(
            lambda: send_code(pat, request_id=number, organization=place, to_contact=to_contact, at=self.at),
            lambda: ask_to_send(pat, request_id=number, organization=place, reason=WHY, at=self.at),
        )

    def _redeem(self, place: str, name: str) -> None:
        redeem(self.who(name), organization=place, code=self.codes[place], terms=VERSION, at=self.at)

    def _take(self, act: str, place: str, name: str) -> None:
        """Take a role oneself."""
        actor, email = self.who(name), self._email_of(name)
        role = Role.ACCESS_MANAGER if act == "manage" else Role.DETAILED_REPORTS
        if act in {"assign", "manage"}:
            assign_roles(actor, email=email, organization=place, roles=[role], at=self.at)
        elif act == "grant":
            grant_role(actor, email=email, organization=place, role=role, at=self.at)
        else:
            add_person(actor, email=email, name=name, organization=place, role=role, at=self.at)

    def _give(self, place: str, name: str, other: str) -> None:
        assign_roles(
            self.who(name), email=self._email_of(other), organization=place, roles=[Role.DETAILED_REPORTS], at=self.at
        )

    def _ask_role(self, place: str, name: str, role: str) -> None:
        wanted = Role.ACCESS_MANAGER if role == "manager" else Role.DETAILED_REPORTS
        number = ask_role(self.who(name), organization=place, role=wanted, title="", why=WHY, at=self.at)
        self._any_account(lambda actor: grant_request(actor, request_id=number, role=wanted, at=self.at))

    def _invite(self, place: str, name: str, other: str) -> None:
        invite(
            self.who(name), organization=place, email=self._email_of(other), roles=[Role.DETAILED_REPORTS], at=self.at
        )

    def _accept_invitations(self, name: str) -> None:
        mails = Mail.objects.filter(kind="invitation", to=self._email_of(name)).exclude(sealed="")
        for mail in mails:
            accept_invitation(self.who(name), token=str(unsealed(mail.sealed)["token"]), at=self.at)

    def _let_support_look(self, place: str, name: str) -> None:
        allow(self.who(name), organization=place, ticket="1", reason=WHY, hours=8, at=self.at)

    def _look(self, name: str) -> None:
        for waiting in SupportGrant.objects.filter(staff=None, ended_at=None, ends_at__gt=self.at):
            begin(self.who(name), support_id=waiting.pk, at=self.at)

    def _make_staff(self, name: str) -> None:
        self._any_account(
            lambda actor: grant_role(
                actor, email=self._email_of(name), organization=None, role=Role.PROGRAM_STAFF, at=self.at
            )
        )

    def _make_account(self, name: str) -> None:
        create_person(self.who(name), email="third@juniper.example", name="Third", at=self.at)

    def _link_of_max(self, name: str) -> None:
        password_link(self.who(name), email="max@juniper.example", at=self.at)

    def _three_days_pass(self) -> None:
        if self.at > AT:
            raise Refused
        self.at += CONTACT_WAIT

    def _leaves(self, name: str) -> None:
        """Let somebody lose their role: the access manager, or Pat, who is then staff no more."""
        email, place, role = self.bystanders[name]
        revoke_role(OPERATOR, email=email, organization=place, role=role, at=self.at)
        self.gone.add(name)

    # --- What moves have in common ------------------------------------------------------------------------

    def _with_approval[T](self, do: Callable[[], T], ask: Callable[[], ApprovalInfo]) -> T:
        """Do something, if need be after asking for an approval and trying to give it with each account."""
        try:
            return do()
        except ApprovalNeeded:
            number = ask().id
            self._any_account(lambda actor: approve(actor, approval_id=number, at=self.at))
            return do()

    def _any_account(self, do: Callable[[Actor], object]) -> None:
        """Try something with each account until one may."""
        for name in self.accounts:
            try:
                do(self.who(name))
            except Refused:
                continue
            return
        raise NobodyMay

    def _email_of(self, name: str) -> str:
        return f"{name}@juniper.example"

    def _read_mail(self) -> None:
        """Learn the codes that were emailed to the attackers' addresses."""
        own = [self._email_of(name) for name in self.accounts]
        for mail in Mail.objects.filter(to__in=own, kind="access-code").exclude(sealed=""):
            number = int(mail.about.removeprefix("access-code:"))
            place = AccessCode.objects.get(pk=number).organization.code
            self.codes[place] = str(unsealed(mail.sealed)["code"])

    # --- States ---------------------------------------------------------------------------------------------

    def digest(self) -> Digest:
        """Return what the attackers can still do; Eve and Mal are alike, so the order of the two says nothing."""
        names = {number: name for name, number in self.accounts.items()}
        active = Membership.objects.filter(revoked_at__isnull=True).filter(Q(user_id__in=names))
        facts: dict[str, frozenset[object]] = dict.fromkeys(self.accounts, frozenset())
        for user, place, role in active.values_list("user_id", "organization__code", "role"):
            facts[names[user]] |= {("holds", place, role)}
        open_to = Invitation.objects.filter(accepted_at__isnull=True, cancelled_at__isnull=True)
        for email, place in open_to.values_list("email", "organization__code"):
            facts[email.partition("@")[0]] |= {("invited", place)}
        for email, place in Organization.objects.exclude(contact_email="").values_list("contact_email", "code"):
            owner = email.partition("@")[0]
            facts[owner] = facts.get(owner, frozenset()) | {("contact", place)}
        looking = SupportGrant.objects.filter(ended_at=None).values_list("organization__code", "staff_id")
        return (
            facts.pop("pat"),
            tuple(sorted(facts.values(), key=lambda one: sorted(map(str, one)))),
            tuple(sorted(self._usable_codes())),
            tuple(sorted((place, staff or 0) for place, staff in looking)),
            tuple(sorted(self.gone)),
            self.at,
            Approval.objects.filter(state="approved").count(),
        )

    def promise(self) -> int:
        """Return how near the attackers are, to look at promising states first."""
        held = Membership.objects.filter(user_id__in=self.accounts.values(), revoked_at__isnull=True).count()
        return 8 * held + 4 * len(self._usable_codes()) + 2 * self._own_contacts() * (2 if self.at > AT else 1)

    def _own_contacts(self) -> int:
        return Organization.objects.filter(contact_email__in=[self._email_of(name) for name in self.accounts]).count()

    def _usable_codes(self) -> list[str]:
        open_codes = AccessCode.objects.filter(used_at__isnull=True, revoked_at__isnull=True)
        places = dict(open_codes.values_list("hint", "organization__code"))
        return [place for place, code in self.codes.items() if code[-4:] in places]

    def sees(self, known: dict[object, bool]) -> bool:
        """Tell whether a page or an export shows one of the accounts a student; ``known`` remembers by grants."""
        for name in self.accounts:
            grants = self.who(name).grants
            key = frozenset((grant.role, grant.place and grant.place.id) for grant in grants)
            if key not in known:
                known[key] = self._shown_to(name)
            if known[key]:
                return True
        return False

    def _shown_to(self, name: str) -> bool:
        browser: Any = Client()
        browser.defaults.update({AT_KEY: self.at})
        browser.force_login(get_user_model().objects.get(pk=self.accounts[name]))
        give_second_factor(browser, self.accounts[name])
        for place in PLACES:
            address = f"/reports/clep/{place}/{YEARS}/"
            export = browser.post(f"{address}export/", {"format": "csv"}, follow=True)
            for answer in (browser.get(address), export):
                if CANARY.encode() in answer.getvalue():
                    return True
        return False


@dataclass
class Result:
    """What a search found: the chain that reaches a student, or how many states there are without one."""

    chain: tuple[Move, ...] | None
    states: int
    moves: int


def search(make: Callable[[], Attack], *, most: int = 3_000) -> Result:
    """Return the first chain that shows a student, or every state there is; the most promising state first.

    Raises RuntimeError when there are more states than ``most``: then nothing would be proved.
    """
    found = Search(make)
    while found.todo and found.chain is None:
        found.explore(heappop(found.todo)[-1])
        if len(found.seen) > most:
            message = f"More than {most} states."
            raise RuntimeError(message)
    return Result(found.chain, len(found.seen), found.moves)


class Search:
    """States that were seen, paths that are still to be explored, and the chain when there is one."""

    def __init__(self, make: Callable[[], Attack]) -> None:
        self.make = make
        self.chain: tuple[Move, ...] | None = None
        self.moves = 0
        self.seen: set[Digest] = set()
        self.todo: list[tuple[int, int, int, tuple[Move, ...]]] = [(0, 0, 0, ())]
        self._order = count(1)
        self._shown: dict[object, bool] = {}
        self._never: set[object] = set()

    def explore(self, path: tuple[Move, ...]) -> None:
        """Play a path, try every move after it, and take everything back."""
        with transaction.atomic():
            attack = self.make()
            for move in path:
                attack.play(move)
            self.seen.add(attack.digest())
            grants = frozenset(attack.who(name) for name in attack.accounts)
            for move in list(attack.moves()):
                if (move, grants) not in self._never and self.chain is None:
                    self._try(replace(attack, codes=dict(attack.codes), gone=set(attack.gone)), path, move, grants)
            transaction.set_rollback(True)

    def _try(self, attack: Attack, path: tuple[Move, ...], move: Move, grants: frozenset[Actor]) -> None:
        """Try one move, note the state that it leads to when that is new, and take it back."""
        self.moves += 1
        with transaction.atomic():
            try:
                attack.play(move)
            except (NotAllowed, NobodyMay):
                # What a permission refuses depends on nothing but the roles.
                self._never.add((move, grants))
            except Refused:
                pass
            else:
                self._note(attack, (*path, move))
            transaction.set_rollback(True)

    def _note(self, attack: Attack, path: tuple[Move, ...]) -> None:
        digest = attack.digest()
        if digest in self.seen:
            return
        self.seen.add(digest)
        if attack.sees(self._shown):
            self.chain = path
        heappush(self.todo, (-attack.promise(), len(path), next(self._order), path))
