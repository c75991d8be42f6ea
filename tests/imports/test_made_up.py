"""Made-up kinds of files go the whole way through the engine: what rosters and the SAT Suite need is data."""

from itertools import permutations

import pytest
from django.db import connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from scoreport.imports import actions, staging
from scoreport.imports.effective import effective
from scoreport.imports.models import ImportFile
from scoreport.imports.run import NotPossibleNow
from tests.examples import examples
from tests.imports.made_up import MEMBERS, RESULTS, TARGETS, create_tables
from tests.world import AT, OPERATOR

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def kinds(settings, db):
    """Let the made-up kinds be there."""
    settings.IMPORT_TARGETS = settings.IMPORT_TARGETS | TARGETS
    create_tables()


def check(kind, *lines):
    content = "\n".join(lines).encode()
    number = actions.receive_file(OPERATOR, kind=kind, name=f"{kind}.csv", chunks=[content], at=AT, check_later=False)
    return actions.check_now(OPERATOR, file_id=number, at=AT)


def load(kind, *lines):
    file = check(kind, *lines)
    return actions.accept_now(OPERATOR, file_id=file.pk, at=AT, reverting=True)


def undo(file):
    return actions.undo_now(OPERATOR, file_id=file.pk, at=AT)


def skills(*lines):
    return load("skills", "pupil,reported_on,reading,counting,teacher", *lines)


def clubs(*lines):
    return load("clubs", "club,pupil,role", *lines)


def results():
    """Return (pupil, test): (points, teacher), as all files say together."""
    with connection.cursor() as cursor:
        return {key: (row["points"], row["teacher"]) for key, row in effective(cursor, RESULTS).items()}


def members():
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT club, pupil, role FROM {MEMBERS.versions} WHERE is_current AND NOT is_ended ORDER BY 1, 2"  # noqa: S608 - our own names
        )
        return cursor.fetchall()


def rows_left():
    with connection.cursor() as cursor:
        counts = []
        for table in (RESULTS.versions, RESULTS.assertions, MEMBERS.versions, MEMBERS.assertions):
            cursor.execute(f"SELECT count(*) FROM {table}")  # noqa: S608 - our own names
            counts.append(cursor.fetchone()[0])
    return counts


# --- Two results a record, the newest report counts --------------------------------------------------


def test_one_record_holds_two_results():
    file = skills("p1,2026-01-05,50,60,Ms. Hill", "p2,2026-01-05,,70,")
    assert (file.rows_new, file.rows_refused) == (3, 0)
    assert results() == {
        ("p1", "reading"): (50, "Ms. Hill"), ("p1", "counting"): (60, "Ms. Hill"), ("p2", "counting"): (70, None),
    }  # fmt: skip


def test_an_older_report_fills_gaps_and_never_overwrites():
    skills("p1,2026-02-05,50,,")
    file = skills("p1,2026-01-05,40,,Ms. Hill")
    assert (file.rows_older, file.rows_changed) == (1, 0)
    assert results() == {("p1", "reading"): (50, "Ms. Hill")}
    undo(file)
    assert results() == {("p1", "reading"): (50, None)}


def test_the_newest_of_two_rows_in_one_file_counts():
    file = skills("p1,2026-02-05,50,,", "p1,2026-01-05,40,60,Ms. Hill")
    assert file.rows_new == 2
    assert results() == {("p1", "reading"): (50, "Ms. Hill"), ("p1", "counting"): (60, "Ms. Hill")}
    assert "repeat a record" in file.notices[0]


def test_a_row_with_a_problem_is_refused_and_the_others_are_stored():
    file = skills("p1,2026-02-05,50,,", "p2,2026-02-05,101,,", ",2026-02-05,1,,")
    assert list(file.refused.order_by("line").values_list("line", "column")) == [(3, "reading"), (4, "pupil")]
    assert results() == {("p1", "reading"): (50, None)}


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_the_order_of_files_makes_no_difference(order):
    files = ("p1,2026-01-05,40,60,Ms. Hill", "p1,2026-02-05,50,,", "p1,2026-03-05,,70,Mr. Reed")
    loaded = [skills(files[n]) for n in order]
    assert results() == {("p1", "reading"): (50, "Ms. Hill"), ("p1", "counting"): (70, "Mr. Reed")}
    undo(loaded[order.index(2)])
    assert results() == {("p1", "reading"): (50, "Ms. Hill"), ("p1", "counting"): (60, "Ms. Hill")}
    for file in loaded:
        if file.pk != loaded[order.index(2)].pk:
            undo(file)
    assert rows_left() == [0, 0, 0, 0]


# --- A complete list ----------------------------------------------------------------------------------


def test_who_is_no_longer_in_the_list_has_left_and_comes_back():
    clubs("chess,p1,", "chess,p2,", "choir,p1,")
    second = check("clubs", "club,pupil,role", "chess,p2,")
    assert (second.rows_same, second.rows_removed) == (1, 1)
    second = actions.accept_now(OPERATOR, file_id=second.pk, at=AT)
    assert members() == [("chess", "p2", ""), ("choir", "p1", "")]
    third = clubs("chess,p1,", "chess,p2,")
    assert (third.rows_changed, third.rows_reverting, third.rows_removed) == (1, 0, 0)
    assert members() == [("chess", "p1", ""), ("chess", "p2", ""), ("choir", "p1", "")]
    undo(third)
    assert members() == [("chess", "p2", ""), ("choir", "p1", "")]


def test_undoing_the_list_brings_back_who_had_left():
    clubs("chess,p1,leader", "chess,p2,")
    second = clubs("chess,p2,")
    undo(second)
    assert members() == [("chess", "p1", "leader"), ("chess", "p2", "")]


def test_a_record_that_is_there_twice_is_refused():
    file = check("clubs", "club,pupil,role", "chess,p1,", "chess,p1,leader")
    assert file.rows_new == 0
    assert list(file.refused.order_by("line").values_list("line", flat=True)) == [2, 3]


def test_a_list_with_a_refused_row_ends_nobody():
    """Whoever stands in a row that can't be read has not left."""
    clubs("chess,p1,", "chess,p2,")
    late = check("clubs", "club,pupil,role", "chess,p2,", "chess,,leader")
    with pytest.raises(NotPossibleNow, match="The file has problems, so nothing of it is stored"):
        actions.accept_now(OPERATOR, file_id=late.pk, at=AT)
    assert members() == [("chess", "p1", ""), ("chess", "p2", "")]


def test_a_held_row_of_a_list_ends_nobody():
    clubs("chess,p1,", "chess,p2,")
    clubs("chess,p1,leader", "chess,p2,")
    late = check("clubs", "club,pupil,role", "chess,p1,", "chess,p2,")
    late = actions.accept_now(OPERATOR, file_id=late.pk, at=AT)
    assert (late.rows_reverting, late.rows_removed) == (1, 0)
    assert members() == [("chess", "p1", "leader"), ("chess", "p2", "")]


def test_a_list_of_everything_without_a_row_ends_nobody(settings):
    clubs("chess,p1,")
    settings.IMPORT_TARGETS = settings.IMPORT_TARGETS | {"clubs": "tests.imports.made_up.all_club_files"}
    empty = check("clubs", "club,pupil,role")
    with pytest.raises(NotPossibleNow, match="lists nothing"):
        actions.accept_now(OPERATOR, file_id=empty.pk, at=AT)
    assert members() == [("chess", "p1", "")]


LISTS = st.lists(
    st.dictionaries(
        st.tuples(st.sampled_from(["chess", "choir"]), st.sampled_from(["p1", "p2", "p3"])),
        st.sampled_from(["", "leader"]),
        min_size=1,
    ),
    min_size=2,
    max_size=4,
)


@settings(max_examples=examples(25))
@given(LISTS, st.integers(0, 3))
def test_undoing_a_list_is_never_having_loaded_it(lists, pick):
    """Play all lists and undo one; then play the others only."""

    def played(some):
        return [clubs(*(f"{club},{pupil},{role}" for (club, pupil), role in one.items())) for one in some]

    gone = pick % len(lists)
    with transaction.atomic():
        files = played(lists)
        undo(files.pop(gone))
        after = members()
        for file in reversed(files):
            undo(file)
        assert rows_left() == [0, 0, 0, 0]
        played([one for n, one in enumerate(lists) if n != gone])
        assert members() == after
        transaction.set_rollback(True)


def test_staging_tables_go_with_their_files():
    file = check("skills", "pupil,reported_on,reading,counting,teacher", "p1,2026-02-05,50,,")
    actions.discard_file(OPERATOR, file_id=file.pk, at=AT)
    assert staging.present() == []
    assert ImportFile.objects.get(pk=file.pk).state == "discarded"
