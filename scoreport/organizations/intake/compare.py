"""The file beside the tree that is stored: what is new, changed or the same, and whether a tree comes of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from scoreport.access import PlaceKind
from scoreport.lib import us_states
from scoreport.organizations.intake.read import FileRefused, Reading
from scoreport.organizations.rules import PARENT_KINDS, OrganizationRow, Problem


@dataclass(frozen=True, slots=True)
class Plan:
    """What storing the file will do; rows come after the rows of their parents."""

    new: tuple[OrganizationRow, ...]
    changed: tuple[OrganizationRow, ...]
    same: int


def compare(reading: Reading, stored: Mapping[str, OrganizationRow], *, default_zone: str) -> Plan:
    """Return what is to be stored; ``stored`` is by id of the operator's.

    The rows are judged in the tree as it would be, so parents may come later in the file or be
    stored already. Raises :class:`FileRefused` with every problem.
    """
    in_file = {row.code: row for row in reading.rows}
    after = {**stored, **in_file}
    problems = [*_misplaced(in_file, after), *_circles(in_file, after), *_taken_codes(in_file, stored)]
    if problems:
        raise FileRefused(problems)
    new: list[OrganizationRow] = []
    changed: list[OrganizationRow] = []
    for row in sorted(reading.rows, key=lambda row: depth(row, after)):
        before = stored.get(row.code)
        unsaid = {name: getattr(before, name) for name in reading.missing} if before else {}
        row = replace(row, **unsaid)  # noqa: PLW2901 - the row, with what the file leaves as it is
        row = replace(row, time_zone=row.time_zone or zone_above(row, after, default_zone))  # noqa: PLW2901 - complete
        after[row.code] = row
        if before is None:
            new.append(row)
        elif replace(row, line=before.line) != before:
            changed.append(row)
    return Plan(new=tuple(new), changed=tuple(changed), same=len(in_file) - len(new) - len(changed))


def _misplaced(in_file: Mapping[str, OrganizationRow], after: Mapping[str, OrganizationRow]) -> Iterator[Problem]:
    """Yield rows under a parent that does not exist or is of a kind that has no such children."""
    for row in after.values():
        parent = after.get(row.parent)
        line = row.line or (parent.line if parent else 0)
        if not line:
            continue
        if row.parent and parent is None:
            reason = _("There is no organization with this id, neither in the file nor stored.")
            yield Problem(line, "parent_id", row.parent, reason)
        elif parent and PlaceKind(parent.kind) not in PARENT_KINDS[PlaceKind(row.kind)]:
            reason = _("The %(kind)s %(child)s can't be under the %(parent_kind)s %(parent)s.") % {
                "kind": row.kind,
                "child": row.code,
                "parent_kind": parent.kind,
                "parent": parent.code,
            }
            column = "parent_id" if row.code in in_file else "kind"
            yield Problem(line, column, row.parent if row.code in in_file else parent.kind, reason)


def _circles(in_file: Mapping[str, OrganizationRow], after: Mapping[str, OrganizationRow]) -> Iterator[Problem]:
    """Yield the rows of the file that stand under themselves."""
    for row in in_file.values():
        seen: set[str] = set()
        code = row.parent
        while code in after and code not in seen and code != row.code:
            seen.add(code)
            code = after[code].parent
        if code == row.code:
            reason = _("An organization can't be under itself, or under an organization that is under it.")
            yield Problem(row.line, "parent_id", row.parent, reason)


def _taken_codes(in_file: Mapping[str, OrganizationRow], stored: Mapping[str, OrganizationRow]) -> Iterator[Problem]:
    """Yield AI codes that belong to a stored organization of which the file does not speak."""
    holders = {row.ai_code: row for row in stored.values() if row.ai_code and row.code not in in_file}
    for row in in_file.values():
        if holder := holders.get(row.ai_code):
            reason = _("The AI code belongs to %(name)s (%(code)s) already.")
            yield Problem(row.line, "ai_code", row.ai_code, reason % {"name": holder.name, "code": holder.code})


def depth(row: OrganizationRow, after: Mapping[str, OrganizationRow]) -> int:
    depth = 0
    while row.parent:
        row = after[row.parent]
        depth += 1
    return depth


def zone_above(row: OrganizationRow, after: Mapping[str, OrganizationRow], default_zone: str) -> str:
    """Return the zone of the parent, which is complete by now, or else of the state."""
    parent = after.get(row.parent)
    return parent.time_zone if parent else us_states.ZONES.get(row.state, default_zone)
