"""CLEP's results: one test of one student as a file has it, with what the portal's roster shows."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from scoreport.lib.fields import CodeText
from scoreport.lib.folded import Folded
from scoreport.programs.catalog.clep import CLEP
from scoreport.scores.results import (
    AbstractResult,
    AbstractResultAssertion,
    Results,
    constraints_of,
    indexes_of,
    register,
    store_of,
)


class ClepResult(AbstractResult):
    """One CLEP test (:class:`scoreport.scores.results.AbstractResult`)."""

    voucher_code = CodeText(blank=True, default="")
    registered_on = models.DateField()
    test_center_code = CodeText(blank=True, default="")
    test_center_name = CodeText(blank=True, default="")
    test_center_city = CodeText(blank=True, default="")
    exam_subject = CodeText()
    score = models.SmallIntegerField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = constraints_of("score", CLEP.main)
        indexes: ClassVar = [
            *indexes_of("score"),
            # Most tests are paid for without a voucher. Spelled out where it is asked for (``scores.search``).
            models.Index(Folded("voucher_code"), condition=~Q(voucher_code=""), name="score_voucher_folded"),
        ]


class ClepAssertion(AbstractResultAssertion):
    """One accepted row of a CLEP score file."""


RESULTS = Results(
    program=CLEP,
    model=ClepResult,
    assertions=ClepAssertion,
    store=store_of(
        ClepResult,
        ClepAssertion,
        (
            ("voucher_code", "code"),
            ("registered_on", "date"),
            ("test_center_code", "code"),
            ("test_center_name", "code"),
            ("test_center_city", "code"),
            ("exam_subject", "code"),
            ("score", "smallint"),
        ),
        header="registration_ticket_number",
    ),
    columns=(
        ("registration_ticket_number", "ticket"),
        ("first_name", "first_name"),
        ("middle_initial", "middle_initial"),
        ("last_name", "last_name"),
        ("gender", "gender"),
        ("ethnicity", "ethnicity"),
        ("date_of_birth", "birth_date"),
        ("grade", "grade"),
        ("ai_code", "ai_code"),
        ("voucher_code", "voucher_code"),
        ("date_registered", "registered_on"),
        ("date_tested", "tested_on"),
        ("test_center_code", "test_center_code"),
        ("test_center_name", "test_center_name"),
        ("test_center_city", "test_center_city"),
        ("exam_code", "exam_code"),
        ("exam_subject", "exam_subject"),
        ("score", "score"),
        ("date_scored", "scored_on"),
        ("status", "status"),
    ),
)
register(RESULTS)
