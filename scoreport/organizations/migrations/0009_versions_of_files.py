"""Store what files say of organizations, so that a file can be undone.

What is stored before this update stands as one file that is older than all others and can't be undone.
"""

from django.db import migrations, models
from django.db.models import Q
from django.db.models.functions import Now

from scoreport.lib.fields import CodeText
from scoreport.lib.hashes import stable64

_COLUMNS = ("kind", "code", "name", "parent", "ai_code", "city", "state", "zip", "time_zone", "contact_name", "contact_email")


def note_what_is_stored(apps, schema_editor):
    """Let a file without bytes assert every organization that is stored."""
    organizations = apps.get_model("organizations", "Organization").objects
    if not organizations.exists():
        return
    files = apps.get_model("imports", "ImportFile").objects
    versions = apps.get_model("organizations", "OrganizationVersion").objects
    assertions = apps.get_model("organizations", "OrganizationAssertion")
    columns = {"parent": "parent__code"}
    rows = list(organizations.order_by("pk").values_list(*(columns.get(name, name) for name in _COLUMNS)))
    file = files.create(
        kind="organizations", layout="organizations-1", name="organizations", sha256="", size=0, path="",
        state="accepted", received_at=Now(), received_by="scoreport setup", accepted_at=Now(),
        accepted_by="scoreport setup", accepted_order=0, rows_total=len(rows), rows_done=len(rows), rows_new=len(rows),
    )  # fmt: skip
    for line, cells in enumerate(rows, start=1):
        told = dict(zip(_COLUMNS, (cell or "" for cell in cells), strict=True))
        version = versions.create(row_hash=stable64("\x1f".join(told.values())), is_current=True, **told)
        assertions.objects.create(file_id=file.pk, line=line, version_id=version.pk, kind="new")


def _id():
    return models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")


class Migration(migrations.Migration):
    dependencies = [("organizations", "0008_givers_of_roles"), ("imports", "0002_every_kind")]

    operations = [
        migrations.CreateModel(
            name="OrganizationAssertion",
            fields=[
                ("id", _id()),
                ("file_id", models.BigIntegerField()),
                ("line", models.BigIntegerField()),
                ("version_id", models.BigIntegerField()),
                ("kind", CodeText()),
            ],
            options={
                "indexes": [
                    models.Index(fields=["file_id", "line"], name="organization_assertion_file"),
                    models.Index(fields=["version_id"], name="organization_assertion_version"),
                ]
            },
        ),
        migrations.CreateModel(
            name="OrganizationVersion",
            fields=[
                ("id", _id()),
                ("code", CodeText()),
                ("row_hash", models.BigIntegerField()),
                ("is_current", models.BooleanField()),
                ("kind", CodeText()),
                ("name", models.TextField()),
                ("parent", CodeText(blank=True, default="")),
                ("ai_code", CodeText(blank=True, default="")),
                ("city", models.TextField(blank=True, default="")),
                ("state", CodeText(blank=True, default="")),
                ("zip", CodeText(blank=True, default="")),
                ("time_zone", models.TextField(blank=True, null=True)),
                ("contact_name", models.TextField(blank=True, null=True)),
                ("contact_email", models.TextField(blank=True, null=True)),
            ],
            options={
                "indexes": [models.Index(fields=["code"], condition=Q(is_current=False), name="organization_version_old")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=["code"], condition=Q(is_current=True), name="organization_version_one_current"
                    )
                ],
            },
        ),
        migrations.RunPython(note_what_is_stored, migrations.RunPython.noop),
    ]
