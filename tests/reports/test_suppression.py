"""Small groups cannot be worked out from the figures that are shown beside them."""

from hypothesis import given
from hypothesis import strategies as st

from scoreport.reports.rules import ExamRow, Hidden, Summary, hidden_label, suppress

THRESHOLD = 11


def exam(code: str, takers: int, tests: int | None = None) -> ExamRow:
    tests = takers if tests is None else tests
    return ExamRow(code, f"Exam {code}", takers, tests, 0, 50.0, 0.0, (0,) * 12, 3)


def summary(exams, takers: int | None = None, waiting: int = 0) -> Summary:
    tests = sum(row.tests for row in exams)
    return Summary(sum(row.takers for row in exams) if takers is None else takers, tests, 0, 0.0, waiting)


def hidden_of(*takers: int, threshold: int = THRESHOLD):
    exams = tuple(exam(str(number), count) for number, count in enumerate(takers))
    total, rows = suppress(summary(exams), exams, threshold=threshold)
    return total.hidden, [row.hidden for row in rows]


def test_large_groups_stay():
    assert hidden_of(11, 40, 300) == (Hidden.NO, [Hidden.NO, Hidden.NO, Hidden.NO])


def test_a_small_row_takes_the_next_smallest_with_it():
    assert hidden_of(300, 5, 40) == (Hidden.NO, [Hidden.NO, Hidden.SMALL, Hidden.RELATED])


def test_two_small_rows_hide_each_other():
    assert hidden_of(300, 5, 4) == (Hidden.NO, [Hidden.NO, Hidden.SMALL, Hidden.SMALL])


def test_two_small_rows_that_their_sum_gives_away_take_a_third():
    # Their sum, 20, says that both are 10; 2 says that both are 1.
    assert hidden_of(300, 10, 10, 50)[1] == [Hidden.NO, Hidden.SMALL, Hidden.SMALL, Hidden.RELATED]
    assert hidden_of(300, 1, 1, 50)[1] == [Hidden.NO, Hidden.SMALL, Hidden.SMALL, Hidden.RELATED]


def test_the_summary_goes_when_nothing_else_is_left_to_hide():
    assert hidden_of(10, 10) == (Hidden.RELATED, [Hidden.SMALL, Hidden.SMALL])
    assert hidden_of(1, 11) == (Hidden.RELATED, [Hidden.SMALL, Hidden.RELATED])


def test_a_small_organization_shows_no_figures_at_all():
    assert hidden_of(5) == (Hidden.SMALL, [Hidden.SMALL])
    total, rows = suppress(summary((exam("1", 5),)), (exam("1", 5),), threshold=THRESHOLD)
    assert (total.takers, total.tests, total.at_cut, total.percent) == (None,) * 4
    assert (rows[0].takers, rows[0].tests, rows[0].mean, rows[0].bands) == (None, None, None, ())


def test_nobody_is_nobody():
    nobody = Summary(0, 0, 0, None, 0)
    assert suppress(nobody, (), threshold=THRESHOLD) == (nobody, ())


def test_few_waiting_tests_are_not_counted_out():
    rows = (exam("1", 50),)
    assert suppress(summary(rows, waiting=3), rows, threshold=THRESHOLD)[0].waiting is None
    assert suppress(summary(rows, waiting=11), rows, threshold=THRESHOLD)[0].waiting == 11
    assert suppress(summary(rows, waiting=0), rows, threshold=THRESHOLD)[0].waiting == 0
    assert [row.waiting for row in suppress(summary(rows), rows, threshold=THRESHOLD)[1]] == [None]


def test_an_exam_that_only_waits_is_not_named():
    rows = (exam("1", 50), exam("2", 0))
    assert [row.code for row in suppress(summary(rows), rows, threshold=THRESHOLD)[1]] == ["1"]


def test_what_is_hidden_says_why():
    assert hidden_label(Hidden.SMALL, 11) == "fewer than 11"
    assert hidden_label(Hidden.RELATED, 11) == "hidden"
    assert hidden_label(Hidden.NO, 11) == ""


def possible(total: Summary, rows, threshold: int, *, one_test_each: bool) -> list[int]:
    """Return for each small row how many numbers of takers a reader of everything else must hold possible.

    Tries every number for it, and asks whether the other hidden rows can take up the rest. With ``one_test_each`` the
    reader even believes that nobody takes an exam twice.
    """
    hidden = [row.hidden for row in rows if row.hidden is not Hidden.NO]
    others_least = sum(1 if why is Hidden.SMALL else threshold for why in hidden)
    related = Hidden.RELATED in hidden
    small = hidden.count(Hidden.SMALL)
    if total.tests is None:
        return [threshold - 1] * small
    shown = [row for row in rows if row.hidden is Hidden.NO]
    tests = total.tests - sum(row.tests for row in shown)
    takers = total.takers - sum(row.takers for row in shown)
    found = 0
    for guess in range(1, threshold):
        least = guess + others_least - 1
        most = tests if related else min(tests, guess + (small - 1) * (threshold - 1))
        fits = least <= tests and most >= takers
        if one_test_each and not related:
            fits = fits and guess + (small - 1) * (threshold - 1) >= tests
        found += fits
    return [found] * small


COUNTS = st.lists(st.tuples(st.integers(1, 60), st.integers(0, 5)), min_size=1, max_size=8)


@given(COUNTS, st.integers(5, 15), st.data())
def test_no_small_row_can_be_worked_out(counts, threshold, data):
    exams = tuple(exam(str(n), takers, takers + again) for n, (takers, again) in enumerate(counts))
    takers = [row[0] for row in counts]
    together = data.draw(st.integers(max(takers), sum(takers)))
    total, rows = suppress(summary(exams, takers=together), exams, threshold=threshold)
    for before, after in zip(takers, rows, strict=True):
        assert (after.hidden is Hidden.SMALL) == (before < threshold)
        assert (after.tests is None) == (after.hidden is not Hidden.NO)
    if 0 < together < threshold:
        assert total.hidden is Hidden.SMALL
    once = all(again == 0 for _takers, again in counts)
    assert all(n >= 3 for n in possible(total, rows, threshold, one_test_each=once))


@given(COUNTS, st.integers(5, 15))
def test_nothing_is_hidden_where_nobody_is_few(counts, threshold):
    exams = tuple(exam(str(n), takers + threshold) for n, (takers, _again) in enumerate(counts))
    total, rows = suppress(summary(exams), exams, threshold=threshold)
    assert {total.hidden, *(row.hidden for row in rows)} == {Hidden.NO}


def test_without_the_second_row_the_attack_succeeds():
    """The attack of the property is real: it finds the row that only its own threshold would hide."""
    rows = (exam("1", 300), ExamRow("2", "", None, None, None, None, None, (), None, Hidden.SMALL))
    exams = (exam("1", 300), exam("2", 5))
    assert possible(summary(exams), rows, THRESHOLD, one_test_each=True) == [1]
