"""Fill in what scores say of their students' records besides names, birth date and school.

A record whose scores say different things becomes several of one student; ``scoreport setup`` then looks whether
something speaks against that (``people.models.RecordToRelink``).
"""

from collections import defaultdict
from itertools import batched

from django.db import migrations
from django.db.models import Max

from scoreport.people.rules import initial_of, place_code_of
from scoreport.people.students import new_public_id

_SOME = 2_000


def fill(apps, schema_editor):
    """Go through all scores in the order of their records."""
    scores = apps.get_model("scores", "Score").objects
    columns = ("record_id", "pk", "middle_initial", "gender", "school_id", "ai_code", "ticket")
    rows = scores.order_by("record_id", "pk").values_list(*columns).iterator(chunk_size=_SOME)
    said: dict[int, dict[tuple[str, str, str], list[int]]] = defaultdict(lambda: defaultdict(list))
    for record, pk, initial, gender, school, code, ticket in rows:
        if len(said) > _SOME and record not in said:
            _store(apps, said)
            said.clear()
        said[record][initial_of(initial), gender, place_code_of(school, code, ticket)].append(pk)
    _store(apps, said)
    _identifiers(apps)


def _store(apps, said):
    """Give each record the first thing that is said of it, and the scores that say another one a record of their own."""
    model, student = apps.get_model("people", "StudentRecord"), apps.get_model("people", "Student")
    relink = apps.get_model("people", "RecordToRelink")
    scores = apps.get_model("scores", "Score").objects
    records = model.objects.in_bulk(list(said))
    newest = student.objects.aggregate(n=Max("pk"))["n"] or 0
    students, copies, changed, again = [], [], [], []
    for pk, versions in said.items():
        if pk not in records:
            continue
        (first, _scores), *others = versions.items()
        for number, (details, score_ids) in enumerate(((first, ()), *others)):
            row = records[pk] if not number else _copy(model, records[pk])
            row.fold_initial, row.gender, row.place_code = details
            if number:
                newest += 1
                row.pk, row.linked_because = newest, "variant"
                students.append(student(pk=newest, public_id=new_public_id(), merged_into_id=row.student_id))
                copies.append(row)
                again.append((row.pk, score_ids))
            else:
                changed.append(row)
    model.objects.bulk_update(changed, ["fold_initial", "gender", "place_code"], batch_size=300)
    student.objects.bulk_create(students, batch_size=500)
    model.objects.bulk_create(copies, batch_size=300)
    for record, score_ids in again:
        for some in batched(score_ids, 500, strict=False):
            scores.filter(pk__in=some).update(record_id=record)
    relink.objects.bulk_create((relink(record_id=record) for record, _scores in again), batch_size=500)


def _copy(model, row):
    return model(**{field.attname: getattr(row, field.attname) for field in model._meta.fields if not field.primary_key})


def _identifiers(apps):
    """Tell records of identifiers without a school apart, as a file of today does; such a record stays as it is."""
    model = apps.get_model("people", "IdentifierVersion")
    rows = list(model.objects.filter(school_id=None).order_by("pk"))
    for row in rows:
        row.place_code = place_code_of(None, "", str(row.about))
    model.objects.bulk_update(rows, ["place_code"], batch_size=300)
    records = apps.get_model("people", "StudentRecord").objects
    taken = set()
    for row in rows:
        found = records.filter(
            fold_given=row.fold_given, fold_last=row.fold_last, birth_date=row.birth_date, school_id=None, place_code=""
        ).exclude(pk__in=taken)
        first = found.order_by("pk").first()
        if first:
            records.filter(pk=first.pk).update(place_code=row.place_code)
            taken.add(first.pk)


def number_on(apps, schema_editor):
    """Let PostgreSQL give numbers after those that were given here."""
    if schema_editor.connection.vendor == "postgresql":
        with schema_editor.connection.cursor() as cursor:
            for table in ("people_student", "people_studentrecord"):
                cursor.execute(
                    f"SELECT setval(pg_get_serial_sequence('{table}', 'id'),"
                    " greatest((SELECT max(id) FROM people_student), 1))"
                )


class Migration(migrations.Migration):
    dependencies = [("scores", "0011_answers_rest_with_records"), ("people", "0007_more_of_a_record")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop), migrations.RunPython(number_on, migrations.RunPython.noop)]
