"""Lists of people to invite: pasted or from a file, every fault told with its place."""

import datetime as dt
import io

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from scoreport.access import Role
from scoreport.organizations.invitees import COLUMNS, Frame, as_csv, read_file, read_pasted
from scoreport.organizations.rules.invitations import MOST_AT_ONCE
from tests.conftest import ROOT
from tests.web.pages import sought

TODAY, LAST_DAY = dt.date(2026, 11, 21), dt.date(2028, 6, 30)
FRAME = Frame(roles=(Role.SUMMARY_REPORTS,), ends_on=LAST_DAY, today=TODAY, last_day=LAST_DAY)


def people(text):
    reading = read_pasted(text, FRAME)
    assert not reading.problems, reading.problems
    return [(one.name, one.email) for one in reading.invitees]


def problems(reading):
    return [(one.line, one.column, one.value) for one in reading.problems]


def from_file(text, frame=FRAME):
    return read_file(io.BytesIO(text.encode()), frame)


ANN, BO, CY = (("", f"{name}@alder.example") for name in ("ann", "bo", "cy"))
LEE, ITO = ("Lee, Ann", "ann@alder.example"), ("Ito, Bo", "bo@alder.example")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Ann@Alder.example", [ANN]),
        ("Ann Lee <ann@alder.example>", [("Ann Lee", ANN[1])]),
        ("ann@alder.example, bo@alder.example; cy@alder.example", [ANN, BO, CY]),
        ("ann@alder.example\r\n\r\n  bo@alder.example;\n", [ANN, BO]),
        ('"Lee, Ann" <ann@alder.example>, <bo@alder.example>', [LEE, BO]),
        ("Lee, Ann <ann@alder.example>; Ito, Bo <bo@alder.example>", [LEE, ITO]),
        ("Ann Lee\tann@alder.example", [("Ann Lee", ANN[1])]),
        ("ann@alder.example Ann Lee", [("Ann Lee", ANN[1])]),
    ],
)
def test_addresses_as_people_paste_them(text, found):
    assert people(text) == found


def test_what_is_no_address_is_told_with_its_line():
    reading = read_pasted("ann@alder.example\nBo\n\ncy@, dee@alder\n", FRAME)
    assert problems(reading) == [(2, "email", "bo"), (4, "email", "cy@"), (4, "email", "dee@alder")]
    assert problems(read_pasted(" \n;,\n", FRAME)) == [(1, "email", "")]


def test_without_a_role_nobody_is_invited():
    bare = Frame(roles=(), ends_on=LAST_DAY, today=TODAY, last_day=LAST_DAY)
    assert problems(read_pasted("ann@alder.example", bare)) == [(1, "roles", "")]


def test_a_file_with_everything():
    reading = from_file(
        "ends_on,Role,E-MAIL,phone,name\n"
        "2027-06-30,access-manager;Detailed Reports (K–12),ann@alder.example,1,Ann\n"
        ',"summary reports, file-downloads",bo@alder.example,2,\n'
        ",,cy@alder.example,3,Cy\n"
    )
    assert reading.problems == ()
    assert reading.ignored_columns == ("phone",)
    ann, bo, cy = reading.invitees
    assert (ann.line, ann.name, ann.ends_on) == (2, "Ann", dt.date(2027, 6, 30))
    assert ann.roles == (Role.ACCESS_MANAGER, Role.DETAILED_REPORTS)
    assert (bo.roles, bo.ends_on) == ((Role.SUMMARY_REPORTS, Role.FILE_DOWNLOADS), LAST_DAY)
    assert cy.roles == FRAME.roles


def test_every_fault_is_told_with_line_column_and_value():
    reading = from_file(
        "email,name,roles,ends_on\n"
        "no address,A,summary-reports,2027-06-30\n"
        "b@alder.example,B,boss;program-staff,2027-06-31\n"
        "c@alder.example,C,summary-reports,2026-11-20\n"
        "d@alder.example,D,summary-reports\n"  # The last cell is cut off, so it is empty.
        "e@alder.example,E,summary-reports,2029-01-01\n"
        "C@alder.example,C,detailed-reports,2026-11-22\n"
    )
    assert problems(reading) == [
        (2, "email", "no address"),
        (3, "ends_on", "2027-06-31"),
        (3, "roles", "boss"),
        (3, "roles", "program-staff"),
        (4, "ends_on", "2026-11-20"),
        (6, "ends_on", "2029-01-01"),
        (7, "email", "c@alder.example"),
    ]
    assert all(one.reason.endswith(".") for one in reading.problems)


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"", [(1, "", "")]),
        (b"name,role\nAnn,x\n", [(1, "email", "")]),
        (b"email,email\n", [(1, "email", "email")]),
        (b"email,role,roles\n", [(1, "roles", "roles")]),
        (b"email\n", [(1, "email", "")]),
        (b"email\nann@alder.example\n\x81\xfe@alder.example\n", [(3, "email", "\\x81\\xfe@alder.example")]),
        (b"PK\x03\x04rest", [(1, "", "")]),
    ],
)
def test_a_file_that_is_none_says_so(content, found):
    assert problems(read_file(io.BytesIO(content), FRAME)) == found


def test_a_list_has_a_limit():
    lines = "".join(f"p{n}@alder.example\n" for n in range(MOST_AT_ONCE))
    assert from_file("email\n" + lines).problems == ()
    assert people(lines)
    more = lines + "one@alder.example\n" * 5000
    for reading in (from_file("email\n" + more), read_pasted(more, FRAME)):
        (problem,) = reading.problems
        assert "up to 1000 people" in problem.reason


def test_an_endless_line_takes_no_time():
    for text in ("<" * 100_000, '"' * 99_999, '"<' * 50_000, "a@" * 50_000, ", " * 50_000):
        assert read_pasted(text, FRAME).problems


@given(st.binary(max_size=300) | st.text(max_size=200).map(lambda text: f"email,name,roles\n{text}".encode()))
def test_any_file_is_read_or_refused_with_a_place(content):
    reading = read_file(io.BytesIO(content), FRAME)
    assert reading.invitees or reading.problems
    assert all(problem.line >= 1 and problem.reason for problem in reading.problems)


@given(st.text(max_size=300))
def test_any_text_is_read_or_refused_with_a_place(text):
    reading = read_pasted(text, FRAME)
    assert reading.invitees or reading.problems
    assert all(problem.line >= 1 and problem.reason for problem in reading.problems)


NAMES = st.text(max_size=40)


@given(
    st.lists(st.tuples(NAMES, st.sets(st.sampled_from(["access-manager", "file-downloads"]), min_size=1)), min_size=1)
)
def test_what_is_written_is_read_again(rows):
    text = as_csv([])
    for number, (name, roles) in enumerate(rows):
        quoted = name.replace('"', '""').replace("\0", "")
        text += f'p{number}@alder.example,"{quoted}",{";".join(sorted(roles))},2027-01-01\n'
    first = from_file(text.encode(errors="ignore").decode())
    if first.problems:
        return
    again = from_file(as_csv(first.invitees))
    assert [(one.email, one.name, one.roles, one.ends_on) for one in again.invitees] == [
        (one.email, one.name, one.roles, one.ends_on) for one in first.invitees
    ]


def test_the_file_of_the_guide_is_read():
    guide = (ROOT / "docs" / "guides" / "invitations.md").read_text("utf-8")
    reading = from_file(sought(r"```csv\n(.*?)```", guide)[1])
    assert reading.problems == ()
    assert [one.email[:2] for one in reading.invitees] == ["an", "bo", "cy"]
    assert guide.count(sought(r"```csv\n(.*?)\n", guide)[1]) == 1 == guide.count(",".join(COLUMNS))
    assert people(sought(r"```text\n(.*?)```", guide)[1])[1] == ("Ito, Bo", "bo@cedar.example")


def test_roles_by_their_names_in_either_language():
    for language, words in (
        ("en", "Access Management/DAT"),
        ("es", "Informes detallados (K–12);Detailed Reports (K–12)"),
    ):
        with translation.override(language):
            assert from_file(f"email,role\nann@alder.example,{words}\n").problems == ()
