"""``scoreport access-code issue|bulk|revoke``."""

import json
import re
import stat

import pytest

from scoreport.organizations.models import AccessCode
from scoreport.outbox.models import Mail
from tests.organizations.entering import refusal, use, with_contact

CODE = re.compile(r"\b(?:[A-Z2-9]{4}-){3}[A-Z2-9]{4}\b")


def test_a_code_is_printed_once_and_opens(scoreport, world, actor):
    said = scoreport("access-code", "issue", "--organization", "000905")
    assert (said.code, CODE.fullmatch(said.out.strip()) is not None) == (0, True)
    assert said.err == "Alder Early College has a new access code, which is shown this once.\n"
    assert use(actor("nora"), said.out.strip()).organization.code == "ALDER-EARLY"


def test_a_code_for_programs_and_by_mail(scoreport, world):
    said = scoreport("access-code", "issue", "--organization", "ALDER-EARLY", "--send", "--json")
    assert (said.code, said.out) == (1, "")
    assert "There is no contact on file for Alder Early College. Name one first." in said.err
    with_contact("ALDER-EARLY")
    said = scoreport("access-code", "issue", "--organization", "ALDER-EARLY", "--send", "--json")
    told = json.loads(said.out)
    assert CODE.fullmatch(told["code"])
    assert (told["organization"], told["tool"], told["sent_to"]) == (
        "ALDER-EARLY", "managing-access", "principal@alder.example",
    )  # fmt: skip
    assert Mail.objects.get().to == "principal@alder.example"


def test_a_lost_code_is_replaced_or_revoked(scoreport, world, actor):
    lost = scoreport("access-code", "issue", "--organization", "000905").out.strip()
    new = scoreport("access-code", "issue", "--organization", "000905", "--replace").out.strip()
    assert "taken out of use" in str(refusal(actor("nora"), lost))
    said = scoreport("access-code", "revoke", new[-4:], "--organization", "000905")
    assert (said.code, said.err) == (0, "")
    assert re.fullmatch(r"The code …\w{4} \(no\. \d+\) opens nothing any more\.\n", said.out)
    assert "taken out of use" in str(refusal(actor("nora"), new))
    said = scoreport("access-code", "revoke", new[-4:], "--organization", "000905")
    assert (said.code, said.err) == (1, f"The code …{new[-4:]} was revoked before.\n")


def test_codes_in_bulk_as_letters(scoreport, world, tmp_path):
    with_contact("ALDER-EARLY")
    path = tmp_path / "letters.html"
    said = scoreport("access-code", "bulk", "--under", "D-ALDER", "--only-without-manager", "--send",
                     "--letters", path)  # fmt: skip
    assert (said.code, said.out) == (0, "2 access codes issued, 1 of them by mail.\n")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    text = path.read_text(encoding="utf-8")
    assert len(set(CODE.findall(text))) == 2
    assert "break-after: page" in text
    told = json.loads(scoreport("access-code", "bulk", "--all", "--only-with-contact", "--json", "--keep-earlier").out)
    assert [one["name"] for one in told] == ["Alder Early College"]
    assert AccessCode.objects.filter(organization__code="ALDER-EARLY", revoked_at=None).count() == 2


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("bulk", "--all"), "Say where the codes are to go"),
        (("bulk", "--json"), "--under"),
        (("bulk", "--all", "--letters", "/no/such/folder/x.html"), "cannot be written"),
        (("bulk", "--under", "NOWHERE", "--json"), "There is no organization"),
        (("issue",), "--organization"),
        (("revoke", "2345", "--organization", "000905"), "has no access code that ends with"),
        ((), "ACT"),
    ],
)
def test_what_cannot_be_done_is_said(scoreport, world, arguments, told):
    said = scoreport("access-code", *arguments)
    assert (said.code, said.out) == (1, "")
    assert told in said.err
    assert not AccessCode.objects.exists()


def test_no_code_is_issued_that_nobody_would_see(scoreport, world):
    with_contact("ALDER-EARLY")
    said = scoreport("access-code", "bulk", "--under", "D-ALDER", "--send")
    assert said.out == "1 access code issued, 1 of them by mail.\n"
    assert "left out. Use --letters" in said.err
    assert AccessCode.objects.get().organization.code == "ALDER-EARLY"
