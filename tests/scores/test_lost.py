"""What a crash can lose is noticed before it can do harm: staged rows, and the received file itself."""

import pytest
from django.db import connection

from scoreport.imports import received, staging
from scoreport.imports.models import ImportFile, RejectedRow
from scoreport.imports.rules import FileState
from scoreport.imports.run import NotPossibleNow
from scoreport.scores import actions
from scoreport.scores.models import ClepResult
from tests.scores.files import accept, check, row, text
from tests.world import AT, OPERATOR

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world")]


def empty(file: ImportFile) -> None:
    """Do what a crash of PostgreSQL does to an unlogged table."""
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {staging.table_of(file.pk)}")  # noqa: S608 - the name of a table of ours


@pytest.mark.parametrize("lose", [empty, lambda file: staging.drop(file.pk)], ids=["emptied", "dropped"])
def test_a_file_whose_staged_rows_are_gone_is_not_accepted_as_nothing(lose):
    file = check(text(row("T1"), row("T2")))
    lose(file)
    with pytest.raises(NotPossibleNow, match="Check it again"):
        accept(file)
    file.refresh_from_db()
    assert (file.state, file.accepted_at) == (FileState.CHECKED, None)
    actions.check_now(OPERATOR, file_id=file.pk, at=AT)
    accept(file)
    assert ClepResult.objects.count() == 2


def test_a_received_file_that_is_gone_is_told():
    file = check(text(row("T1"), row("T2", score="99")))
    received.received().delete(file.path)
    again = actions.check_now(OPERATOR, file_id=file.pk, at=AT)
    assert (again.state, again.checked_at) == (FileState.FAILED, None)
    assert "Upload it again." in again.reason
    assert not RejectedRow.objects.exists()
    assert staging.present() == []


def test_nothing_to_take_can_be_accepted():
    """A file of refused rows alone has no staged row, and that is right."""
    file = accept(check(text(row("T1", score="99"))))
    assert (file.state, ClepResult.objects.count()) == (FileState.ACCEPTED, 0)
