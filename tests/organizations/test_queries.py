"""What is found, by whom, and that what others have looks like what does not exist."""

import pytest

from scoreport import access
from scoreport.access import Permission, PlaceKind, Role
from scoreport.organizations import queries
from scoreport.organizations.actions import grant_role
from scoreport.organizations.queries import UnknownOrganization, find, organization, organizations_of, tree
from tests.factories.organizations import OrganizationFactory

ALL = {"ST", "D-ALDER", "ALDER-HIGH", "ALDER-EARLY", "D-BIRCH", "BIRCH-HIGH"}
ALDER = {"D-ALDER", "ALDER-HIGH", "ALDER-EARLY"}


def codes(page):
    return [row.code for row in page.rows]


# --- One organization ------------------------------------------------------------------------------


def test_an_organization_is_found_by_id_or_ai_code(world):
    assert find("ALDER-EARLY") == find("000905") == find(" 000905 ")
    with pytest.raises(UnknownOrganization, match='with the id or AI code "905"'):
        find("905")


def test_an_ai_code_goes_before_an_id_that_looks_like_one(world):
    OrganizationFactory.create(code="470001", ai_code="470777")
    assert find("470001").code == "ALDER-HIGH"
    assert find("470777").code == "470001"


@pytest.mark.parametrize(
    ("name", "seen"),
    [
        ("amy", {"ALDER-HIGH"}),
        ("sue", {"ALDER-HIGH"}),
        ("max", {"ALDER-HIGH"}),
        ("fay", ALDER),
        ("dan", ALDER),
        ("sam", ALL),
        ("pat", ALL),
        ("bea", {"BIRCH-HIGH"}),
        ("nora", set()),
    ],
)
def test_people_see_what_their_roles_reach(world, name, seen):
    actor = world.actor(name)
    for code in ALL:
        if code in seen:
            assert organization(actor, code).code == code
        else:
            with pytest.raises(UnknownOrganization) as theirs:
                organization(actor, code)
            with pytest.raises(UnknownOrganization) as nobodys:
                organization(actor, "nowhere")
            assert str(theirs.value).replace(code, "nowhere") == str(nobodys.value)
    assert set(codes(organizations_of(actor))) == seen


def test_the_operator_sees_everything_and_nobody_sees_nothing(world, operator):
    assert set(codes(organizations_of(operator))) == ALL
    assert codes(organizations_of(access.ANONYMOUS)) == []


def test_an_organization_says_what_it_is():
    assert (
        OrganizationFactory.build(kind="school", ai_code="000905", lineage="1/").info.label == "School · AI code 000905"
    )
    assert OrganizationFactory.build(kind="district", city="Alder", lineage="1/").info.label == "District · Alder"
    assert OrganizationFactory.build(kind="state", city="", lineage="1/").info.label == "State"


# --- Lists -----------------------------------------------------------------------------------------


def test_the_list_has_the_highest_first_then_goes_by_name(world):
    assert codes(organizations_of(world.actor("dan"))) == ["D-ALDER", "ALDER-EARLY", "ALDER-HIGH"]


def test_a_permission_narrows_the_list(world, operator, at):
    grant_role(operator, email="amy@juniper.example", organization="ST", role=Role.ACCESS_MANAGER, at=at)
    amy = world.actor("amy")
    assert set(codes(organizations_of(amy))) == ALL
    assert codes(organizations_of(amy, permission=Permission.SCORES_ROSTER_READ)) == ["ALDER-HIGH"]
    assert codes(organizations_of(world.actor("pat"), permission=Permission.SCORES_SUMMARY_READ)) == []


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("early", ["ALDER-EARLY"]),
        ("COLLEGE alder", ["ALDER-EARLY"]),
        ("0009", ["ALDER-EARLY"]),
        ("alder-hi", ["ALDER-HIGH"]),
        ("  ", ["D-ALDER", "ALDER-EARLY", "ALDER-HIGH"]),
        ("birch", []),
        ("470001%", []),
        ("%", []),
        ("_", []),
    ],
)
def test_lists_can_be_searched(world, search, found):
    assert codes(organizations_of(world.actor("dan"), search=search)) == found


def test_accents_do_not_matter_in_a_search(world):
    OrganizationFactory.create(name="Peña Élan", parent_id=find("D-ALDER").id, code="PENA")
    assert codes(organizations_of(world.actor("dan"), search="pena ELAN")) == ["PENA"]


def test_lists_come_in_pages(world):
    sam = world.actor("sam")
    first, second, beyond = (organizations_of(sam, page=number, per_page=4) for number in (1, 2, 99))
    assert (first.total, first.pages, len(first.rows), len(second.rows)) == (6, 2, 4, 2)
    assert beyond == second
    assert set(codes(first) + codes(second)) == ALL


# --- The tree --------------------------------------------------------------------------------------


def test_the_tree_starts_at_the_tops_of_what_one_reaches(world, operator, at):
    assert [branch.info.code for branch in tree(world.actor("sam"))] == ["ST"]
    assert [branch.info.code for branch in tree(world.actor("pat"))] == ["ST"]
    assert [branch.info.code for branch in tree(world.actor("nora"))] == []
    grant_role(operator, email="dan@juniper.example", organization="BIRCH-HIGH", role=Role.SUMMARY_REPORTS, at=at)
    grant_role(operator, email="dan@juniper.example", organization="ALDER-HIGH", role=Role.SUMMARY_REPORTS, at=at)
    assert {branch.info.code for branch in tree(world.actor("dan"))} == {"D-ALDER", "BIRCH-HIGH"}


def test_branches_say_what_is_under_them(world):
    (top,) = tree(world.actor("sam"))
    assert (top.children, top.schools) == (2, 3)
    below = {branch.info.code: branch for branch in tree(world.actor("sam"), "ST")}
    assert (below["D-ALDER"].children, below["D-ALDER"].schools) == (2, 2)
    (school,) = tree(world.actor("sam"), "D-BIRCH")
    assert (school.children, school.schools) == (0, 1)


def test_the_tree_of_others_is_not_there(world):
    with pytest.raises(UnknownOrganization):
        tree(world.actor("dan"), "D-BIRCH")


def test_a_branch_costs_few_queries(world, django_assert_num_queries):
    sam = world.actor("sam")
    with django_assert_num_queries(3):
        tree(sam, "ST")


def test_schools_under_a_place(world):
    assert [info.code for info in queries.schools_under(find("D-ALDER").place)] == ["ALDER-EARLY", "ALDER-HIGH"]
    assert [info.code for info in queries.schools_under(find("ALDER-HIGH").place)] == ["ALDER-HIGH"]
    assert len(queries.schools_under(find("ST").place)) == 3


def test_a_lineage_that_begins_alike_is_not_under_it(db):
    """1/2/ and 1/20/ begin with the same characters; only one is under 1/2/."""
    state = OrganizationFactory.create(kind="state")
    districts = [OrganizationFactory.create(kind="district", parent=state) for _ in range(12)]
    schools = {district.pk: OrganizationFactory.create(parent=district).pk for district in districts}
    for district in districts:
        assert [info.id for info in queries.schools_under(district.info.place)] == [schools[district.pk]]


# --- For loading scores ------------------------------------------------------------------------------


def test_the_resolver_knows_where_the_scores_of_a_code_belong(world, django_assert_num_queries):
    with django_assert_num_queries(1):
        known = queries.resolver()
    assert set(known) == {"470001", "000905", "470101"}
    place = known["000905"]
    assert (place.school_id, place.district_id, place.state_id, place.time_zone) == (
        find("ALDER-EARLY").id, find("D-ALDER").id, find("ST").id, "America/New_York",
    )  # fmt: skip


def test_the_resolver_knows_schools_without_a_district_and_no_districts(db):
    OrganizationFactory.create(kind="district", ai_code="470200")
    alone = OrganizationFactory.create(ai_code="470201")
    center = OrganizationFactory.create(kind=PlaceKind.OTHER, ai_code="470202")
    known = queries.resolver()
    assert {code: ref.school_id for code, ref in known.items()} == {"470201": alone.pk, "470202": center.pk}
    assert (known["470201"].district_id, known["470201"].state_id) == (None, None)


def test_an_organization_by_its_number(world):
    assert queries.info(find("ST").id) == find("ST")
    with pytest.raises(UnknownOrganization):
        queries.info(0)
