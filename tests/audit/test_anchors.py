"""Anchors outside the database: whatever is done to the recorded events, with or without the key, shows."""

import datetime as dt
import json
from dataclasses import replace

import pytest
from django.db import transaction

from scoreport import access
from scoreport.access import NotAllowed
from scoreport.audit import anchors, queries
from scoreport.audit.actions import AnchorNotWritten, NotARestore, accept_restore, record, write_anchor
from scoreport.audit.models import Anchor, Event
from scoreport.audit.rules import GENESIS, SCHEME_KEYED, AuditKey, Verb, anchor_of, digest_of
from scoreport.scores.verify.storage import anchored, audit_trail
from tests.world import AT, OPERATOR

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)
STRANGER = AuditKey("a key that somebody made up, long enough")


def write(count: int = 1) -> None:
    for number in range(count):
        with transaction.atomic():
            record(OPERATOR, verb=Verb.STUDENT_VIEWED, at=AT, organization="ALDER-HIGH", number=number)


def ids() -> list[int]:
    return list(Event.objects.order_by("pk").values_list("pk", flat=True))


def compute_again(key: AuditKey) -> None:
    """Give every event the digest that follows from what it says now, as somebody with a key and the database could."""
    before = GENESIS
    for event in Event.objects.order_by("pk"):
        before = digest_of(before, queries.event_info(event).facts, key)
        Event.objects.filter(pk=event.pk).update(digest=before, scheme=SCHEME_KEYED, key_id=key.id)


def of_chain() -> tuple[str, ...]:
    (finding,) = audit_trail(AT)
    return tuple(map(str, finding.examples))


def of_anchors(copy=None) -> tuple[str, ...]:
    (finding,) = anchored(AT, copy)
    return finding.examples


@pytest.fixture
def days(settings):
    """Three days with three events each, and an anchor at the end of each."""
    for day in range(3):
        write(3)
        write_anchor(OPERATOR, at=AT + day * DAY)
    assert of_chain() == of_anchors() == ()
    return ids()


def test_an_anchor_says_what_there_was_and_is_for_nobody_else_to_read(settings, days):
    lines = settings.AUDIT_ANCHORS.read_text().splitlines()
    assert [json.loads(line)["events"] for line in lines] == [3, 6, 9]
    assert [json.loads(line)["event"] for line in lines] == [days[2], days[5], days[8]]
    assert settings.AUDIT_ANCHORS.stat().st_mode & 0o777 == 0o600
    assert settings.AUDIT_ANCHORS.parent.stat().st_mode & 0o777 == 0o700
    assert [anchor_of(line).line for line in lines] == lines


def test_events_that_were_cut_off_show_by_the_anchors_alone(days):
    Event.objects.filter(pk__gte=days[7]).delete()
    assert of_chain() == ()
    (sentence,) = of_anchors()
    assert f"event {days[8]} existed, but now event {days[6]} is the newest" in sentence


def test_all_events_that_were_removed_show(days):
    Event.objects.all().delete()
    assert of_chain() == ()
    assert len(of_anchors()) == 3


def test_an_event_that_was_removed_from_the_middle_shows(days):
    Event.objects.filter(pk=days[4]).delete()
    assert len(of_chain()) == 1
    compute_again(queries.current_key())
    assert of_chain() == ()
    first, second = of_anchors()
    assert f"an event from {days[2] + 1} to {days[5]} was changed" in first
    assert f"Event {days[8]} is not as it was" in second


def test_an_event_that_was_rewritten_without_the_key_shows_in_the_chain_and_in_the_anchors(days):
    Event.objects.filter(pk=days[4]).update(actor="Nobody")
    assert of_chain() == (f"Event {days[4]} does not follow from event {days[3]}: one was changed or is missing.",)
    assert of_anchors() == ()
    compute_again(STRANGER)
    assert len(of_chain()) == 9
    assert len(of_anchors()) == 3


def test_an_event_that_was_rewritten_with_the_key_shows_in_the_anchors(days):
    Event.objects.filter(pk=days[4]).update(actor="Nobody")
    compute_again(queries.current_key())
    assert of_chain() == ()
    assert f"an event from {days[2] + 1} to {days[5]} was changed" in of_anchors()[0]


def test_anchors_are_not_made_up_without_the_key(settings, days):
    Event.objects.filter(pk=days[4]).update(actor="Nobody")
    compute_again(queries.current_key())
    found = anchors.read(settings.AUDIT_ANCHORS).anchors
    digests = dict(Event.objects.values_list("pk", "digest"))
    forged = [replace(anchor, digest=digests[anchor.event_id]) for anchor in found]
    settings.AUDIT_ANCHORS.write_text("".join(anchor.line + "\n" for anchor in forged))
    assert [sentence for sentence in of_anchors() if "was changed after it was written" in sentence]
    signed = [replace(anchor, key_id=STRANGER.id).signed(STRANGER) for anchor in forged]
    settings.AUDIT_ANCHORS.write_text("".join(anchor.line + "\n" for anchor in signed))
    assert [sentence for sentence in of_anchors() if "was made with the key" in sentence]


def test_a_file_of_anchors_that_is_gone_shows_by_the_note_in_the_database(settings, days):
    settings.AUDIT_ANCHORS.unlink()
    (sentence,) = of_anchors()
    assert "is missing, although 3 anchors were written" in sentence


def test_an_anchor_that_was_taken_out_of_the_file_shows(settings, days):
    lines = settings.AUDIT_ANCHORS.read_text().splitlines()
    settings.AUDIT_ANCHORS.write_text("\n".join([lines[0], "{half a line", lines[2]]) + "\n")
    told = of_anchors()
    assert any("Line 2" in sentence for sentence in told)
    assert any(f"for event {days[5]} is missing" in sentence for sentence in told)


def test_where_notes_and_file_are_gone_a_copy_shows_what_was_done(settings, days, tmp_path):
    """Somebody who has the database, the key and the anchors' place is found by what was mailed."""
    mails = tmp_path / "mails.txt"
    mails.write_text(
        "".join(f"Keep this mail.\n\n> {line}\n" for line in settings.AUDIT_ANCHORS.read_text().splitlines())
    )
    assert of_anchors(mails) == ()
    Event.objects.filter(pk=days[4]).update(actor="Nobody")
    compute_again(queries.current_key())
    Anchor.objects.all().delete()
    settings.AUDIT_ANCHORS.unlink()
    write_anchor(OPERATOR, at=AT + 3 * DAY)
    assert of_anchors() == ()
    assert f"an event from {days[2] + 1} to {days[5]} was changed" in of_anchors(mails)[0]
    assert any("does not exist" in sentence for sentence in of_anchors(tmp_path / "nowhere.txt"))


def test_without_any_anchor_that_is_said(world):
    (sentence,) = of_anchors()
    assert "There is no anchor" in sentence
    write_anchor(OPERATOR, at=AT)
    assert of_anchors() == ()


def test_an_anchor_before_the_first_event_is_one_too():
    assert write_anchor(OPERATOR, at=AT).event_id == 0
    write()
    assert of_anchors() == ()


def test_a_new_key_leaves_old_anchors_right(settings, days):
    old, settings.AUDIT_KEY = settings.AUDIT_KEY, "the next key of this installation, 32+"
    assert all("which is not in AUDIT_KEY" in sentence for sentence in of_anchors())
    settings.AUDIT_KEY_FALLBACKS = [old]
    write()
    write_anchor(OPERATOR, at=AT + 3 * DAY)
    assert of_chain() == of_anchors() == ()


def test_a_line_that_a_crash_left_half_does_not_swallow_the_next(settings, days):
    with settings.AUDIT_ANCHORS.open("a") as file:
        file.write('{"kind": "anch')
    write_anchor(OPERATOR, at=AT + 3 * DAY)
    (sentence,) = of_anchors()
    assert "Line 4" in sentence
    assert len(anchors.read(settings.AUDIT_ANCHORS).anchors) == 4


def test_a_place_that_cannot_be_written_is_said_and_leaves_no_note(settings, tmp_path):
    (tmp_path / "file").write_text("")
    settings.AUDIT_ANCHORS = tmp_path / "file" / "anchors.jsonl"
    with pytest.raises(AnchorNotWritten, match="cannot be written"):
        write_anchor(OPERATOR, at=AT)
    assert not Anchor.objects.exists()


def test_only_the_operator_writes_anchors_and_accepts_a_restore(world, days):
    for name in ("pat", "max", "amy"):
        with pytest.raises(NotAllowed):
            write_anchor(world.actor(name), at=AT)
        with pytest.raises(NotAllowed):
            accept_restore(world.actor(name), at=AT)
    assert write_anchor(access.job("upkeep"), at=AT).event_id >= days[-1]


# --- A restored backup ---------------------------------------------------------------------------------------


def restore(days) -> None:
    """Leave what a backup of the second day holds, and let people go on."""
    Event.objects.filter(pk__gt=days[5]).delete()
    Anchor.objects.filter(event_id__gt=days[5]).delete()
    write(4)


def test_a_restored_backup_is_accepted_once_and_mentioned_for_ever(settings, days):
    restore(days)
    assert of_chain() == ()
    assert len(of_anchors()) == 1
    anchor = accept_restore(OPERATOR, at=AT + 3 * DAY)
    assert anchor.since == days[5]
    assert of_chain() == of_anchors() == ()
    (finding,) = anchored(AT)
    assert f"anchors of events after event {days[5]} were set aside" in finding.notes[0]
    (event,) = queries.events_of(verb=Verb.RESTORE_ACCEPTED)
    assert (event.facts.subject, event.facts.detail["newest_lost"]) == (str(days[5]), days[8])
    # From then on the events are held to their anchors as before.
    Event.objects.filter(pk=anchor.event_id).delete()
    assert len(of_anchors()) == 1


def test_a_restore_that_is_declared_days_later_leaves_the_anchors_since_then(days):
    restore(days)
    write_anchor(OPERATOR, at=AT + 3 * DAY)
    write(4)
    write_anchor(OPERATOR, at=AT + 4 * DAY)
    assert len(of_anchors()) == 1
    anchor = accept_restore(OPERATOR, at=AT + 5 * DAY)
    assert (anchor.since, len(anchor.void)) == (days[5], 1)
    assert of_anchors() == ()
    Event.objects.latest("pk").delete()
    Event.objects.latest("pk").delete()
    assert len(of_anchors()) == 2


def test_a_restore_is_no_excuse_for_what_it_does_not_explain(settings, days):
    with pytest.raises(NotARestore, match="nothing to accept"):
        accept_restore(OPERATOR, at=AT)
    restore(days)
    Event.objects.filter(pk=days[1]).update(actor="Nobody")
    with pytest.raises(NotARestore, match=f"Event {days[1]} does not follow"):
        accept_restore(OPERATOR, at=AT)
    Event.objects.filter(pk=days[1]).update(actor="scoreport tests")
    settings.AUDIT_ANCHORS.write_text("")
    with pytest.raises(NotARestore, match="is missing"):
        accept_restore(OPERATOR, at=AT)
    assert queries.events_of(verb=Verb.RESTORE_ACCEPTED) == []


def test_what_was_rewritten_with_the_key_is_named_when_it_is_called_a_restore(days):
    """Nobody can tell the two apart by the events; so the declaration stays, and says from which event on."""
    Event.objects.filter(pk=days[4]).update(actor="Nobody")
    compute_again(queries.current_key())
    assert accept_restore(OPERATOR, at=AT).since == days[2]
    (finding,) = anchored(AT)
    assert f"after event {days[2]}" in finding.notes[0]
