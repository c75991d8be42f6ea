"""The anchor of the day: written once a day, mailed to chosen addresses, and loud about changes."""

import datetime as dt

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from scoreport.audit import anchors
from scoreport.audit.actions import AnchorNotWritten, record
from scoreport.audit.models import Anchor, Event
from scoreport.audit.rules import Verb
from scoreport.organizations import upkeep
from scoreport.organizations.actions.upkeep import anchor_events
from scoreport.organizations.models import Notice
from tests.world import AT, OPERATOR

pytestmark = pytest.mark.django_db

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)


def written(settings) -> list[dt.datetime]:
    return [anchor.at for anchor in anchors.read(settings.AUDIT_ANCHORS).anchors]


def test_one_anchor_is_written_a_day_and_the_first_at_setup(world, settings):
    assert anchor_events(OPERATOR, at=AT)
    assert not anchor_events(OPERATOR, at=AT + HOUR)
    done = [upkeep.run(AT + hours * HOUR).anchors_written for hours in range(0, 50, 5)]
    assert done == [0, 0, 0, 0, 0, 1, 0, 0, 0, 0]
    assert written(settings) == [AT, AT + 25 * HOUR]


def test_each_anchor_is_mailed_where_that_is_asked_for(world, settings, postman, run_tasks, tmp_path):
    settings.AUDIT_ANCHOR_MAIL = ["state@audit.example", "board@audit.example"]
    upkeep.run(AT)
    run_tasks()
    assert len(postman.to("board@audit.example")) == 1
    (mail,) = postman.to("state@audit.example")
    kept = tmp_path / "mail.txt"
    kept.write_text(mail.get_content())
    assert anchors.read(kept).anchors == anchors.read(settings.AUDIT_ANCHORS).anchors != ()
    assert "WARNING" not in mail.get_content()


def test_a_change_since_the_last_anchor_is_loud(world, settings, postman, run_tasks, caplog):
    settings.AUDIT_ANCHOR_MAIL = ["state@audit.example"]
    upkeep.run(AT)
    with transaction.atomic():
        record(OPERATOR, verb=Verb.ROSTER_VIEWED, at=AT, organization="ALDER-HIGH")
    assert upkeep.run(AT + DAY).events_wrong == 0
    for number in range(3):
        with transaction.atomic():
            record(OPERATOR, verb=Verb.ROSTER_VIEWED, at=AT, number=number)
    Event.objects.filter(pk=Event.objects.latest("pk").pk - 1).update(actor="Nobody")
    assert upkeep.run(AT + 2 * DAY).events_wrong == 1
    assert "run scoreport verify" in caplog.text
    run_tasks(until=AT + 3 * DAY)
    assert "WARNING: 1 event" in postman.to("state@audit.example")[-1].get_content()


def test_the_command_fails_when_events_were_changed(world):
    """The control: before, it does not."""
    upkeep.run(AT - DAY)
    call_command("upkeep")
    Anchor.objects.update(at=AT)
    Notice.objects.all().delete()
    Event.objects.latest("pk").delete()
    with pytest.raises(CommandError, match="Run scoreport verify"):
        call_command("upkeep")


def test_a_place_that_cannot_be_written_keeps_nothing_else_from_being_done(world, settings, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    settings.AUDIT_ANCHORS = tmp_path / "file" / "anchors.jsonl"
    done: list[str] = []

    def remind(*_args: object) -> int:
        done.append("reminded")
        return 0

    monkeypatch.setattr(upkeep.reviews, "remind", remind)
    with pytest.raises(AnchorNotWritten):
        upkeep.run(AT)
    assert done == ["reminded"]
    settings.AUDIT_ANCHORS = tmp_path / "anchors.jsonl"
    assert upkeep.run(AT + HOUR).anchors_written == 1
