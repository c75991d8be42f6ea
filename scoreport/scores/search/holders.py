"""Whose a ticket or voucher code is: a number that several people have lists none of them.

Only tests that the asker may know of come here, so that the answer tells nothing of any other.
"""

from collections.abc import Sequence

from scoreport.lib.text import clean, fold_given_names
from scoreport.scores.search.criteria import By, SearchCriteria
from scoreport.scores.search.sources import Test


def meant(criteria: SearchCriteria, tests: Sequence[Test]) -> list[Test]:
    """Return the tests with the very ticket that was typed, where there are any, or else all of them.

    Two tickets may differ in a dash alone; who types one as it is printed means that one.
    """
    if criteria.by is not By.TICKET:
        return list(tests)
    typed = clean(criteria.ticket)
    return [test for test in tests if test.ticket == typed] or list(tests)


def are_several(tests: Sequence[Test]) -> bool:
    """Tell whether tests are of more than one person, as far as they say."""
    if not tests:
        return False
    ours, others = [tests[0]], list(tests[1:])
    while joined := [test for test in others if any(_is_one_person(test, known) for known in ours)]:
        ours += joined
        others = [test for test in others if test not in joined]
    return bool(others) or len({test.student_id for test in ours if test.student_id}) > 1


def _is_one_person(one: Test, other: Test) -> bool:
    """Tell whether two tests are one student's; a row without one goes by its name and birth date."""
    if one.student_id and other.student_id:
        return one.student_id == other.student_id
    names = {fold_given_names(f"{test.first_name} {test.last_name}") for test in (one, other)}
    days = {test.birth_date for test in (one, other) if test.birth_date}
    return len(names) == 1 and len(days) <= 1
