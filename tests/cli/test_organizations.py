"""``scoreport load-organizations`` and ``scoreport add-person``."""

import json

import pytest
from django.contrib.auth import get_user_model

from scoreport.access import Role
from scoreport.accounts.queries import person
from scoreport.imports.models import ImportFile
from scoreport.organizations.models import Membership, Organization
from scoreport.organizations.queries import find
from tests.world import ORGANIZATIONS

pytestmark = pytest.mark.django_db


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "organizations.csv"
    path.write_text(ORGANIZATIONS, encoding="utf-8")
    return path


def test_a_file_is_loaded_and_counted(scoreport, file):
    first = scoreport("load-organizations", file).out
    said = scoreport("load-organizations", file, "--json")
    one, two = ImportFile.objects.order_by("pk").values_list("pk", flat=True)
    assert first == f"Organizations: 6 new, 0 changed, 0 the same. File {one}.\n"
    assert json.loads(said.out) == {
        "new": 0, "changed": 0, "same": 6, "refused": [], "skipped": 0, "repairs": [], "file": two, "reverting": 0,
        "ignored_columns": [],
    }  # fmt: skip
    assert (said.code, said.err) == (0, f"Organizations: 0 new, 0 changed, 6 the same. File {two}.\n")


def test_every_mistake_is_listed_and_nothing_is_stored(scoreport, file):
    file.write_text(ORGANIZATIONS + "school,X,,D-ALDER,12,,ZZ,x\nschool,Y\n", encoding="utf-8")
    said = scoreport("load-organizations", file)
    assert (said.code, said.out) == (1, "")
    lines = said.err.splitlines()
    assert lines[0].startswith("1 row, line 8, ai_code: Leading zeros are lost")
    assert lines[1].startswith('Line 8, ai_code: "12": An AI code has six digits.')
    assert lines[2].startswith("Line 8, name: ")
    assert lines[-1] == "The file has 5 problems, so nothing was stored. Correct them and load the file again."
    assert not Organization.objects.exists()
    refused = json.loads(scoreport("load-organizations", file, "--json").out)["refused"]
    assert [(one["line"], one["column"], one["value"]) for one in refused] == [
        (8, "ai_code", "12"), (8, "name", ""), (8, "state", "ZZ"), (8, "zip", "x"), (9, "", "school,Y"),
    ]  # fmt: skip


def test_a_long_list_is_cut_on_the_screen(scoreport, file):
    rows = "".join(f"school,S{number},A,,,,,1\n" for number in range(60))
    file.write_text(f"{ORGANIZATIONS.splitlines()[0]}\n{rows}", encoding="utf-8")
    said = scoreport("load-organizations", file)
    assert "… and 10 more; --json lists all." in said.err
    assert len(json.loads(scoreport("load-organizations", file, "--json").out)["refused"]) == 60


def test_ignored_columns_are_told(scoreport, tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("kind,organization_id,name,parent_id,ai_code,city,state,zip,phone\nstate,ST,J,,,,,,1\n")
    assert scoreport("load-organizations", path).err == (
        "These columns are not part of the layout organizations-1 and were ignored: phone.\n"
    )


# --- People ----------------------------------------------------------------------------------------------


@pytest.fixture
def tree(scoreport, file):
    scoreport("load-organizations", file)


def test_a_person_gets_a_role_and_a_link_that_works_once(scoreport, tree, anonymous, settings):
    settings.SITE_URL = "https://scores.example"
    said = scoreport("add-person", "Ann@Juniper.example", "--name", "Ann", "--organization", "000905",
                     "--role", "detailed-reports")  # fmt: skip
    assert said.code == 0
    address = said.out.strip()
    assert address.startswith("https://scores.example/account/password/reset/key/")
    assert "Ann <ann@juniper.example> now has the role Detailed Reports (K–12), Alder Early College, until " in said.err
    assert "within 3 days" in said.err
    form = anonymous.get(address.removeprefix("https://scores.example")).url
    words = {"password1": "correct horse battery", "password2": "correct horse battery"}
    assert anonymous.post(form, words).status_code == 302
    assert get_user_model().objects.get().check_password("correct horse battery")
    second = anonymous.get(address.removeprefix("https://scores.example"))
    assert second.status_code == 200
    assert b"password1" not in second.content


def test_a_known_person_with_a_password_gets_no_link(scoreport, tree):
    arguments = ["add-person", "ann@juniper.example", "--name", "Ann", "--role", "program-staff"]
    scoreport(*arguments)
    get_user_model().objects.update(password="argon2$something")
    said = scoreport(*arguments, "--ends", "2100-06-30")
    assert (said.code, said.err) == (0, "")
    assert said.out.endswith("for the whole installation, until 2100-06-30.\n")
    assert Membership.objects.get().role == Role.PROGRAM_STAFF


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--organization", "999999", "--role", "detailed-reports"], 'id or AI code "999999"'),
        (["--role", "detailed-reports"], "is held at an organization"),
        (["--organization", "ST", "--role", "program-staff"], "belong to the whole installation"),
        (["--organization", "ST", "--role", "boss"], "choose one of access-manager"),
        (["--organization", "ST", "--role", "summary-reports", "--ends", "2026-02-30"], "Write it like"),
        (["--organization", "ST", "--role", "summary-reports", "--ends", "2001-01-01"], "is over"),
    ],
)
def test_what_cannot_be_is_refused_in_words_and_leaves_nobody(scoreport, tree, arguments, words):
    said = scoreport("add-person", "ann@juniper.example", "--name", "Ann", *arguments)
    assert (said.code, said.out) == (1, "")
    assert words in said.err.replace("\n", " ")
    assert not get_user_model().objects.exists()


def test_the_person_is_who_they_were(scoreport, tree):
    for organization in ("ST", "D-ALDER"):
        scoreport("add-person", "ann@juniper.example", "--name", organization, "--organization", organization,
                  "--role", "summary-reports")  # fmt: skip
    assert person("ann@juniper.example").name == "ST"
    assert set(Membership.objects.values_list("organization_id", flat=True)) == {find("ST").id, find("D-ALDER").id}
