"""Give students a number of their own that lasts, apart from the records that spell their names.

Every student keeps the number that addresses and logs know: that of the record which stood for the person. A record
that was linked to another one has a student too, which leads to the other one's.
"""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, Q

import scoreport.lib.fields

_STUDENTS = """
INSERT INTO people_student (id, public_id, merged_into_id)
SELECT id, CAST(id AS text), same_as_id FROM people_studentrecord ORDER BY people_studentrecord.id
"""
_RECORDS = "UPDATE people_studentrecord SET student_id = COALESCE(same_as_id, id)"


def _id():
    return models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")


def make_students(apps, schema_editor):
    """Make a student of each record; ids that come later are higher."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(_STUDENTS)
        cursor.execute(_RECORDS)
        if schema_editor.connection.vendor == "postgresql":
            # Numbers may have been given to records that are gone; none is given twice.
            cursor.execute(
                "SELECT setval(pg_get_serial_sequence('people_student', 'id'),"
                " greatest((SELECT max(id) FROM people_student),"
                " nextval(pg_get_serial_sequence('people_studentrecord', 'id'))))"
            )
        else:
            cursor.execute(
                "UPDATE sqlite_sequence SET seq = max(seq, COALESCE((SELECT seq FROM sqlite_sequence"
                " WHERE name = 'people_studentrecord'), 0)) WHERE name = 'people_student'"
            )


class Migration(migrations.Migration):
    dependencies = [("people", "0005_assertion_indexes")]

    operations = [
        migrations.RemoveConstraint("Student", "student_not_itself"),
        migrations.RemoveConstraint("Student", "student_same_has_reason"),
        migrations.RemoveIndex("Student", "student_same_as"),
        migrations.RemoveConstraint("Identifier", "identifier_once"),
        migrations.RenameModel("Student", "StudentRecord"),
        migrations.RenameField("Identifier", "student", "record"),
        migrations.AddConstraint(
            "Identifier",
            models.UniqueConstraint(fields=["kind", "issuer", "value", "record"], name="identifier_once"),
        ),
        migrations.CreateModel(
            name="Student",
            fields=[
                ("id", _id()),
                ("public_id", scoreport.lib.fields.CodeText()),
                (
                    "merged_into",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="merged",
                        to="people.student",
                    ),
                ),
            ],
        ),
        migrations.RenameField("StudentRecord", "same_because", "linked_because"),
        migrations.AddField("StudentRecord", "is_dormant", models.BooleanField(default=False)),
        migrations.AddField(
            "StudentRecord",
            "student",
            models.ForeignKey(
                blank=True,
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="records",
                to="people.student",
            ),
        ),
        migrations.RunPython(make_students, migrations.RunPython.noop),
        migrations.RemoveField("StudentRecord", "same_as"),
        migrations.CreateModel(
            name="FormerStudent",
            fields=[
                ("id", _id()),
                ("until", models.DateTimeField()),
                (
                    "record",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="former", to="people.studentrecord"
                    ),
                ),
                (
                    "student",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="former_records", to="people.student"
                    ),
                ),
            ],
        ),
        migrations.AddConstraint("Student", models.UniqueConstraint(fields=["public_id"], name="student_public_id")),
        migrations.AddConstraint(
            "Student", models.CheckConstraint(condition=~Q(public_id=""), name="student_has_public_id")
        ),
        migrations.AddConstraint(
            "Student",
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | ~Q(merged_into=F("id")), name="student_not_into_itself"
            ),
        ),
        migrations.AddIndex(
            "Student",
            models.Index(fields=["merged_into"], condition=Q(merged_into__isnull=False), name="student_merged"),
        ),
        migrations.AddConstraint(
            "StudentRecord",
            models.CheckConstraint(
                condition=Q(student__isnull=False) | Q(is_dormant=True), name="student_record_has_student"
            ),
        ),
        migrations.AddConstraint(
            "StudentRecord",
            models.CheckConstraint(
                condition=Q(is_dormant=False) | Q(linked_because=""), name="student_record_dormant_unlinked"
            ),
        ),
        migrations.AddIndex(
            "StudentRecord",
            models.Index(fields=["student"], condition=~Q(student=F("id")), name="student_record_student"),
        ),
        migrations.AddIndex(
            "StudentRecord", models.Index(fields=["id"], condition=Q(is_dormant=True), name="student_record_dormant")
        ),
    ]
