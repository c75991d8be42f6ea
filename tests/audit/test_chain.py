"""Everything that is said is recorded, and a record that was touched shows."""

import datetime as dt
import hashlib
import hmac
import json
import threading
from dataclasses import asdict, replace

import pytest
from django.db import connection, connections, transaction
from django.db.transaction import TransactionManagementError
from hypothesis import given
from hypothesis import strategies as st

from scoreport import access
from scoreport.access import Actor, ActorKind
from scoreport.audit import queries
from scoreport.audit.actions import record, record_many
from scoreport.audit.models import Event, PersonName
from scoreport.audit.rules import GENESIS, SCHEME_KEYED, SCHEME_PLAIN, AuditKey, Break, Facts, NewEvent, Verb, digest_of
from tests.world import OPERATOR

AT = dt.datetime(2026, 11, 21, 12, 0, 0, 123456, tzinfo=dt.timezone(dt.timedelta(hours=-5)))
AMY = Actor(kind=ActorKind.PERSON, name="Amy <amy@juniper.example>", person_id=1, address="192.0.2.1", acting_for="Max")


def write(verb=Verb.STUDENT_VIEWED, *, actor=AMY, at=AT, **detail):
    with transaction.atomic():
        record(actor, verb=verb, at=at, organization="ALDER-HIGH", subject_kind="student", subject="17",
               subject_id=17, **detail)  # fmt: skip


@pytest.mark.django_db
def test_an_event_says_who_what_when_where_and_for_whom():
    write(rows=3, filters=["exam", "grade"], late=False, reason=None)
    (event,) = queries.events_of()
    assert event.facts == Facts(
        at=AT,
        verb="reports:student:viewed",
        actor_kind="person",
        actor="Amy <amy@juniper.example>",
        acting_for="Max",
        address="192.0.2.1",
        organization="ALDER-HIGH",
        subject_kind="student",
        subject="17",
        detail={"rows": 3, "filters": ["exam", "grade"], "late": False, "reason": None},
        actor_id=1,
        subject_id="17",
    )
    assert event.digest == digest_of(GENESIS, event.facts, queries.current_key())


@pytest.mark.django_db
def test_each_event_is_chained_to_the_one_before():
    for number in range(3):
        write(number=number)
    newer, middle, _older = queries.events_of()
    assert newer.digest == digest_of(middle.digest, newer.facts, queries.current_key())
    assert queries.newest() == newer
    assert queries.count() == 3
    assert list(queries.broken_links()) == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    "change",
    [
        {"actor": "Somebody else"},
        {"at": AT + dt.timedelta(microseconds=1)},
        {"verb": "reports:roster:viewed"},
        {"address": ""},
        {"detail": {"number": 7}},
        {"subject": "18"},
        {"actor_id": 99},
        {"subject_id": "18"},
        {"session_id": 99},
        {"digest": "0" * 64},
    ],
)
def test_an_event_that_was_changed_shows(change):
    for number in range(4):
        write(number=number)
    changed = Event.objects.order_by("id")[1]
    Event.objects.filter(pk=changed.pk).update(**change)
    ids = list(Event.objects.order_by("id").values_list("pk", flat=True))
    told = [(link.before_id, link.event_id) for link in queries.broken_links()]
    # A changed digest also leaves the next event without what it follows from.
    assert told == ([(ids[0], ids[1]), (ids[1], ids[2])] if "digest" in change else [(ids[0], ids[1])])


@pytest.mark.django_db
@pytest.mark.parametrize("gone", [0, 1, 2])
def test_an_event_that_was_taken_out_shows(gone):
    for number in range(4):
        write(number=number)
    ids = list(Event.objects.order_by("id").values_list("pk", flat=True))
    Event.objects.filter(pk=ids.pop(gone)).delete()
    told = [(link.before_id, link.event_id) for link in queries.broken_links()]
    assert told == [(ids[gone - 1] if gone else None, ids[gone])]


@pytest.mark.django_db
def test_two_events_that_changed_places_show():
    for number in range(3):
        write(number=number)
    first, second, _third = Event.objects.order_by("id")
    Event.objects.filter(pk=first.pk).update(detail=second.detail, digest=second.digest)
    Event.objects.filter(pk=second.pk).update(detail=first.detail, digest=first.digest)
    assert len(list(queries.broken_links())) == 3


@pytest.mark.django_db
def test_an_event_goes_with_what_it_tells_of():
    with transaction.atomic():
        record(AMY, verb=Verb.STUDENT_VIEWED, at=AT)
        assert queries.count() == 1
        transaction.set_rollback(True)
    assert queries.count() == 0


@pytest.mark.django_db(transaction=True)
def test_an_event_needs_a_transaction():
    with pytest.raises(TransactionManagementError):
        record(AMY, verb=Verb.STUDENT_VIEWED, at=AT)


@pytest.mark.django_db
def test_a_floating_number_is_not_recorded():
    """It would come back from a database as another one, and break the chain."""
    with pytest.raises(TypeError, match="float"):
        write(share=0.5)


@pytest.mark.django_db
@given(st.text(), st.text(), st.lists(st.text() | st.integers(-(2**60), 2**60) | st.booleans() | st.none()))
def test_whatever_text_is_recorded_the_chain_holds(name, subject, detail):
    with transaction.atomic():
        record(replace(AMY, name=name), verb=Verb.SIGN_IN_FAILED, at=AT, subject=subject, detail_of_it=detail)
    assert list(queries.broken_links()) == []


@pytest.mark.django_db
def test_events_can_be_asked_for():
    write()
    write(Verb.ROSTER_EXPORTED, actor=access.job("export"))
    assert [event.facts.actor for event in queries.events_of(verb=Verb.ROSTER_EXPORTED)] == ["export"]
    assert queries.events_of(subject_kind="student", subject="18") == []
    assert len(queries.events_of(organization="ALDER-HIGH", limit=1)) == 1


@pytest.mark.django_db
def test_several_events_of_one_act_follow_each_other():
    write()
    with transaction.atomic():
        events = [NewEvent(Verb.ROSTER_VIEWED, code, detail={"rows": 1}) for code in ("A", "B", "C")]
        record_many(AMY, at=AT, events=events)
        record_many(AMY, at=AT, events=())
    assert [event.facts.organization for event in queries.events_of()] == ["C", "B", "A", "ALDER-HIGH"]
    assert list(queries.broken_links()) == []


@pytest.mark.django_db
def test_recording_many_takes_as_many_queries_as_recording_one(django_assert_num_queries):
    write()
    with transaction.atomic(), django_assert_num_queries(2 + (connection.vendor == "postgresql")):
        record_many(AMY, at=AT, events=[NewEvent(Verb.ROSTER_VIEWED, str(number)) for number in range(50)])


@pytest.mark.django_db
def test_events_carry_the_ids_of_actor_subject_and_session():
    actor = replace(AMY, person_id=7, session_id=3)
    with transaction.atomic():
        record(actor, verb=Verb.PERSON_RENAMED, at=AT, subject_kind="person", subject="Amy B <a@x>", subject_id=7)
        record(OPERATOR, verb=Verb.PERSON_ADDED, at=AT, subject_kind="person", subject="Bo <b@x>", subject_id=8)
    added, renamed = queries.events_of()
    assert (renamed.facts.actor_id, renamed.facts.subject_id, renamed.facts.session_id) == (7, "7", 3)
    assert (added.facts.actor_id, added.facts.subject_id, added.facts.session_id) == (None, "8", None)
    assert set(PersonName.objects.values_list("person_id", "text")) == {
        (7, AMY.name), (7, "Amy B <a@x>"), (8, "Bo <b@x>"),
    }  # fmt: skip


# --- The key -------------------------------------------------------------------------------------------------


def rewritten(change, key):
    """Change the first event and compute every digest after it anew, as somebody with the database could."""
    first = Event.objects.earliest("pk")
    Event.objects.filter(pk=first.pk).update(**change)
    before = GENESIS
    for event in Event.objects.order_by("pk"):
        facts = queries.event_info(event).facts
        before = digest_of(before, facts, key)
        scheme, key_id = (SCHEME_KEYED, key.id) if key else (SCHEME_PLAIN, "")
        Event.objects.filter(pk=event.pk).update(digest=before, scheme=scheme, key_id=key_id)


@pytest.mark.django_db
def test_without_the_key_a_chain_that_is_computed_anew_shows():
    """The control: with the key the same attack leaves a whole chain, which only an anchor shows."""
    for number in range(3):
        write(number=number)
    rewritten({"actor": "Nobody"}, AuditKey("a key that somebody made up, long enough"))
    assert [link.reason for link in queries.broken_links()] == [Break.KEY] * 3
    rewritten({"actor": "Nobody"}, queries.current_key())
    assert list(queries.broken_links()) == []


class Pretended(AuditKey):
    """A made-up key under the id of the real one, which anybody with the database can read."""

    @property
    def id(self) -> str:
        return queries.current_key().id


@pytest.mark.django_db
def test_a_key_that_is_claimed_but_was_not_used_shows():
    for number in range(2):
        write(number=number)
    rewritten({"actor": "Nobody"}, Pretended("a key that somebody made up, long enough"))
    assert set(Event.objects.values_list("key_id", flat=True)) == {queries.current_key().id}
    assert [link.reason for link in queries.broken_links()] == [Break.DIGEST] * 2


def spelled(facts, key):
    """Spell an event as its digest covers it, without the program."""
    at = facts.at.astimezone(dt.UTC).isoformat(timespec="microseconds")
    text = asdict(facts) | {"at": at, "scheme": 2, "key_id": key.id}
    return json.dumps(text, sort_keys=True, separators=(",", ":"))


def plain(_key, text):
    """Compute what stands in for an HMAC where the key is switched off."""
    return hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.django_db
def test_the_stored_digest_is_an_hmac_with_the_key_and_no_plain_sum(settings):
    write()
    (event,) = queries.events_of()
    key = queries.current_key()
    text = f"{GENESIS}\n{spelled(event.facts, key)}"
    assert event.digest == hmac.new(settings.AUDIT_KEY.encode(), text.encode(), "sha256").hexdigest()
    assert event.digest not in (plain(key, text), digest_of(GENESIS, event.facts, None))


@pytest.mark.django_db
@pytest.mark.parametrize("is_keyed", [True, False])
def test_with_the_key_switched_off_the_same_attack_would_not_show(monkeypatch, is_keyed):
    """The control of the key: sums that anybody can compute are found while there is a key, and believed without."""
    if not is_keyed:
        monkeypatch.setattr(AuditKey, "mac", plain)
    for number in range(3):
        write(number=number)
    key_id, before = queries.current_key().id, GENESIS
    Event.objects.filter(pk=Event.objects.earliest("pk").pk).update(actor="Nobody")
    for event in Event.objects.order_by("pk"):
        facts = queries.event_info(event).facts
        before = plain(None, f"{before}\n{spelled(facts, queries.current_key())}")
        Event.objects.filter(pk=event.pk).update(digest=before, scheme=SCHEME_KEYED, key_id=key_id)
    assert [link.reason for link in queries.broken_links()] == ([Break.DIGEST] * 3 if is_keyed else [])


@pytest.mark.django_db
def test_events_without_a_key_are_believed_only_before_the_first_one_with_a_key():
    for number in range(4):
        write(number=number)
    rewritten({}, None)
    assert list(queries.broken_links()) == []
    write()
    assert list(queries.broken_links()) == []
    newest = Event.objects.latest("pk")
    facts = replace(queries.event_info(newest).facts, actor="Nobody")
    digest = digest_of(newest.digest, facts, None)
    Event.objects.create(digest=digest, scheme=SCHEME_PLAIN, **{name: getattr(facts, name) for name in asdict(facts)})
    assert [link.reason for link in queries.broken_links()] == [Break.SCHEME]


@pytest.mark.django_db
def test_ids_that_old_events_were_given_afterwards_leave_their_digests_right():
    for number in range(2):
        write(number=number)
    rewritten({}, None)
    Event.objects.update(actor_id=7, subject_id="18")
    assert list(queries.broken_links()) == []


@pytest.mark.django_db
def test_a_new_key_leaves_what_the_old_one_recorded_right(settings):
    write()
    old, settings.AUDIT_KEY = settings.AUDIT_KEY, "the next key of this installation, 32+"
    write()
    assert [link.reason for link in queries.broken_links()] == [Break.KEY]
    settings.AUDIT_KEY_FALLBACKS = [old]
    assert list(queries.broken_links()) == []
    assert len({event.key_id for event in queries.events_of()}) == 2
    assert old not in repr(queries.known_keys())


@pytest.mark.django_db
def test_only_what_came_after_a_known_event_can_be_checked():
    for number in range(4):
        write(number=number)
    Event.objects.filter(pk=Event.objects.earliest("pk").pk).update(actor="Nobody")
    known = queries.events_of()[1]
    assert len(list(queries.broken_links())) == 1
    assert list(queries.broken_links(after=known)) == []
    Event.objects.filter(pk=known.id + 1).update(actor="Nobody")
    assert len(list(queries.broken_links(after=known))) == 1


def test_verbs_follow_their_grammar_and_stand_in_order():
    values = [verb.value for verb in Verb]
    assert values == sorted(values)
    assert all(value.count(":") == 2 and value == value.lower() for value in values)


@pytest.mark.django_db(transaction=True)
def test_appending_from_several_places_keeps_one_chain():
    """Many writers at once: on PostgreSQL the lock makes them a line; SQLite in memory has one connection."""

    def append() -> None:
        for number in range(10):
            write(number=number)

    def append_and_leave() -> None:
        append()
        connections.close_all()

    others = [threading.Thread(target=append_and_leave) for _ in range(4 if connection.vendor == "postgresql" else 0)]
    for thread in others:
        thread.start()
    append()
    for thread in others:
        thread.join()
    assert queries.count() == 10 * (len(others) + 1)
    assert list(queries.broken_links()) == []
