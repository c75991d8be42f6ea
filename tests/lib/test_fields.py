from typing import ClassVar

import pytest
from django.db import connection, models
from django.db.migrations.state import ModelState, ProjectState
from django.db.migrations.writer import MigrationWriter

from scoreport.lib.fields import CodeText

# Byte order: capitals before small letters, punctuation by its code, letters of other scripts by theirs.
IN_ORDER = ["", "A B", "A-B", "AB", "Z", "_", "a", "a b", "ab", "z", "~", "\u00e9", "\u044f", "\u3042", "\U0001f600"]


class Coded(models.Model):
    code = CodeText()
    name = CodeText(unique=True)
    parent = models.ForeignKey("self", models.CASCADE, null=True, to_field="name")
    objects: ClassVar[models.Manager["Coded"]] = models.Manager()

    class Meta:
        app_label = "lib_fields"
        db_table = "lib_fields_coded"


def test_a_migration_names_the_field_and_nothing_more():
    written, imports = MigrationWriter.serialize(CodeText(default=""))
    assert written == "scoreport.lib.fields.CodeText(default='')"
    assert imports == {"import scoreport.lib.fields"}


def test_a_migration_state_rebuilds_the_field():
    state = ProjectState()
    state.add_model(ModelState.from_model(Coded))
    assert type(state.apps.get_model("lib_fields", "Coded")._meta.get_field("code")) is CodeText


@pytest.fixture
def table(transactional_db):
    with connection.schema_editor() as editor:
        editor.create_model(Coded)
    yield
    with connection.schema_editor() as editor:
        editor.delete_model(Coded)


@pytest.mark.usefixtures("table")
def test_both_databases_sort_by_bytes_and_keep_one_index():
    Coded.objects.bulk_create(Coded(code=code, name=code) for code in reversed(IN_ORDER))
    assert list(Coded.objects.order_by("code").values_list("code", flat=True)) == IN_ORDER
    assert sorted(IN_ORDER) == IN_ORDER
    assert Coded.objects.filter(code__gt="A-B", code__lt="a").count() == 3
    with connection.cursor() as cursor:
        constraints = connection.introspection.get_constraints(cursor, Coded._meta.db_table)
    assert [one["columns"] for one in constraints.values() if one["unique"] and one["columns"] != ["id"]] == [["name"]]
    assert [name for name in constraints if "_like" in name and "name" in constraints[name]["columns"]] == []


@pytest.mark.usefixtures("table")
def test_the_type_can_be_changed_from_and_to_text():
    plain = models.TextField()
    plain.set_attributes_from_name("code")
    plain.model = Coded
    field = Coded._meta.get_field("code")
    with connection.schema_editor() as editor:
        editor.alter_field(Coded, field, plain)
        editor.alter_field(Coded, plain, field)
    Coded.objects.bulk_create(Coded(code=code, name=code) for code in reversed(IN_ORDER))
    assert list(Coded.objects.order_by("code").values_list("code", flat=True)) == IN_ORDER
