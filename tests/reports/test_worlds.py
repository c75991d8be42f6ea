"""Two worlds that differ only in scores that are not released look the same to everybody, byte for byte."""

import io
import zipfile

import pytest
from django.db.models import F

from scoreport.organizations.queries import find
from scoreport.reports import queries
from scoreport.reports.actions import open_report
from scoreport.reports.export.rosters import csv_chunks, write_xlsx
from scoreport.reports.models import Publication, PublishedCount
from scoreport.reports.rules import Result, RosterQuery
from scoreport.scores.models import ClepResult
from tests.reports.rosters import ALL_COLUMNS, BANDS, COLUMNS, YEARS, all_years, cancel, count_again, store, unreleased
from tests.world import AT

pytestmark = pytest.mark.django_db

QUERIES = (
    *(all_years(sort=key, descending=True) for key in ALL_COLUMNS),
    *(all_years(sort="score", result=result) for result in Result),
    *(all_years(score_from=low, score_to=high) for low, high in BANDS),
    RosterQuery("clep", years=(2026,), sort="score", descending=True, page=2),
    RosterQuery("clep", years=(2026,), score_to=49),
)


def sheets_of(actor, organization, query) -> dict[str, bytes]:
    """Return the parts of a workbook, but for the one that says when it was written."""
    file = io.BytesIO()
    write_xlsx(file, actor, organization, query, AT)
    with zipfile.ZipFile(file) as parts:
        return {name: parts.read(name) for name in parts.namelist() if name != "docProps/core.xml"}


def plain(value: object) -> str:
    """Write a report so that equal ones are equal texts; labels that are translated late are shown."""
    text = repr(value)
    for column in COLUMNS.values():
        text = text.replace(repr(column), column.key)
    return text


def everything(actor) -> list[object]:
    """Return all that the people of the world get to see: the school's counselor everything, the others enough."""
    seen: list[object] = []
    for who, code, some in (("amy", "ALDER-HIGH", 1), ("dan", "D-ALDER", 4), ("sam", "ST", 4)):
        person, organization = actor(who), find(code)
        for query in QUERIES[::some]:
            seen.append(plain(queries.roster_page(person, organization, query, AT)))
            seen.append(b"".join(csv_chunks(person, organization, query, AT)))
        seen.append(sheets_of(person, organization, all_years(sort="score")))
        seen += [plain(queries.filter_options(person, organization, query, AT)) for query in QUERIES[:2]]
        seen += [
            plain(queries.report_of(person, organization, RosterQuery("clep", years=(year,)), AT)) for year in YEARS
        ]
        seen.append(plain(queries.report_of(person, organization, all_years(), AT)))
        students = sorted(
            set(ClepResult.objects.filter(school_id=find("ALDER-HIGH").id).values_list("student_id", flat=True))
        )
        seen += [plain(queries.student_page(person, student, AT, program="clep")) for student in students[::some]]
    for who, code in (("sue", "ALDER-HIGH"), ("dan", "D-ALDER"), ("sam", "ST")):
        # Published anew each time, as for the first reader.
        PublishedCount.objects.all().delete()
        Publication.objects.all().delete()
        person, organization = actor(who, second_factor=False), find(code)
        for year in YEARS:
            query = RosterQuery("clep", years=(year,))
            seen.append(plain(open_report(person, organization=organization, query=query, at=AT)))
    return seen


def change_unreleased() -> int:
    """Give every test that waits another score, or one where there was none, or none where there was one."""
    hidden = unreleased(AT)
    for test in hidden:
        if test.score is None:
            test.score = 77
        elif test.pk % 2:
            test.score, test.released_at, test.scored_on = None, None, None
        else:
            test.score = 100 - test.score
        test.save()
    count_again()
    return len(hidden)


def test_what_is_not_released_leaves_no_trace(world, actor):
    store()
    before = everything(actor)
    assert change_unreleased() > 20
    assert everything(actor) == before


def change_canceled() -> int:
    """Give every canceled test another score, in what files said before, too."""
    changed = ClepResult.objects.filter(canceled_on__isnull=False, score__isnull=False).update(score=100 - F("score"))
    count_again()
    return changed


def test_the_number_of_a_canceled_score_leaves_no_trace(world, actor):
    store()
    assert cancel(3) > 40
    before = everything(actor)
    assert change_canceled() > 40
    assert everything(actor) == before


def test_the_same_change_to_released_scores_shows(world, actor):
    """The comparison is not blind."""
    store()
    before = everything(actor)
    test = ClepResult.objects.filter(school_id=find("ALDER-HIGH").id, released_at__lte=AT).order_by("id")[0]
    ClepResult.objects.filter(pk=test.pk).update(score=33 if test.score != 33 else 34)
    count_again()
    assert sum(one != other for one, other in zip(before, everything(actor), strict=True)) > len(QUERIES)
