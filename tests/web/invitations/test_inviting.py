"""The pages that invite: one person at once, many after a look at the list."""

import csv
import io

import pytest
from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scoreport.access import Role
from scoreport.organizations.actions import grant_role
from scoreport.organizations.models import Invitation
from scoreport.outbox.models import Mail
from scoreport.web.middleware import AT_KEY
from tests.conftest import give_second_factor
from tests.examples import examples
from tests.organizations.invited import NEW, invited
from tests.web.pages import read
from tests.world import AT, FORMULA, OPERATOR

pytestmark = pytest.mark.django_db

INVITE = "/managing/470001/invite/"
SEVERAL = f"{INVITE}several/"
LIST = "/managing/470001/invitations/"
ASKED = {"organization": "470001", "roles": ["summary-reports"], "ends_on": "2027-06-30"}


@pytest.fixture
def max_(client_for):
    """Return the browser of the access manager of Alder High School."""
    return client_for("max")


def upload(client, content: bytes, **more):
    """Send a file of people as the form does."""
    return client.post(SEVERAL, {**ASKED, **more, "file": SimpleUploadedFile("people.csv", content)})


def confirm(client, page):
    """Press the button of the page that says what each person would get."""
    return client.post(f"{SEVERAL}send/", {name: values[0] for name, values in read(page).fields("send/").items()})


# --- One person ----------------------------------------------------------------------------------


def test_one_person_is_invited(max_):
    page = read(max_.get(INVITE))
    assert "Access Management/DAT (K–12): invites people" in page.text
    assert page.fields("invite/")["ends_on"] == ["2028-06-30"]
    answer = max_.post(INVITE, {**ASKED, "email": " New@Juniper.example", "name": "New  Colleague"}, follow=True)
    assert answer.redirect_chain == [(LIST, 302)]
    assert "new@juniper.example is invited. The link works until Nov 28, 2026" in read(answer).text
    row = Invitation.objects.get()
    assert (row.email, row.name, row.roles, row.invited_by) == (
        NEW, "New Colleague", ["summary-reports"], "Max <max@juniper.example>",
    )  # fmt: skip
    assert Mail.objects.get().to == NEW


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"email": "no address"}, "This is not an e-mail address."),
        ({"email": ""}, "Write the e-mail address"),
        ({"roles": []}, "Choose at least one role."),
        ({"roles": ["program-staff"]}, "program-staff is not one of the available choices"),
        ({"ends_on": "soon"}, "This is not a day."),
        ({"ends_on": "2029-01-01"}, "until 2028-06-30 at most"),
        ({"ends_on": "2026-11-20"}, "This day is over"),
        ({"email": "max@juniper.example", "roles": ["access-manager"]}, "has this access already"),
        ({"organization": "470101"}, "no organization"),
    ],
)
def test_what_is_wrong_is_told_beside_the_form(max_, changes, told):
    answer = max_.post(INVITE, {**ASKED, "email": NEW, **changes})
    assert answer.status_code == 200
    assert told in read(answer).text
    assert not Invitation.objects.exists()


def test_who_was_invited_is_not_invited_twice(max_):
    for told in ("is invited", "There is an open invitation"):
        assert told in read(max_.post(INVITE, {**ASKED, "email": NEW}, follow=True)).text
    assert Mail.objects.count() == 1


def test_a_manager_of_a_district_chooses_among_its_schools(world, client_for):
    grant_role(OPERATOR, email="dan@juniper.example", organization="D-ALDER", role=Role.ACCESS_MANAGER, at=AT)
    dan = client_for("dan")
    page = dan.get("/managing/D-ALDER/invite/").content.decode()
    assert "Alder Early College (School · AI code 000905)" in page
    dan.post("/managing/D-ALDER/invite/", {**ASKED, "organization": "000905", "email": NEW})
    assert Invitation.objects.get().organization.code == "ALDER-EARLY"
    listed = read(dan.get("/managing/D-ALDER/invitations/"))
    assert "Alder Early College" in listed.text
    assert dan.get("/managing/470101/invite/").status_code == 404


def test_where_there_are_many_a_code_is_typed(world, client_for, monkeypatch):
    monkeypatch.setattr("scoreport.web.invitations.forms.MOST_OFFERED", 2)
    monkeypatch.setattr("scoreport.web.invitations.views.invite.MOST_OFFERED", 2)
    grant_role(OPERATOR, email="dan@juniper.example", organization="D-ALDER", role=Role.ACCESS_MANAGER, at=AT)
    dan = client_for("dan")
    assert "AI code of one under it" in read(dan.get("/managing/D-ALDER/invite/")).text
    dan.post("/managing/D-ALDER/invite/", {**ASKED, "organization": "000905", "email": NEW})
    assert Invitation.objects.get().organization.code == "ALDER-EARLY"


def test_for_managers_with_a_second_factor_only(world, client_for):
    info = invited(world.actor("max"))
    paths = [INVITE, SEVERAL, f"{SEVERAL}send/", f"{SEVERAL}problems.csv", LIST]
    paths += [f"{LIST}{info.id}/{act}/" for act in ("resend", "cancel")]
    for name in ("amy", "bea", "dan", "fay", "nora", "pat", "sue"):
        for path in paths:
            assert client_for(name).get(path).status_code == client_for(name).post(path).status_code == 403, path
    for path in paths:
        assert client_for("max", second_factor=False).post(path).url == "/account/second-factor/"
    assert (Invitation.objects.get().times_sent, Invitation.objects.get().cancelled_at) == (1, None)


# --- Many ----------------------------------------------------------------------------------------


def test_pasted_people_are_looked_at_before_anything_is_sent(world, max_):
    invited(world.actor("max"), email="open@juniper.example")
    people = (
        "Ann Lee <ann@alder.example>\nnora@juniper.example; open@juniper.example\n"
        "sue@juniper.example, Ann Lee <ann@alder.example>"
    )
    page = max_.post(SEVERAL, {**ASKED, "people": people})
    assert [cells[::4] for cells in read(page).rows("stacks")] == [
        ["ann@alder.example", "Gets an invitation"],
        ["nora@juniper.example", "Gets an invitation"],
        ["open@juniper.example", "Is invited already"],
        ["sue@juniper.example", "Has it already"],
        ["ann@alder.example", "Stands above already"],
    ]
    assert Mail.objects.count() == 1
    answer = confirm(max_, page)
    assert answer.url == LIST
    assert "2 people are invited. 3 lines were left out" in read(max_.get(LIST)).text
    assert sorted(Mail.objects.values_list("to", flat=True))[:2] == ["ann@alder.example", "nora@juniper.example"]
    assert Invitation.objects.get(email="ann@alder.example").name == "Ann Lee"


def test_a_file_with_roles_and_ends_of_its_own(max_):
    content = (
        "\ufeffemail,name,roles,ends_on,shoe size\r\n"
        'ann@alder.example,"Lee, Ann",detailed-reports;access-manager,2027-01-31,38\r\n'
        f"bo@alder.example,{FORMULA!r},,,\r\n".replace('"', '""').replace("'", '"')
    )
    page = upload(max_, content.replace('""Lee, Ann""', '"Lee, Ann"').encode())
    assert "were ignored: shoe size." in read(page).text
    confirm(max_, page)
    ann, bo = Invitation.objects.order_by("email")
    assert (ann.name, ann.roles, str(ann.role_ends_on)) == (
        "Lee, Ann", ["access-manager", "detailed-reports"], "2027-01-31",
    )  # fmt: skip
    assert (bo.name, bo.roles, str(bo.role_ends_on)) == (FORMULA, ["summary-reports"], "2027-06-30")


def test_every_problem_is_told_and_downloadable_and_nothing_is_sent(max_):
    page = upload(
        max_, b"email,roles\nann@alder.example,summary-reports\n=cmd|x,boss\nann@alder.example,file-downloads\n"
    )
    assert "The list has 3 problems, so nobody was invited." in read(page).text
    assert [cells[:3] for cells in read(page).rows("stacks rows")] == [
        ["3", "email", "=cmd|x"], ["3", "roles", "boss"], ["4", "email", "ann@alder.example"],
    ]  # fmt: skip
    sent = max_.post(f"{SEVERAL}problems.csv", {"problems": read(page).fields("problems.csv")["problems"][0]})
    assert sent.headers["Content-Disposition"] == 'attachment; filename="problems.csv"'
    rows = list(csv.reader(io.StringIO(sent.getvalue().decode())))
    assert rows[0] == ["line", "column", "value", "reason"]
    assert [row[:3] for row in rows[1:]] == [
        ["3", "email", "'=cmd|x"], ["3", "roles", "boss"], ["4", "email", "ann@alder.example"],
    ]  # fmt: skip
    assert max_.post(f"{SEVERAL}problems.csv", {"problems": "forged"}).status_code == 404
    assert not Invitation.objects.exists()


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ({}, "Paste addresses or choose a file."),
        ({"people": "ann@alder.example", "roles": []}, "Choose at least one role."),
        ({"people": "x" * 200_001}, "too long for one list"),
        ({"people": "ann@alder.example", "organization": "470101"}, "no organization"),
        ({"people": "ann@alder.example", "ends_on": ""}, "Choose the day"),
        ({"people": "\n".join(f"p{n}@alder.example" for n in range(1001))}, "up to 1000 people"),
    ],
)
def test_a_list_that_cannot_be_read_says_why(max_, sent, told):
    answer = max_.post(SEVERAL, {**ASKED, **sent})
    assert told in read(answer).text
    assert "Check the list" in read(answer).text
    assert not Invitation.objects.exists()


def test_a_file_that_is_too_large_is_refused(max_):
    assert "too large for a list of people" in read(upload(max_, b"email\n" + b"x" * 1_000_001)).text
    assert "The file is empty." in read(upload(max_, b"")).text


def test_who_may_not_invite_is_refused_before_anything_is_read(client_for, tmp_path):
    body = b"not a form at all " * 100_000
    response = client_for("amy").post(SEVERAL, body, content_type="multipart/form-data; boundary=none")
    assert response.status_code == 403
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_a_form_without_its_token_is_refused(world, at):
    max_ = Client(enforce_csrf_checks=True, **{AT_KEY: at})
    max_.force_login(get_user_model().objects.get(email="max@juniper.example"))
    give_second_factor(max_, world.people["max"].id)
    assert upload(max_, b"email\nann@alder.example\n").status_code == 403
    for path in (INVITE, f"{SEVERAL}send/", f"{SEVERAL}problems.csv"):
        assert max_.post(path, {**ASKED, "email": NEW}).status_code == 403
    assert not Invitation.objects.exists()


def test_what_is_confirmed_is_read_anew(world, max_):
    """The page that confirms holds no power: what is sent with it is checked as if it had come first."""
    rows = "email,name,roles,ends_on\nann@alder.example,,program-staff,2027-01-01\n"
    page = max_.post(f"{SEVERAL}send/", {"organization": "470001", "rows": rows})
    assert "program-staff" in read(page).text
    good = rows.replace("program-staff", "summary-reports")
    assert max_.post(f"{SEVERAL}send/", {"organization": "470101", "rows": good}).status_code == 404
    assert max_.post(f"{SEVERAL}send/", {}).url == SEVERAL
    assert not Invitation.objects.exists()
    assert max_.post(f"{SEVERAL}send/", {"organization": "470001", "rows": good}).url == LIST


@pytest.mark.once
def test_the_largest_list_is_sent_in_one_go(max_):
    lines = "\n".join(f"Person {n} <p{n}@alder.example>" for n in range(1000))
    page = max_.post(SEVERAL, {**ASKED, "people": lines})
    confirm(max_, page)
    assert Invitation.objects.count() == Mail.objects.count() == 1000


LINES = st.text(max_size=60).map(lambda text: f"email,name,roles,ends_on\nann@alder.example,{text}\n".encode())


@settings(max_examples=examples(40), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200) | LINES)
@pytest.mark.once
def test_whatever_is_uploaded_is_told_or_looked_at_and_never_sent(max_, content):
    answer = upload(max_, content)
    assert answer.status_code == 200
    assert not Mail.objects.exists()
