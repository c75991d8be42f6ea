"""Keep the answers of placed tickets with their records, which rest now instead of going.

The answers that a placement carried are about records that were gone; the records are made again, resting.
"""

from datetime import date, datetime

from django.db import migrations

from scoreport.people.rules import Named, keys_of


def rest(apps, schema_editor):
    """Make the records and answers again that placements carry."""
    cases = apps.get_model("people", "MatchCase").objects
    for placement in apps.get_model("scores", "Placement").objects.exclude(answers=[]).order_by("pk"):
        for answer in placement.answers:
            record, candidate = (_record(apps, answer, side) for side in ("record", "candidate"))
            if cases.filter(record__in=(record, candidate), candidate__in=(record, candidate)).exists():
                continue
            cases.create(
                record=record,
                candidate=candidate,
                **{name: answer[name] for name in ("reason", "state", "decided_by", "note")},
                **{name: datetime.fromisoformat(answer[name]) for name in ("opened_at", "decided_at")},
            )


def _record(apps, answer, side):
    given, last, school = (answer[f"{side}_{name}"] for name in ("fold_given", "fold_last", "school_id"))
    born = date.fromisoformat(answer[f"{side}_birth_date"])
    records = apps.get_model("people", "StudentRecord").objects
    found = records.filter(fold_given=given, fold_last=last, birth_date=born)
    found = found.filter(school_id__isnull=True) if school is None else found.filter(school_id=school)
    keys = keys_of(Named(given, last, born, school))
    return found.first() or records.create(
        is_dormant=True, first_name=given, last_name=last, fold_given=given, fold_last=last, birth_date=born,
        school_id=school, record_key=keys.record, name_birth_key=keys.name_birth, name_school_key=keys.name_school,
        letters_key=keys.letters,
    )  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [("scores", "0010_assertions"), ("people", "0006_students_that_last")]

    operations = [
        migrations.RunPython(rest, migrations.RunPython.noop),
        migrations.RemoveField("Placement", "answers"),
    ]
