"""Gives older events the ids of the people and students whom their texts still identify.

Texts and digests stay as they are: the digest of an event of scheme 1 does not cover its ids.
"""

from collections.abc import Iterator

from django.db import migrations
from django.db.models import F, Q

_SOME = 1_000


def email_of(text: str) -> str:
    """Return the address in "Name <email>"; the last one, because a name may hold anything."""
    _name, mark, rest = text.rpartition("<")
    return rest.removesuffix(">") if mark and rest.endswith(">") else ""


def people_of(texts: set[str], renamed: list[tuple[str, str]], people: dict[str, int]) -> dict[str, int]:
    """Return whom each text names: by its address, or by the renames that lead from it to an address of today."""
    found = {text: people[email_of(text)] for text in texts if email_of(text) in people}
    # The newest rename first, so that a text leads over all later ones.
    for before, after in reversed(renamed):
        if before not in found and after in found:
            found[before] = found[after]
    return found


def identify(apps, _schema_editor):
    event, person_name = apps.get_model("audit", "Event"), apps.get_model("audit", "PersonName")
    user = apps.get_model("accounts", "User")
    rows = list(user.objects.values_list("pk", "email", "joined_at"))
    people, joined = {email: pk for pk, email, _at in rows}, {pk: at for pk, _email, at in rows}
    renames = event.objects.filter(verb="accounts:person:renamed").order_by("pk").values_list("detail", "subject")
    renamed = [(str(detail.get("before", "")), subject) for detail, subject in renames]
    acted = event.objects.filter(actor_id=None, actor_kind__in=("person", "job"))
    concerned = event.objects.filter(subject_kind="person", subject_id="").exclude(subject="")
    texts = set(acted.values_list("actor", flat=True).order_by().distinct().iterator())
    texts |= set(concerned.values_list("subject", flat=True).order_by().distinct().iterator())
    texts |= {text for pair in renamed for text in pair}
    found = people_of(texts, renamed, people)
    for text, person in sorted(found.items()):
        # An account that is younger than an event belongs to someone else who has the address now.
        since = Q(at__gte=joined[person])
        acted.filter(since, actor=text).update(actor_id=person)
        concerned.filter(since, subject=text).update(subject_id=str(person))
    for some in _in_parts([person_name(person_id=person, text=text) for text, person in sorted(found.items())]):
        person_name.objects.bulk_create(some, ignore_conflicts=True)
    event.objects.filter(subject_kind="student", subject_id="").update(subject_id=F("subject"))


def _in_parts(rows: list) -> Iterator[list]:
    for start in range(0, len(rows), _SOME):
        yield rows[start : start + _SOME]


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0004_stable_ids"),
        ("accounts", "0002_devices_and_sessions"),
    ]

    operations = [
        migrations.RunPython(identify, migrations.RunPython.noop),
    ]
