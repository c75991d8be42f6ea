"""Give the shortcuts of student records their new form, which begins with the school or the day of birth.

They are found by comparison with those of a file (``people.rules.keys_of``), so all of them change at once. There is
no way back: an older Scoreport would look for the old ones.
"""

from django.db import migrations

from scoreport.people.rules import Named, keys_of

_SOME = 5_000


def renew_keys(apps, schema_editor):
    """Work out the keys of all records, some at a time, from what they were made of."""
    students = apps.get_model("people", "Student").objects.using(schema_editor.connection.alias).order_by("pk")
    columns = ("pk", "first_name", "last_name", "birth_date", "school_id")
    last = 0
    with schema_editor.connection.cursor() as cursor:
        while rows := list(students.filter(pk__gt=last).values_list(*columns)[:_SOME]):
            keys = ((pk, keys_of(Named(*told))) for pk, *told in rows)
            cursor.executemany(
                "UPDATE people_student SET record_key = %s, name_birth_key = %s, name_school_key = %s,"
                " letters_key = %s WHERE id = %s",
                [(of.record, of.name_birth, of.name_school, of.letters, pk) for pk, of in keys],
            )
            last = rows[-1][0]


class Migration(migrations.Migration):
    dependencies = [("people", "0002_student_birth_date")]

    operations = [migrations.RunPython(renew_keys)]
