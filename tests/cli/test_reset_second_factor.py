"""``scoreport reset-second-factor``: the way out for somebody who lost phone, passkeys and recovery codes."""

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.contrib.auth import get_user_model

from scoreport.access import NotAllowed
from scoreport.accounts.actions import reset_second_factor
from scoreport.audit.queries import events_of
from scoreport.audit.rules import Verb

pytestmark = pytest.mark.django_db

AMY = "amy@juniper.example"


def test_it_is_recorded_and_mailed_and_ends_every_session(world, client_for, scoreport, postman, run_tasks):
    client, user = client_for("amy"), get_user_model().objects.get(email=AMY)
    RecoveryCodes.activate(user)
    assert client.get("/").status_code == 200
    said = scoreport("reset-second-factor", AMY.upper())
    assert (said.code, said.err) == (0, "")
    assert f"Amy <{AMY}>" in said.out
    assert not Authenticator.objects.filter(user=user).exists()
    assert client.get("/").status_code == 302
    (event,) = events_of(verb=Verb.SECOND_FACTOR_RESET)
    assert event.facts.subject == f"Amy <{AMY}>"
    assert event.facts.detail == {"kinds": ["recovery_codes", "totp"], "sessions": 1}
    run_tasks()
    (mail,) = postman.to(AMY)
    assert mail["Subject"] == "Two-step sign-in was removed from your account"


def test_whoever_has_none_or_no_account_is_a_sentence(world, scoreport):
    said = scoreport("reset-second-factor", AMY)
    assert (said.code, "no two-step sign-in to reset" in said.err) == (1, True)
    assert scoreport("reset-second-factor", "who@juniper.example").code == 1


def test_nobody_but_the_operator_resets_one(actor, at):
    for name in ("amy", "max", "pat"):
        with pytest.raises(NotAllowed):
            reset_second_factor(actor(name), email=AMY, at=at)
