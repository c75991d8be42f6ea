"""Writing what a file changes in the tree. The caller holds the transaction."""

from collections.abc import Mapping
from dataclasses import fields, replace

from django.db import connection

from scoreport.lib.text import sort_key
from scoreport.organizations.intake.compare import Plan, depth, zone_above
from scoreport.organizations.models import Organization
from scoreport.organizations.rules import OrganizationRow, lineage_text

_BATCH = 500
_COLUMNS = ("kind", "name", "ai_code", "city", "state", "zip", "time_zone", "contact_name", "contact_email")


def lock_tree() -> None:
    """Let nobody else change the tree until the transaction ends; reading goes on."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f'LOCK TABLE "{Organization._meta.db_table}" IN SHARE ROW EXCLUSIVE MODE')


def stored_rows() -> dict[str, OrganizationRow]:
    """Return what is stored as rows of a file, by id of the operator's; line 0 means no line."""
    names = [field.name for field in fields(OrganizationRow)]
    columns = {"line": "pk", "parent": "parent__code"}
    rows = Organization.objects.values_list(*(columns.get(name, name) for name in names))
    cells = (dict(zip(names, row, strict=True)) for row in rows)
    return {row["code"]: OrganizationRow(**row | {"line": 0, "parent": row["parent"] or ""}) for row in cells}


def store(plan: Plan) -> frozenset[int]:
    """Write new and changed rows; return the ids of all that was touched, those that moved along too."""
    # Codes that pass from one organization to another are let go of before they are taken.
    Organization.objects.filter(code__in=[row.code for row in plan.changed]).update(ai_code="")
    made = Organization.objects.bulk_create([_filled(Organization(), row) for row in plan.new], batch_size=_BATCH)
    known = {row.code: row for row in Organization.objects.all()}
    filled = {row.code: _filled(known[row.code], row) for row in (*plan.new, *plan.changed)}
    for row in (*plan.new, *plan.changed):
        filled[row.code].parent = known.get(row.parent)
    Organization.objects.bulk_update(filled.values(), [*_COLUMNS, "sort_name", "parent"], batch_size=_BATCH)
    moved = _mend_lineages()
    return frozenset({*(row.pk for row in made), *(row.pk for row in filled.values()), *moved})


def derive_zones(zones: Mapping[str, str], *, default_zone: str) -> None:
    """Give organizations that are named by files, but without a time zone, that of their parent or state.

    ``zones`` is what files say of each organization, empty where they say nothing.
    """
    rows = stored_rows()
    changed = []
    for row in sorted(rows.values(), key=lambda row: depth(row, rows)):
        zone = zones.get(row.code) or zone_above(row, rows, default_zone)
        if row.code in zones and zone != row.time_zone:
            rows[row.code] = replace(row, time_zone=zone)
            changed.append(rows[row.code])
    store(Plan(new=(), changed=tuple(changed), same=0))


def _filled(organization: Organization, row: OrganizationRow) -> Organization:
    organization.code = row.code
    for name in _COLUMNS:
        setattr(organization, name, getattr(row, name))
    organization.sort_name = sort_key(f"{row.name} {row.city}")
    return organization


def _mend_lineages() -> list[int]:
    """Write the lineage of every organization whose ancestors are others than before; return their ids."""
    rows = {row.pk: row for row in Organization.objects.only("id", "parent_id", "lineage")}
    wrong = []
    for row in rows.values():
        ids = [row.pk]
        while (parent_id := rows[ids[0]].parent_id) is not None:
            ids.insert(0, parent_id)
        lineage = lineage_text(ids)
        if row.lineage != lineage:
            row.lineage = lineage
            wrong.append(row)
    Organization.objects.bulk_update(wrong, ["lineage"], batch_size=_BATCH)
    return [row.pk for row in wrong]
