"""Two school years, day by day: no role outlives its end, every warning is sent once, reviews come and go."""

import datetime as dt
from collections import Counter
from zoneinfo import ZoneInfo

import pytest

from scoreport.access import Role
from scoreport.audit.models import Event
from scoreport.audit.rules import Verb
from scoreport.organizations import upkeep
from scoreport.organizations.actions.changes import assign_roles, change_role, renew_role
from scoreport.organizations.actions.reviews import decide, finish_review
from scoreport.organizations.models import Membership, Review
from scoreport.organizations.queries import actor_of
from scoreport.organizations.queries.reviews import open_review, reviewed_roles
from scoreport.outbox.models import Mail
from tests import world as worlds
from tests.organizations.managing import acting, add, email, give, role_of

pytestmark = [pytest.mark.django_db, pytest.mark.slow, pytest.mark.once]

FIRST, DAYS = dt.date(2026, 11, 21), 730
HIGH, WEST = "ALDER-HIGH", "ALDER-WEST"
DETAILED, SUMMARY, MANAGER = Role.DETAILED_REPORTS, Role.SUMMARY_REPORTS, Role.ACCESS_MANAGER


def noon(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(12), tzinfo=ZoneInfo("America/New_York"))


@pytest.fixture
def people(world):
    """Give roles that end on the day of a clock change, on a leap day, and five time zones to the west."""
    worlds.load(
        "kind,organization_id,name,parent_id,ai_code,city,state,zip,time_zone\n"
        f"school,{WEST},Alder West,D-ALDER,,Hilo,HI,96720,Pacific/Honolulu\n"
    )
    give("sue", SUMMARY, HIGH, ends_on=dt.date(2027, 3, 14))
    add("leap", DETAILED, HIGH, ends_on=dt.date(2028, 2, 29))
    add("wes", DETAILED, WEST, ends_on=dt.date(2027, 11, 7))
    add("wendy", MANAGER, WEST)
    add("moe", MANAGER, HIGH)
    give("nora", SUMMARY, HIGH, ends_on=dt.date(2027, 4, 5))


def renewals(day: dt.date) -> None:
    """Do what people did on that day."""
    at = noon(day)
    match day.isoformat():
        case "2027-02-20":
            renew_role(acting("max", at), membership_id=role_of("sue", SUMMARY).pk, at=at)
        case "2027-04-01":
            assign_roles(
                acting("moe", at), email=email("nora"), organization=HIGH, roles=[DETAILED],
                ends_on=dt.date(2027, 4, 21), at=at,
            )  # fmt: skip
        case "2027-05-20" | "2028-05-25":
            review(at, dropped={"sue"} if day.year == 2028 else set())
        case "2027-06-01":
            # The review had renewed it.
            change_role(
                acting("max", at), membership_id=role_of("leap", DETAILED).pk, role=DETAILED,
                ends_on=dt.date(2028, 2, 29), at=at,
            )  # fmt: skip
        case "2028-01-10":
            change_role(
                acting("max", at), membership_id=role_of("amy", DETAILED).pk, role=DETAILED,
                ends_on=dt.date(2028, 2, 20), at=at,
            )  # fmt: skip
        case "2028-03-01":
            renew_role(acting("max", at), membership_id=role_of("amy", DETAILED).pk, at=at)
        case _:
            pass


def review(at: dt.datetime, *, dropped: set[str]) -> None:
    max_ = acting("max", at)
    found = open_review(max_, worlds.World.organization(HIGH))
    assert found
    chosen = {one.role.id: one.role.email not in map(email, dropped) for one in reviewed_roles(max_, found, at)}
    decide(max_, organization=HIGH, decisions=chosen, at=at)
    finish_review(max_, organization=HIGH, at=at)


def expected(day: dt.date) -> Counter[str]:
    """Say by hand whom the upkeep warns at noon of a day; every run before it was a day ago."""
    found: Counter[str] = Counter()
    for row in Membership.objects.filter(revoked_at__isnull=True).select_related("user", "organization"):
        zone = ZoneInfo(row.organization.time_zone if row.organization else "America/New_York")
        today = noon(day).astimezone(zone).date()
        for days in (30, 14, 3):
            threshold = row.ends_on - dt.timedelta(days=days)
            if today == threshold and row.granted_at.astimezone(zone).date() < threshold:
                found[f"role-ending {row.user.email} {days}"] += 1
    return found


def check_ends(day: dt.date) -> None:
    """Ask, a second before and after midnight where the role is, whether it opens anything."""
    for row in Membership.objects.filter(revoked_at__isnull=True, ends_on=day).select_related("user", "organization"):
        zone = ZoneInfo(row.organization.time_zone if row.organization else "America/New_York")
        midnight = dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), tzinfo=zone).astimezone(dt.UTC)
        for seconds, is_there in ((-1, True), (0, False)):
            at = midnight + dt.timedelta(seconds=seconds)
            grants = actor_of(row.user.pk, second_factor=True, at=at).grants
            assert (row.pk in {grant.membership_id for grant in grants}) is is_there, (row.user.email, at)


def sent_since(number: int) -> Counter[str]:
    from scoreport.outbox.contents import unsealed

    mails = Mail.objects.filter(pk__gt=number, kind="role-ending")
    return Counter(f"{mail.kind} {mail.to} {unsealed(mail.sealed)['days']}" for mail in mails)


@pytest.mark.slow
def test_two_school_years(people):
    ended = set()
    for number in range(DAYS):
        day = FIRST + dt.timedelta(days=number)
        renewals(day)
        last = Mail.objects.order_by("pk").values_list("pk", flat=True).last() or 0
        wanted = expected(day)
        upkeep.run(noon(day))
        assert sent_since(last) == wanted, day
        check_ends(day)
        over = Membership.objects.filter(revoked_at__isnull=True, ends_on__lt=day - dt.timedelta(days=1))
        ended |= set(over.values_list("pk", "ends_on"))
    # Every end that came is on record once, every review was opened once a year.
    assert Event.objects.filter(verb=Verb.MEMBERSHIP_ENDED).count() == len(ended)
    assert {pk for pk, _day in ended} >= {role_of("leap", DETAILED).pk, role_of("wes", DETAILED, WEST).pk}
    assert list(Review.objects.filter(organization__code=HIGH).order_by("year").values_list("year", flat=True)) == [
        2027, 2028,
    ]  # fmt: skip
    assert Review.objects.filter(organization__code=WEST, closed_at__isnull=True).count() == 1
    later = FIRST + dt.timedelta(days=DAYS)
    assert acting("sue", noon(later)).grants == ()
    assert [grant.role for grant in acting("amy", noon(later)).grants] == [DETAILED]
    # An hour later, or a second time on the same day, there is nothing left to tell.
    count = Mail.objects.count()
    assert upkeep.run(noon(later) - dt.timedelta(hours=23)) == upkeep.Done(0, 0, 0, 0, 0, 0, 0)
    assert Mail.objects.count() == count
