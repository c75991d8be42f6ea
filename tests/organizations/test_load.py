"""Organizations from a file: what is taken, what is refused with which words, and what a second load does."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoreport.access import NotAllowed, PlaceKind
from scoreport.audit.queries import events_of
from scoreport.audit.rules import Verb
from scoreport.organizations.actions import load_organizations
from scoreport.organizations.intake import FileRefused, read
from scoreport.organizations.models import Organization
from scoreport.organizations.queries import find
from tests.conftest import shared_dir
from tests.world import AT, ORGANIZATIONS, load

HEADER = "kind,organization_id,name,parent_id,ai_code,city,state,zip"
TREE = f"""{HEADER}
state,ST,Juniper,,,Juniper,WV,25301
district,D,Alder,ST,,Alder,WV,25310
school,S,Alder High,D,470001,Alder,WV,25310
"""

pytestmark = pytest.mark.django_db


def problems(text):
    """Return line and column of everything that is wrong with a file."""
    with pytest.raises(FileRefused) as refusal:
        load(text)
    return [(problem.line, problem.column) for problem in refusal.value.problems]


def stored():
    return dict(Organization.objects.values_list("code", "name"))


def test_a_tree_is_stored_with_its_lineages():
    loaded = load(TREE)
    assert (loaded.new, loaded.changed, loaded.same) == (3, 0, 0)
    school, district, state = find("S"), find("D"), find("ST")
    assert school.lineage == (state.id, district.id, school.id)
    assert (school.kind, school.ai_code, school.city, school.state, school.zip) == (
        PlaceKind.SCHOOL, "470001", "Alder", "WV", "25310",
    )  # fmt: skip
    assert loaded.touched == {school.id, district.id, state.id}


def test_the_same_file_again_changes_nothing():
    load(TREE)
    before = list(Organization.objects.values().order_by("id"))
    loaded = load(TREE)
    assert (loaded.new, loaded.changed, loaded.same) == (0, 0, 3)
    assert loaded.touched == frozenset()
    assert list(Organization.objects.values().order_by("id")) == before


def test_the_sample_is_taken():
    folder = shared_dir()
    # Beside the project where the samples are; the world's own file stands for them elsewhere.
    text = (folder / "data/clep/organizations.csv").read_text() if folder else ORGANIZATIONS
    loaded = load(text)
    assert loaded.new == text.count("\n") - 1
    assert load(text).same == loaded.new


def test_columns_come_in_any_order_with_a_bom_and_crlf_and_others_are_ignored():
    text = "\ufeffName,color,KIND,organization_id,zip,state,city,ai_code,parent_id\r\nJuniper,red,State,ST,,wv,,,\r\n"
    loaded = load(text)
    assert loaded.ignored_columns == ("color",)
    assert (find("ST").name, find("ST").state) == ("Juniper", "WV")


def test_parents_may_come_later_in_the_file():
    lines = TREE.splitlines()
    load("\n".join([lines[0], *reversed(lines[1:])]))
    assert len(find("S").lineage) == 3


def test_only_what_changed_is_changed():
    load(TREE)
    loaded = load(TREE.replace("Alder High", "Alder Senior High"))
    assert (loaded.new, loaded.changed, loaded.same) == (0, 1, 2)
    assert loaded.touched == {find("S").id}
    assert find("S").name == "Alder Senior High"


def test_a_file_of_a_part_leaves_the_rest():
    load(TREE)
    load(f"{HEADER}\nschool,S2,Alder Early,D,000905,Alder,WV,\n")
    assert set(stored()) == {"ST", "D", "S", "S2"}
    assert find("000905").code == "S2"


def test_a_subtree_that_moves_takes_its_lineages_along():
    load(TREE)
    loaded = load(f"{HEADER}\nstate,ST2,Other,,,,OH,\ndistrict,D,Alder,ST2,,Alder,WV,25310\n")
    assert find("S").lineage == (find("ST2").id, find("D").id, find("S").id)
    assert loaded.touched == {find("ST2").id, find("D").id, find("S").id}
    assert loaded.changed == 1


def test_two_schools_may_exchange_their_codes():
    load(f"{TREE}school,S2,Alder Early,D,000905,Alder,WV,\n")
    load(f"{HEADER}\nschool,S,Alder High,D,000905,,WV,\nschool,S2,Alder Early,D,470001,,WV,\n")
    assert (find("000905").code, find("470001").code) == ("S", "S2")


def test_who_loaded_what_is_on_record():
    load(TREE)
    (event,) = events_of(verb=Verb.ORGANIZATIONS_LOADED)
    assert event.facts.detail == {"new": 3, "changed": 0, "same": 0}


def test_nobody_but_the_operator_loads(world):
    for name in ("max", "pat", "sam"):
        with pytest.raises(NotAllowed):
            load_organizations(world.actor(name), file=io.BytesIO(TREE.encode()), at=AT)
    assert "D" not in stored()


# --- Time zones ----------------------------------------------------------------------------------


def zones(text):
    load(text)
    return dict(Organization.objects.values_list("code", "time_zone"))


def test_a_zone_comes_from_the_column_then_the_parent_then_the_state_then_the_installation(settings):
    settings.TIME_ZONE = "Pacific/Guam"
    text = (
        f"{HEADER},time_zone\n"
        "state,TX,Texas,,,,TX,,\n"
        "district,EL,El Paso,TX,,,TX,,America/Denver\n"
        "school,S,El Paso High,EL,470001,,TX,,\n"
        "school,S2,Austin High,TX,470002,,TX,,\n"
        "other,O,Abroad,,,,,,\n"
        "other,M,At sea,,,,AE,,\n"
    )
    assert zones(text) == {
        "TX": "America/Chicago",
        "EL": "America/Denver",
        "S": "America/Denver",
        "S2": "America/Chicago",
        "O": "Pacific/Guam",
        "M": "Pacific/Guam",
    }


def test_a_file_without_zones_leaves_those_that_are_stored():
    zones(f"{HEADER},time_zone\nstate,ST,Juniper,,,Juniper,WV,25301,America/Denver\n")
    assert zones(TREE)["ST"] == "America/Denver"


# --- What is wrong is told, all of it, and nothing is stored ---------------------------------------


@pytest.mark.parametrize(
    ("row", "column", "words"),
    [
        ("college,X,Alder,,,,,", "kind", "one of: state, district, school, other"),
        ("school,,Alder,,,,,", "organization_id", "its own id"),
        ("school,a/b,Alder,,,,,", "organization_id", "its own id"),
        ("school,X,,,,,,", "name", "needs a name"),
        ("school,X,Alder,NOWHERE,,,,", "parent_id", "neither in the file nor stored"),
        ("other,X,Alder,X,,,,", "parent_id", "under itself"),
        ("district,X,Alder,S,,,,", "parent_id", "can't be under the school S"),
        ("state,X,Alder,ST,,,,", "parent_id", "can't be under the state ST"),
        ("school,X,Alder,,47001,,,", "ai_code", "six digits"),
        ("school,X,Alder,,\uff14\uff17\uff10\uff10\uff10\uff11,,,", "ai_code", "six digits"),
        ("school,X,Alder,,000003,,,", "ai_code", "no high school code"),
        ("school,X,Alder,,000004,,,", "ai_code", "no high school code"),
        ("school,X,Alder,,470001,,,", "ai_code", "belongs to Alder High (S) already"),
        ("school,X,Alder,,,,QQ,", "state", "no state or territory"),
        ("school,X,Alder,,,,,253", "zip", "five digits"),
        ("school,X", "", "2 cells"),
        ("school,X,Alder,,,,,,9", "", "9 cells"),
    ],
)
def test_each_mistake_is_told_where_it_stands(row, column, words):
    load(TREE)
    with pytest.raises(FileRefused) as refusal:
        load(f"{HEADER}\nschool,GOOD,Good,D,470009,,WV,\n{row}\n")
    (problem,) = refusal.value.problems
    assert (problem.line, problem.column) == (3, column)
    assert words in problem.reason
    assert problem.reason.endswith(".")
    assert "GOOD" not in stored()


def test_all_mistakes_are_told_at_once_by_line():
    text = f"{HEADER}\nschool,,A,,,,,\nschool,B,,,12,,ZZ,x\nfoo,C,C,,,,,\n"
    assert problems(text) == [
        (2, "organization_id"), (3, "ai_code"), (3, "name"), (3, "state"), (3, "zip"), (4, "kind"),
    ]  # fmt: skip


def test_an_id_or_code_that_stands_twice_is_told_with_the_first_line():
    text = f"{HEADER}\nschool,A,A,,470001,,,\nschool,A,B,,470002,,,\nschool,C,C,,470001,,,\n"
    with pytest.raises(FileRefused) as refusal:
        load(text)
    told = [(problem.line, problem.column, problem.reason) for problem in refusal.value.problems]
    assert [(line, column) for line, column, _reason in told] == [(3, "organization_id"), (4, "ai_code")]
    assert all("Line 2" in reason for _line, _column, reason in told)


def test_a_circle_is_refused_with_everybody_in_it():
    text = f"{HEADER}\nother,A,A,B,,,,\nother,B,B,C,,,,\nother,C,C,A,,,,\nother,D,D,A,,,,\n"
    assert problems(text) == [(2, "parent_id"), (3, "parent_id"), (4, "parent_id")]


def test_a_circle_through_what_is_stored_is_refused():
    load(f"{HEADER}\nother,A,A,,,,,\nother,B,B,A,,,,\n")
    assert problems(f"{HEADER}\nother,A,A,B,,,,\n") == [(2, "parent_id")]


def test_a_kind_cannot_change_over_the_heads_of_stored_children():
    load(TREE)
    assert problems(f"{HEADER}\nschool,D,Alder,ST,,Alder,WV,\n") == [(2, "kind")]


def test_a_wrong_zone_is_told():
    assert problems(f"{HEADER},time_zone\nschool,A,A,,,,,,Mars/Olympus\n") == [(2, "time_zone")]


@pytest.mark.parametrize(
    ("header", "columns"),
    [
        ("kind,organization_id,name,ai_code,city,state", ["parent_id"]),
        (f"{HEADER},name", ["name"]),
        (f"{HEADER},NAME", ["name"]),
    ],
)
def test_a_header_that_is_incomplete_or_ambiguous_is_refused(header, columns):
    assert problems(f"{header}\nschool,A\n") == [(1, column) for column in columns]


@pytest.mark.parametrize("raw", [b"", b"\xff\xfek\0", b"PK\x03\x04", f"{HEADER}\nschool,A,Caf\xe9".encode("latin-1")])
def test_what_is_no_csv_in_utf_8_is_refused(raw):
    with pytest.raises(FileRefused) as refusal:
        read(io.BytesIO(raw))
    assert len(refusal.value.problems) == 1


def test_names_are_kept_as_given_without_what_hides():
    load(f"{HEADER}\nschool,A,  Jose\u0301\u202e  High ,,,,,\nschool,B,=1+1,,,,,\n")
    assert stored() == {"A": "José High", "B": "=1+1"}


CELLS = st.text(st.sampled_from('",\n\r\0\u202eéA0 =/'), max_size=6) | st.sampled_from(
    ["school", "state", "ST", "D", "470001", "000003", "WV", "25301", "America/Denver"]
)


@given(st.lists(st.lists(CELLS, min_size=7, max_size=9), max_size=5), st.booleans())
def test_any_file_is_read_or_refused_and_never_breaks(rows, quoted):
    """Whatever stands in a file, the answer is rows or problems with their line."""
    wrap = (lambda cell: '"' + cell.replace('"', '""') + '"') if quoted else str
    text = "\n".join([HEADER, *(",".join(map(wrap, row)) for row in rows)])
    try:
        reading = read(io.BytesIO(text.encode()))
    except FileRefused as refusal:
        assert all(problem.line >= 1 and problem.reason for problem in refusal.problems)  # noqa: PT017 - one of two good ends
    else:
        assert all(row.code and row.name and row.kind in PlaceKind for row in reading.rows)


# --- Contacts --------------------------------------------------------------------------------------------

CONTACTS = f"""{HEADER},contact_name,contact_email
school,S,Alder High,,470001,Alder,WV,25310,Pia Principal,Pia@Alder.Example
"""


def contact():
    return Organization.objects.values_list("contact_name", "contact_email").get(code="S")


def test_a_file_without_contacts_leaves_those_that_are_stored():
    load(CONTACTS)
    assert contact() == ("Pia Principal", "pia@alder.example")
    plain = f"{HEADER}\nschool,S,Alder High School,,470001,Alder,WV,25310\n"
    assert load(plain).changed == 1
    assert contact() == ("Pia Principal", "pia@alder.example")
    assert load(f"{HEADER},contact_email\nschool,S,Alder High School,,470001,Alder,WV,25310,\n").changed == 1
    assert contact() == ("Pia Principal", "")


def test_a_contact_needs_an_address():
    assert problems(CONTACTS.replace("@Alder", " at alder")) == [(2, "contact_email")]
    assert not Organization.objects.exists()
