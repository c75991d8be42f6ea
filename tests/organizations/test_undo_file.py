"""A file of organizations is undone: the tree is what it would be without it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoreport.imports import actions
from scoreport.imports.models import ImportFile
from scoreport.imports.run import NotPossibleNow
from scoreport.organizations.models import Membership, Organization, OrganizationAssertion, OrganizationVersion
from scoreport.organizations.queries import find
from scoreport.outbox.models import Mail
from scoreport.scores.queries import claims
from scoreport.scores.rules import ClaimState
from tests.examples import examples
from tests.scores.claimed import claim
from tests.scores.files import load as load_scores
from tests.scores.files import row
from tests.scores.verified import verified
from tests.world import AT, OPERATOR, load

HEADER = "kind,organization_id,name,parent_id,ai_code,city,state,zip"
TREE = f"""{HEADER}
state,ST,Juniper,,,Juniper,WV,25301
district,D,Alder,ST,,Alder,WV,25310
school,S,Alder High,D,470001,Alder,WV,25310
"""

pytestmark = pytest.mark.django_db


def tree():
    """Return everything that is stored of organizations, without numbers."""
    names = ("code", "kind", "name", "parent__code", "ai_code", "city", "state", "zip", "time_zone", "contact_email")
    return sorted(map(str, Organization.objects.values_list(*names, "sort_name")))


def undo(loaded):
    return actions.undo_now(OPERATOR, file_id=loaded.file, at=AT)


def test_undoing_the_only_file_leaves_nothing():
    undo(load(TREE))
    assert tree() == []
    assert not OrganizationVersion.objects.exists()
    assert not OrganizationAssertion.objects.exists()


def test_a_new_district_goes_and_the_school_returns_to_its_old_one():
    load(TREE)
    before = tree()
    more = load(f"{HEADER}\ndistrict,D2,Birch,ST,,Birch,WV,25320\nschool,S,Alder High,D2,470001,Alder,WV,25310\n")
    assert find("S").lineage[1] == find("D2").id
    undo(more)
    assert tree() == before


def test_an_older_file_is_undone_and_the_newer_one_stays():
    first = load(TREE)
    load(TREE.replace("Alder High", "Alder Senior High"))
    after = tree()
    undo(first)
    assert tree() == after


def test_columns_that_a_file_lacks_come_from_the_newest_file_that_has_them():
    load(f"{HEADER},contact_email\nschool,S,Alder High,,470001,Alder,WV,,old@alder.example\n")
    second = load(f"{HEADER},contact_email\nschool,S,Alder High,,470001,Alder,WV,,new@alder.example\n")
    load(f"{HEADER}\nschool,S,Alder School,,470001,Alder,WV,\n")
    undo(second)
    row_of = Organization.objects.get(code="S")
    assert (row_of.name, row_of.contact_email) == ("Alder School", "old@alder.example")
    assert Mail.objects.filter(to="new@alder.example").exists()


def test_what_a_person_changed_since_stays():
    load(TREE)
    second = load(f"{HEADER},contact_email\nschool,S,Alder Senior,D,470001,Alder,WV,25310,file@alder.example\n")
    Organization.objects.filter(code="S").update(contact_email="person@alder.example")
    undo(second)
    row_of = Organization.objects.get(code="S")
    assert (row_of.name, row_of.contact_email) == ("Alder High", "person@alder.example")


def test_an_organization_with_people_is_not_removed(world):
    more = load(f"{HEADER}\nschool,S2,New High,D-ALDER,470777,Alder,WV,25310\n")
    member = Membership.objects.order_by("pk").first()
    assert member is not None
    Membership.objects.filter(pk=member.pk).update(organization=Organization.objects.get(code="S2"))
    with pytest.raises(NotPossibleNow, match=r"New High \(S2\) would be removed"):
        undo(more)
    file = ImportFile.objects.get(pk=more.file)
    assert (file.state, Organization.objects.filter(code="S2").exists()) == ("accepted", True)
    assert "would be removed" in file.reason


def test_a_school_with_a_claim_is_not_removed(world):
    load_scores(row("T1", ai_code="999999"))
    more = load(f"{HEADER}\nschool,S2,New High,D-ALDER,470777,Alder,WV,25310\n")
    number = claim(world.actor("dan"), "T1", school="S2")
    with pytest.raises(NotPossibleNow, match=rf"has claimed a test \(claim {number}\)"):
        undo(more)
    assert [one.school.code for one in claims(OPERATOR, states=[ClaimState.OPEN])[0]] == ["S2"]
    assert ImportFile.objects.get(pk=more.file).state == "accepted"


def test_scores_follow_at_once(world):
    load_scores(row("T1", ai_code="470777"))
    more = load(f"{HEADER}\nschool,S2,New High,D-ALDER,470777,Alder,WV,25310\n")
    assert more.notices == ("Scores that belong to another school, district or state now: 1.",)
    undo(more)
    assert {finding.name for finding in verified() if finding.deviations} == set()
    assert not Organization.objects.filter(code="S2").exists()


def test_rows_that_return_to_what_was_replaced_are_held():
    load(TREE)
    load(TREE.replace("Alder High", "Alder Senior High"))
    late = load(TREE, reverting=False)
    assert (late.changed, late.same, late.held) == (0, 2, 1)
    assert find("S").name == "Alder Senior High"
    assert ImportFile.objects.get(pk=late.file).refused.values_list("line", "cause").get() == (4, "reverting")


CELLS = st.fixed_dictionaries(
    {
        "S": st.sampled_from(["Alder High,D,470001", "Alder High,D2,470001", "Alder Senior,D,470001", "Alder,D,"]),
        "D2": st.sampled_from(["Birch,ST,", "Birch East,ST,"]),
    }
)
FILES = st.lists(st.tuples(CELLS, st.booleans(), st.booleans()), min_size=2, max_size=4)


@pytest.mark.slow
@settings(max_examples=examples(15))
@given(FILES, st.randoms(use_true_random=False))
def test_undoing_is_never_having_loaded(files, random):
    """Any of some files is undone: the tree is what the others make of an empty one."""

    def text(cells, with_district, with_zone):
        zone = ",time_zone" if with_zone else ""
        end = ",America/Denver" if with_zone else ""
        lines = [f"state,ST,Juniper,,,,WV,{end}", f"district,D,Alder,ST,,,WV,{end}"]
        lines.append(f"district,D2,{cells['D2']},,WV,{end}")
        if with_district:
            lines.append(f"school,S,{cells['S']},,WV,{end}")
        return "\n".join([HEADER + zone, *lines]) + "\n"

    gone = random.randrange(len(files))
    loaded = [load(text(*one)) for one in files]
    undo(loaded[gone])
    after = tree()
    for one in reversed([file for n, file in enumerate(loaded) if n != gone]):
        undo(one)
    assert tree() == []
    for n, one in enumerate(files):
        if n != gone:
            load(text(*one))
    assert tree() == after
    for file in ImportFile.objects.filter(state="accepted").order_by("-accepted_order"):
        actions.undo_now(OPERATOR, file_id=file.pk, at=AT)
