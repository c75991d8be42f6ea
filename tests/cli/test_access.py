"""``scoreport access`` and ``scoreport upkeep``."""

import datetime as dt
import json

import pytest

from scoreport.access import NotAllowed, Role
from scoreport.accounts.models import User
from scoreport.accounts.queries import last_sign_ins
from scoreport.lib.clock import now
from scoreport.outbox.models import Mail
from tests.organizations.managing import acting, give
from tests.world import AT, OPERATOR

pytestmark = pytest.mark.django_db


def test_who_has_access_is_listed(world, scoreport):
    said = scoreport("access", "list", "--organization", "470001")
    assert said.code == 0
    assert "Amy <amy@juniper.example>" in said.out
    assert said.out.endswith("Alder High School: 3 roles.\n")
    found = json.loads(scoreport("access", "list", "--organization", "ALDER-HIGH", "--json").out)
    assert found["organization"] == "470001"
    assert [(one["email"], one["role"]) for one in found["roles"]] == [
        ("amy@juniper.example", "detailed-reports"),
        ("max@juniper.example", "access-manager"),
        ("sue@juniper.example", "summary-reports"),
    ]
    assert found["roles"][0] | {"granted_at": ""} == {
        "email": "amy@juniper.example", "name": "Amy", "role": "detailed-reports", "organization": "470001",
        "granted_by": "scoreport tests", "granted_at": "", "ends_on": "2028-06-30", "last_used_on": None,
        "last_sign_in": None, "unused": False,
    }  # fmt: skip
    under = json.loads(scoreport("access", "list", "--organization", "D-ALDER", "--with-under", "--json").out)
    assert len(under["roles"]) == 5


def test_the_operator_sees_when_people_signed_in_and_nobody_else_does(world, scoreport):
    User.objects.filter(email="amy@juniper.example").update(last_login=AT)
    found = json.loads(scoreport("access", "list", "--organization", "ALDER-HIGH", "--json").out)
    assert dt.datetime.fromisoformat(found["roles"][0]["last_sign_in"]) == AT
    amy = world.people["amy"].id
    assert last_sign_ins(OPERATOR, [amy]) == {amy: AT}
    for name in ("max", "pat"):
        with pytest.raises(NotAllowed, match="Only the operator"):
            last_sign_ins(world.actor(name), [amy])


def test_an_unknown_place_is_a_sentence(world, scoreport):
    said = scoreport("access", "list", "--organization", "nowhere")
    assert (said.code, said.err) == (1, 'There is no organization with the id or AI code "nowhere".\n')


def test_the_operator_shuts_out_whom_nobody_else_could(world, scoreport):
    wanted = ("revoke", "max@juniper.example", "--organization", "470001", "--role", "access-manager")
    said = scoreport("access", *wanted)
    assert said.out == (
        "Max <max@juniper.example> does not have the role Access Management/DAT (K–12) at Alder High School any more.\n"
    )
    assert acting("max").grants == ()
    assert scoreport("access", *wanted).code == 1
    assert scoreport("access", *wanted[:-1], "program-staff").code == 1


def test_the_upkeep_does_what_is_due_and_says_so(world, scoreport):
    give("amy", Role.DETAILED_REPORTS, ends_on=now().date() + dt.timedelta(days=10), at=now() - dt.timedelta(days=30))
    said = [scoreport("upkeep"), scoreport("upkeep")]
    assert [one.code for one in said] == [0, 0]
    assert said[0].out.startswith("Roles warned about: ")
    assert "Roles warned about: 0; organizations about to lose their last access manager: 0;" in said[1].out
    # The clock of a command is the real one, which may be that of any year.
    assert Mail.objects.filter(kind="role-ending", to="amy@juniper.example").count() == 1
    assert json.loads(scoreport("upkeep", "--json").out) == {
        "warned": 0, "last_managers": 0, "ended": 0, "reviews_opened": 0, "reviews_reminded": 0,
        "anchors_written": 0, "events_wrong": 0, "metadata_renewed": 0, "services_warned": 0, "digests": 0,
    }  # fmt: skip
