"""Events from before there were ids are given those of the people whom their texts still identify."""

import datetime as dt
from importlib import import_module

import pytest
from django.apps import apps
from django.db import transaction

from scoreport import access
from scoreport.accounts.actions import rename
from scoreport.accounts.models import User
from scoreport.audit.actions import record
from scoreport.audit.models import Event, PersonName
from scoreport.audit.queries import broken_links, event_info
from scoreport.audit.rules import GENESIS, SCHEME_PLAIN, Verb, digest_of
from tests.world import AT

step = import_module("scoreport.audit.migrations.0005_identify_people")

DAY = dt.timedelta(days=1)
AMY = "Amy <amy@juniper.example>"


def make_old() -> None:
    """Leave the events as an older version recorded them: without ids and without a key."""
    Event.objects.update(actor_id=None, subject_id="", session_id=None, scheme=SCHEME_PLAIN, key_id="")
    PersonName.objects.all().delete()
    before = GENESIS
    for event in Event.objects.order_by("pk"):
        before = digest_of(before, event_info(event).facts, None)
        Event.objects.filter(pk=event.pk).update(digest=before)


@pytest.mark.django_db
def test_older_events_get_the_ids_of_people_and_students_and_stay_right(world):
    with transaction.atomic():
        record(world.actor("amy"), verb=Verb.STUDENT_VIEWED, at=AT, subject_kind="student", subject="17", subject_id=17)
        record(access.job("export"), verb=Verb.DOWNLOAD_OPENED, at=AT)
    rename(world.actor("amy"), name="Zoe", at=AT + DAY)
    # Her address is another one since, and nobody recorded that: the rename leads to nobody, so she stays unknown.
    rename(world.actor("dan"), name="Don", at=AT + DAY)
    User.objects.filter(email="dan@juniper.example").update(email="don@juniper.example")
    make_old()
    step.identify(apps, None)
    amy = world.people["amy"].id
    look = Event.objects.get(verb=Verb.STUDENT_VIEWED)
    assert (look.actor, look.actor_id, look.subject_id) == (AMY, amy, "17")
    assert Event.objects.get(verb=Verb.DOWNLOAD_OPENED).actor_id is None
    granted = Event.objects.get(verb=Verb.MEMBERSHIP_GRANTED, subject=AMY)
    assert (granted.actor_id, granted.subject_id) == (None, str(amy))
    assert set(PersonName.objects.filter(person_id=amy).values_list("text", flat=True)) == {
        AMY, "Zoe <amy@juniper.example>",
    }  # fmt: skip
    assert not Event.objects.filter(subject="Dan <dan@juniper.example>").exclude(subject_id="").exists()
    assert list(broken_links()) == []
    with transaction.atomic():
        record(world.actor("amy"), verb=Verb.ROSTER_VIEWED, at=AT)
    assert list(broken_links()) == []


@pytest.mark.django_db
def test_an_address_that_somebody_else_has_now_does_not_make_the_events_theirs(world):
    make_old()
    User.objects.filter(email="amy@juniper.example").update(joined_at=AT + DAY)
    step.identify(apps, None)
    assert not Event.objects.filter(subject=AMY).exclude(subject_id="").exists()


def test_a_text_is_followed_over_renames_to_an_address_of_today():
    renamed = [("A <a@x>", "B <a@x>"), ("B <a@x>", "C <c@x>"), ("Q <q@x>", "R <q@x>")]
    texts = {text for pair in renamed for text in pair} | {"Evil <c@x> <e@x>", "c@x", "scoreport upkeep"}
    assert step.people_of(texts, renamed, {"c@x": 3, "e@x": 5}) == {
        "A <a@x>": 3, "B <a@x>": 3, "C <c@x>": 3, "Evil <c@x> <e@x>": 5,
    }  # fmt: skip
