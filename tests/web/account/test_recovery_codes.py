"""Recovery codes: shown once, good once, and made anew."""

import re
from urllib.parse import unquote

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.contrib.auth import get_user_model
from django.urls import reverse

from scoreport.web.adapter import SecondFactorAdapter
from tests.web.pages import read
from tests.web.test_sign_in import code_of

pytestmark = pytest.mark.django_db

AMY, PASSWORD, SECRET = "amy@juniper.example", "correct horse battery", "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
CODES = "/account/second-factor/codes/"


@pytest.fixture
def amy(world):
    user = get_user_model().objects.get(email=AMY)
    user.set_password(PASSWORD)
    user.save()
    data = {"secret": SecondFactorAdapter().encrypt(SECRET)}
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data=data)
    RecoveryCodes.activate(user)
    return user


def sign_in(client, code):
    assert (
        client.post(reverse("account_login"), {"login": AMY, "password": PASSWORD}).url
        == "/account/second-factor/authenticate/"
    )
    return client.post(reverse("mfa_authenticate"), {"code": code})


def listed(client):
    page = client.get(CODES)
    return page, re.findall(r"<li><code>(.*?)</code>", page.content.decode())


def test_codes_are_shown_once_with_a_file_of_them(anonymous, amy):
    sign_in(anonymous, code_of(SECRET))
    page, codes = listed(anonymous)
    assert len(codes) == 10
    file = unquote(read(page).links()["Download"].partition(",")[2])
    assert file.split()[-10:] == codes
    page, codes = listed(anonymous)
    assert codes == []
    assert "shown once" in read(page).text
    assert "Download" not in read(page).links()


@pytest.mark.django_db(transaction=True)
def test_each_code_signs_in_once_and_new_ones_void_the_old(anonymous, amy):
    sign_in(anonymous, code_of(SECRET))
    _page, codes = listed(anonymous)
    anonymous.post(reverse("account_logout"))
    assert sign_in(anonymous, codes[0]).url == reverse("dashboard")
    anonymous.post(reverse("account_logout"))
    assert sign_in(anonymous, codes[0]).status_code == 200
    assert anonymous.post(reverse("mfa_authenticate"), {"code": codes[1]}).url == reverse("dashboard")
    # A code stands in for the app: what wants a second factor opens.
    assert "Set it up now" not in anonymous.get("/").content.decode()

    assert anonymous.post(reverse("mfa_generate_recovery_codes")).url == CODES
    _page, new = listed(anonymous)
    assert len(new) == 10
    anonymous.post(reverse("account_logout"))
    assert sign_in(anonymous, codes[2]).status_code == 200
    assert anonymous.post(reverse("mfa_authenticate"), {"code": new[0]}).url == reverse("dashboard")


@pytest.mark.parametrize(
    ("target", "leads"),
    [("/files/", True), ("https://evil.example/", False), ("//evil.example/", False), ("/\\evil.example/", False)],
)
def test_a_link_to_the_second_factors_says_where_to_go_on(amy, client_for, target, leads):
    page = read(client_for("amy").get("/account/second-factor/", {"next": target}))
    assert page.links().get("Go on to the page you came for") == (target if leads else None)
