"""Whoever has a second factor gives it again before anything about their sign-in changes; a password is not enough."""

import re
import time

import pytest
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.socialaccount.models import SocialAccount
from django.conf import settings as django_settings
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse

from scoreport.accounts import sessions
from scoreport.accounts.actions import password_link
from scoreport.accounts.models import BrowserSession, LimitEntry
from scoreport.audit.queries import events_of
from scoreport.audit.rules import Verb
from scoreport.web.adapter import AccountAdapter, SecondFactorAdapter
from tests.conftest import give_second_factor
from tests.web.pages import read
from tests.web.test_sign_in import begin_app, code_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.once]

AMY, PASSWORD, NEW = "amy@juniper.example", "correct horse battery", "quite another password"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
GUARD = "scoreport.web.second_factor.SecondFactorMiddleware"
# What each form of allauth could want, all at once: a page takes what is its own.
EVERYTHING = {
    "action_add": "",
    "code": "000000",
    "email": "mallory@birch.example",
    "name": "Mallory's",
    "oldpassword": PASSWORD,
    "password": PASSWORD,
    "password1": NEW,
    "password2": NEW,
    "phone": "+12025550123",
}


@pytest.fixture
def amy(world, settings):
    # Hundreds of pages want the password here, and how it is hashed is not what is tested.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    user = get_user_model().objects.get(email=AMY)
    user.set_password(PASSWORD)
    user.save()
    return user


@pytest.fixture
def protected(amy):
    """Return Amy with an app, a passkey, recovery codes and a linked service."""
    data = {"secret": SecondFactorAdapter().encrypt(SECRET)}
    Authenticator.objects.create(user=amy, type=Authenticator.Type.TOTP, data=data)
    Authenticator.objects.create(user=amy, type=Authenticator.Type.WEBAUTHN, data={"name": "Key", "credential": {}})
    RecoveryCodes.activate(amy)
    SocialAccount.objects.create(user=amy, provider="alder", uid="amy-1")
    return amy


def password_session(amy, at=None):
    """Return a browser that knows the password only, which was confirmed a moment ago."""
    client = Client()
    client.force_login(amy)
    session = client.session
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [
        {"method": "password", "at": time.time(), "email": AMY},
        {"method": "password", "at": time.time(), "reauthenticated": True},
    ]
    session["account_authentication_methods_user"] = str(amy.pk)
    session.save()
    return client


def state_of(amy):
    """Return everything that decides how Amy signs in."""
    return (
        get_user_model().objects.values_list("password", "email").get(pk=amy.pk),
        sorted((one.pk, one.type, str(one.data)) for one in Authenticator.objects.filter(user=amy)),
        sorted(EmailAddress.objects.filter(user=amy).values_list("email", "primary", "verified")),
        sorted(SocialAccount.objects.filter(user=amy).values_list("provider", "uid")),
    )


def routes(patterns=None, before=""):
    """Yield name and address, without its arguments, of every route of ours and of allauth's that is about accounts."""
    for entry in get_resolver().url_patterns if patterns is None else patterns:
        route = before + str(entry.pattern)
        if isinstance(entry, URLPattern):
            if route.startswith(("account/", "library/")):
                yield entry.name, route
        else:
            yield from routes(entry.url_patterns, route)


def address_of(route, key):
    """Fill in the arguments of a route: the number of a passkey where one is asked for."""
    plain = re.sub(r"\(\?P<(\w+)>[^)]*\)", r"<\1>", route).replace("^", "").replace("$", "")
    return "/" + re.sub(r"<[^>]*>", lambda found: str(key) if "pk" in found[0] else "alder", plain).replace("\\", "")


def changed_by_walking(amy, begins="/"):
    """Ask for every route that begins so, by GET and by POST, with the password; return what changed something."""
    key = Authenticator.objects.get(user=amy, type=Authenticator.Type.WEBAUTHN).pk
    social = SocialAccount.objects.get(user=amy).pk
    found = set()
    for name, route in routes():
        if not address_of(route, key).startswith(begins):
            continue
        for data in (None, EVERYTHING | {"account": social}):
            before = state_of(amy)
            # What was tried before does not stand in the way.
            LimitEntry.objects.all().delete()
            client = password_session(get_user_model().objects.get(pk=amy.pk))
            client.raise_request_exception = False
            address = address_of(route, key)
            answer = client.get(address) if data is None else client.post(address, data)
            if answer.status_code == 302 and "reauthenticate" in answer.url:
                client.post(answer.url, {"password": PASSWORD})
            # An address that was added is stored once its code is typed; until then the session knows it.
            if state_of(amy) != before or EVERYTHING["email"] in str(dict(client.session)):
                found.add(name)
    return found


@pytest.mark.slow
@pytest.mark.urls("tests.web.account.every_allauth_url")
def test_no_route_changes_how_one_signs_in_without_the_second_factor(protected, saml):
    assert len(list(routes())) > 60
    assert changed_by_walking(protected) == set()


@pytest.mark.slow
@pytest.mark.urls("tests.web.account.every_allauth_url")
def test_without_the_guard_the_password_alone_would_change_it(protected, saml, settings, monkeypatch):
    settings.MIDDLEWARE = [one for one in django_settings.MIDDLEWARE if one != GUARD]
    for name in ("get_reauthentication_methods", "is_reauthentication_required"):
        monkeypatch.setattr(AccountAdapter, name, getattr(DefaultAccountAdapter, name))
    assert changed_by_walking(protected, "/library/") >= {
        "account_change_password",
        "account_email",
        "mfa_deactivate_totp",
        "mfa_generate_recovery_codes",
        "mfa_remove_webauthn",
        "mfa_view_recovery_codes",
        "socialaccount_connections",
    }


def test_what_allauth_asks_for_by_itself_is_no_password_either(protected, settings):
    """The second line behind the guard, for what slips past it: a request that waited for the password meanwhile."""
    settings.MIDDLEWARE = [one for one in django_settings.MIDDLEWARE if one != GUARD]
    client, before = password_session(protected), state_of(protected)
    for name, ask in (
        ("mfa_deactivate_totp", client.post),
        ("mfa_generate_recovery_codes", client.post),
        ("mfa_view_recovery_codes", client.get),
    ):
        assert ask(reverse(name)).url.startswith(reverse("mfa_reauthenticate"))
    assert state_of(protected) == before


def test_with_the_second_factor_it_may_be_changed(protected):
    client = password_session(protected)
    asked = client.get(reverse("mfa_deactivate_totp"))
    assert asked.url == f"{reverse('mfa_reauthenticate')}?next=%2Faccount%2Fsecond-factor%2Fapp%2Fremove%2F"
    assert client.post(asked.url, {"code": code_of(SECRET)}).url == reverse("mfa_deactivate_totp")
    client.post(reverse("mfa_deactivate_totp"))
    assert not Authenticator.objects.filter(user=protected, type=Authenticator.Type.TOTP).exists()


@pytest.mark.urls("tests.web.base_urls")
def test_it_counts_for_five_minutes(protected, client_for):
    client = client_for("amy")
    session = client.session
    for record in session[AUTHENTICATION_METHODS_SESSION_KEY]:
        record["at"] = time.time() - 301
    session.save()
    assert client.get(reverse("account_change_password")).url.startswith(reverse("mfa_reauthenticate"))
    # It opens what wants a second factor all the same.
    assert client.get("/roster/").status_code == 200


def test_the_page_that_asks_who_it_is_takes_no_password_from_them(protected):
    client = password_session(protected)
    assert (
        client.get(reverse("account_reauthenticate"), {"next": "/"}).url == f"{reverse('mfa_reauthenticate')}?next=%2F"
    )
    answer = client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    assert answer.url == reverse("mfa_reauthenticate")
    page = read(client.get(reverse("mfa_reauthenticate")))
    assert reverse("account_reauthenticate") not in page.links().values()


def test_whoever_has_passkeys_only_is_asked_for_one(protected):
    Authenticator.objects.filter(user=protected, type=Authenticator.Type.TOTP).delete()
    answer = password_session(protected).get(reverse("account_reauthenticate"))
    assert answer.url == reverse("mfa_reauthenticate_webauthn")


def test_a_new_password_wants_the_second_factor_as_well(protected):
    client = password_session(protected)
    form = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    asked = client.post(reverse("account_change_password"), form)
    # Passwords that were typed are not kept while the second factor is asked for.
    assert NEW not in str(dict(client.session))
    client.post(asked.url, {"code": code_of(SECRET)})
    client.post(reverse("account_change_password"), form)
    assert get_user_model().objects.get(pk=protected.pk).check_password(NEW)


def test_a_password_by_email_leaves_the_second_factor_in_place(protected, operator, at, anonymous):
    get_user_model().objects.filter(pk=protected.pk).update(password="!")
    link = password_link(operator, email=AMY, at=at)
    factors = state_of(protected)[1]
    address = reverse("account_reset_password_from_key", kwargs={"uidb36": link.uid, "key": link.key})
    anonymous.post(anonymous.get(address).url, {"password1": NEW, "password2": NEW})
    signed_in = anonymous.post(reverse("account_login"), {"login": AMY, "password": NEW})
    assert signed_in.url == reverse("mfa_authenticate")
    assert state_of(protected)[1] == factors


# --- Enrolling -------------------------------------------------------------------------------------------


def sign_in():
    client = Client()
    answer = client.post(reverse("account_login"), {"login": AMY, "password": PASSWORD})
    assert answer.headers["Location"] == reverse("dashboard")
    return client


def is_signed_in(client):
    return client.get("/").status_code == 200


def forget_on_the_list(client):
    """Take a session off the list of sessions, as if it had begun while the list was read."""
    assert BrowserSession.objects.filter(key=client.session.session_key).delete()[0] == 1


def enroll(client):
    return client.post(reverse("mfa_activate_totp"), {"code": code_of(begin_app(client))})


@pytest.mark.urls("tests.web.base_urls")
def test_enrolling_ends_every_other_session(amy):
    silent, listed, owner = sign_in(), sign_in(), sign_in()
    assert is_signed_in(listed)
    forget_on_the_list(silent)
    assert enroll(owner).url == reverse("mfa_view_recovery_codes")
    assert len(re.findall(r"<li><code>", owner.get(reverse("mfa_view_recovery_codes")).content.decode())) == 10
    assert (is_signed_in(silent), is_signed_in(listed), is_signed_in(owner)) == (False, False, True)
    assert owner.get("/roster/").status_code == 200
    assert [event.facts.verb for event in events_of(limit=2)][::-1] == [Verb.SECOND_FACTOR_ADDED, Verb.SESSION_ENDED]


def test_a_list_of_sessions_alone_would_leave_one(amy, monkeypatch):
    """The negative control: without an epoch a session that is on no list goes on, without the second factor."""

    def only_listed(user_id, *, but=""):
        rows = [row for row in BrowserSession.objects.filter(user_id=user_id) if row.key != but]
        for row in rows:
            sessions.forget(row.key)
            row.delete()
        return rows

    monkeypatch.setattr("scoreport.accounts.actions.factors.forget_all", only_listed)
    silent, owner = sign_in(), sign_in()
    forget_on_the_list(silent)
    enroll(owner)
    assert is_signed_in(silent)


def test_a_session_from_before_cannot_remove_what_was_enrolled(amy):
    """The attack of 2026-11-29: the password was confirmed in it a moment before."""
    before, owner = sign_in(), sign_in()
    begin_app(before)
    enroll(owner)
    app = Authenticator.objects.get(user=amy, type=Authenticator.Type.TOTP)
    before.post(reverse("mfa_deactivate_totp"))
    assert Authenticator.objects.filter(pk=app.pk).exists()


def test_a_session_may_go_on_when_the_program_is_updated(amy):
    """Nobody has ended anything yet, so what a session carries from before there were epochs is right."""
    client = Client()
    client.force_login(amy)
    assert client.session["_auth_user_hash"] == super(type(amy), amy).get_session_auth_hash()
    assert is_signed_in(client)


def test_both_are_mailed(amy, postman, run_tasks):
    owner = sign_in()
    enroll(owner)
    other = sign_in_with(code_of_app(amy))
    assert is_signed_in(other)
    owner.post(reverse("mfa_deactivate_totp"))
    assert not is_signed_in(other)
    run_tasks()
    mails = {mail["Subject"]: mail.get_content() for mail in postman.to(AMY)}
    for subject in ("Authenticator app switched on", "Authenticator app switched off"):
        assert "signed out everywhere else" in mails[subject]


def code_of_app(user):
    app = Authenticator.objects.get(user=user, type=Authenticator.Type.TOTP)
    return code_of(SecondFactorAdapter().decrypt(app.data["secret"]))


def sign_in_with(code):
    client = Client()
    client.post(reverse("account_login"), {"login": AMY, "password": PASSWORD})
    answer = client.post(reverse("mfa_authenticate"), {"code": code})
    assert answer.headers["Location"] == reverse("dashboard")
    return client


def test_a_recovery_code_replaces_a_lost_app_and_is_mailed(protected, postman, run_tasks):
    codes = Authenticator.objects.get(user=protected, type=Authenticator.Type.RECOVERY_CODES).wrap()
    client = sign_in_with(codes.get_unused_codes()[3])
    client.post(reverse("mfa_deactivate_totp"))
    assert not Authenticator.objects.filter(user=protected, type=Authenticator.Type.TOTP).exists()
    run_tasks()
    (mail,) = (mail for mail in postman.to(AMY) if mail["Subject"] == "A recovery code was used for your account")
    assert "Recovery codes left: 9" in mail.get_content()
    (event,) = events_of(verb=Verb.RECOVERY_CODE_USED)
    assert (event.facts.subject, event.facts.detail["left"]) == (f"Amy <{AMY}>", 9)


def test_a_session_of_a_removed_passkey_ends(protected, client_for):
    owner, other = client_for("amy"), client_for("amy")
    assert is_signed_in(owner)
    assert is_signed_in(other)
    give_second_factor(owner, protected.pk)
    key = Authenticator.objects.get(user=protected, type=Authenticator.Type.WEBAUTHN)
    owner.post(reverse("mfa_remove_webauthn", kwargs={"pk": key.pk}))
    assert (is_signed_in(owner), is_signed_in(other)) == (True, False)
