"""Store what crosswalks say, so that one can be undone.

Identifiers that are stored before this update stand as one file that is older than all others and can't be undone.
"""

from django.db import migrations, models
from django.db.models.functions import Now

from scoreport.lib.fields import CodeText
from scoreport.lib.hashes import stable64

_OF_STUDENT = (
    *("first_name", "last_name", "birth_date", "school_id", "fold_given", "fold_last"),
    *("record_key", "name_birth_key", "name_school_key", "letters_key"),
)


def note_what_is_stored(apps, schema_editor):
    """Let a file without bytes assert every identifier that is stored."""
    identifiers = apps.get_model("people", "Identifier").objects
    if not identifiers.exists():
        return
    versions = apps.get_model("people", "IdentifierVersion")
    assertions = apps.get_model("people", "IdentifierAssertion")
    names = ("kind", "issuer", "value", *(f"student__{name}" for name in _OF_STUDENT))
    rows = {}
    for cells in identifiers.order_by("pk").values_list(*names).iterator(chunk_size=2_000):
        row = dict(zip(("kind", "issuer", "value", *_OF_STUDENT), cells, strict=True))
        whose = (row["fold_given"], row["fold_last"], row["birth_date"].isoformat(), str(row["school_id"] or ""))
        rows[stable64(row["kind"], row["issuer"], row["value"], *whose)] = row
    file = apps.get_model("imports", "ImportFile").objects.create(
        kind="identifiers", layout="identifiers-1", name="identifiers", sha256="", size=0, path="",
        state="accepted", received_at=Now(), received_by="scoreport setup", accepted_at=Now(),
        accepted_by="scoreport setup", accepted_order=-1, rows_total=len(rows), rows_done=len(rows), rows_new=len(rows),
    )  # fmt: skip
    versions.objects.bulk_create(
        (versions(about=about, row_hash=about, is_current=True, **row) for about, row in rows.items()), batch_size=500
    )
    stored = versions.objects.order_by("pk").values_list("pk", flat=True).iterator(chunk_size=2_000)
    assertions.objects.bulk_create(
        (assertions(file_id=file.pk, line=line, version_id=pk, kind="new") for line, pk in enumerate(stored, start=1)),
        batch_size=500,
    )


def _id():
    return models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")


class Migration(migrations.Migration):
    dependencies = [("people", "0003_keys_by_school"), ("imports", "0002_every_kind")]

    operations = [
        migrations.CreateModel(
            name="IdentifierAssertion",
            fields=[
                ("id", _id()),
                ("file_id", models.BigIntegerField()),
                ("line", models.BigIntegerField()),
                ("version_id", models.BigIntegerField()),
                ("kind", CodeText()),
            ],
            options={
                "indexes": [
                    models.Index(fields=["file_id", "line"], name="identifier_assertion_file"),
                    models.Index(fields=["version_id"], name="identifier_assertion_version"),
                ]
            },
        ),
        migrations.CreateModel(
            name="IdentifierVersion",
            fields=[
                ("id", _id()),
                ("about", models.BigIntegerField()),
                ("row_hash", models.BigIntegerField()),
                ("is_current", models.BooleanField()),
                ("kind", CodeText()),
                ("issuer", CodeText(blank=True, default="")),
                ("value", CodeText()),
                ("first_name", models.TextField(blank=True, default="")),
                ("last_name", models.TextField()),
                ("birth_date", models.DateField()),
                ("school_id", models.BigIntegerField(blank=True, null=True)),
                ("fold_given", CodeText()),
                ("fold_last", CodeText()),
                ("record_key", models.BigIntegerField()),
                ("name_birth_key", models.BigIntegerField()),
                ("name_school_key", models.BigIntegerField()),
                ("letters_key", models.BigIntegerField()),
            ],
            options={"constraints": [models.UniqueConstraint(fields=["about"], name="identifier_version_once")]},
        ),
        migrations.RunPython(note_what_is_stored, migrations.RunPython.noop),
    ]
