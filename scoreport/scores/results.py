"""What the results of every program have in common: one wide table a program, and beside it the rows that assert it.

Everything that a roster shows is in the wide row, so that reports, exports and totals need no join. A row is one
version of what files said of one result, never changed. An accepted row asserts a version; the newest assertion whose
file was not undone says which version is current. So a correction supersedes and keeps the history, and undoing a file
leaves what never having loaded it would have left.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.db import models
from django.db.models import Q

from scoreport.imports.models import Assertion, Version
from scoreport.imports.versions import Store
from scoreport.lib.fields import CodeText
from scoreport.lib.folded import FoldedTicket
from scoreport.programs.catalog import UnknownProgram
from scoreport.programs.catalog import program as program_of
from scoreport.programs.rules import Measure, Program, ScoreStatus


class AbstractResult(Version):
    """One result of one student; a program adds a column for each of its measures, and what else its files say.

    ``ticket`` is what files name the result by: of CLEP the registration ticket number. ``ai_code`` is how they name
    the school. ``released_at`` is the instant from which the result may be seen (None: it waits, or is canceled).
    ``status`` is what the file says. ``canceled_on`` is the same for every version of a ticket, so that the number of
    none of them is shown; ``scores.cancellations`` decides it. The organizations are plain numbers, resolved before
    they are written.
    """

    program = CodeText()
    ticket = CodeText()
    student_id = models.BigIntegerField()
    record_id = models.BigIntegerField()
    first_name = models.TextField()
    middle_initial = models.TextField(blank=True, default="")
    last_name = models.TextField()
    sort_first = CodeText()
    sort_last = CodeText()
    gender = CodeText()
    ethnicity = models.SmallIntegerField()
    birth_date = models.DateField()
    grade = models.SmallIntegerField()
    ai_code = CodeText(blank=True, default="")
    tested_on = models.DateField()
    exam_code = CodeText()
    scored_on = models.DateField(null=True, blank=True)
    status = CodeText(blank=True, default=ScoreStatus.NORMAL.value, db_default=ScoreStatus.NORMAL.value)
    canceled_on = models.DateField(null=True, blank=True)
    year = models.SmallIntegerField()
    school_id = models.BigIntegerField(null=True, blank=True)
    district_id = models.BigIntegerField(null=True, blank=True)
    state_id = models.BigIntegerField(null=True, blank=True)
    released_at = models.DateTimeField(null=True, blank=True)
    # Whether a cell could be read as a formula by a spreadsheet; exports then guard it.
    is_hostile = models.BooleanField(default=False)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.program} {self.ticket}"


class AbstractResultAssertion(Assertion):
    """One accepted row of a file of results: it says that a version of a result is so."""

    class Meta(Assertion.Meta):
        abstract = True


def constraints_of(prefix: str, main: Measure) -> list[models.BaseConstraint]:
    """Return the constraints of a table of results, under names that begin with ``prefix``."""
    canceled = {"status": ScoreStatus.CANCELED.value, f"{main.key}__isnull": True}
    return [
        models.UniqueConstraint(
            fields=["program", "ticket"], condition=Q(is_current=True), name=f"{prefix}_one_current"
        ),
        in_range(f"{prefix}_in_range", main),
        models.CheckConstraint(
            condition=Q(**{f"{main.key}__isnull": False}) | Q(released_at__isnull=True),
            name=f"{prefix}_released_has_score",
        ),
        models.CheckConstraint(
            condition=Q(status=ScoreStatus.NORMAL.value) | Q(**canceled),
            name=f"{prefix}_status_known",
        ),
        models.CheckConstraint(
            condition=Q(canceled_on__isnull=True) | Q(released_at__isnull=True), name=f"{prefix}_canceled_is_hidden"
        ),
    ]


def in_range(name: str, measure: Measure) -> models.CheckConstraint:
    """Return the constraint that a measure is among its values, or is not there."""
    within = Q(**{f"{measure.key}__range": (measure.lowest, measure.highest)})
    return models.CheckConstraint(condition=Q(**{f"{measure.key}__isnull": True}) | within, name=name)


def indexes_of(prefix: str) -> list[models.Index]:
    """Return the indexes that every table of results is read by, under names that begin with ``prefix``."""
    return [
        models.Index(fields=["program", "ticket"], condition=Q(is_current=False), name=f"{prefix}_history"),
        # Only of tickets with small letters or marks; the others are found by the constraint above.
        models.Index(
            FoldedTicket("ticket"),
            condition=Q(is_current=True) & ~Q(ticket=FoldedTicket("ticket")),
            name=f"{prefix}_ticket_folded",
        ),
        models.Index(fields=["student_id"], name=f"{prefix}_student"),
        # Few tests wait for their scores; how many of them are overdue is asked for each report.
        models.Index(
            fields=["exam_code", "tested_on"],
            condition=Q(is_current=True, released_at__isnull=True, canceled_on__isnull=True),
            name=f"{prefix}_pending",
        ),
        models.Index(fields=["record_id"], name=f"{prefix}_record"),
        # Not partial: SQLite uses a partial index only where the query spells its condition out.
        models.Index(fields=["school_id", "year"], name=f"{prefix}_school"),
        # The tests of a district in the order of their ids, which ends every order of a roster.
        models.Index(fields=["district_id", "year", "id"], name=f"{prefix}_district"),
        # A state's roster opens sorted by name; its other orders are found by district (reports.queries.order).
        models.Index(fields=["state_id", "year", "sort_last", "sort_first", "id"], name=f"{prefix}_state_name"),
    ]


# What a staged row of every program holds, beside the measures and columns of its own; a line comes first.
_CORE: Final = (
    ("program", "code"),
    ("ticket", "code"),
    ("row_hash", "bigint"),
    ("first_name", "text"),
    ("middle_initial", "text"),
    ("last_name", "text"),
    ("sort_first", "code"),
    ("sort_last", "code"),
    ("gender", "code"),
    ("ethnicity", "smallint"),
    ("birth_date", "date"),
    ("grade", "smallint"),
    ("ai_code", "code"),
    ("tested_on", "date"),
    ("exam_code", "code"),
    ("scored_on", "date"),
    ("status", "code"),
    ("year", "smallint"),
    ("school_id", "bigint"),
    ("district_id", "bigint"),
    ("state_id", "bigint"),
    ("released_at", "instant"),
    ("is_hostile", "boolean"),
)
_STAGED_ONLY: Final = (
    ("fold_given", "code"),
    ("fold_last", "code"),
    ("fold_initial", "code"),
    ("place_code", "code"),
    ("record_key", "bigint"),
    ("name_birth_key", "bigint"),
    ("name_school_key", "bigint"),
    ("letters_key", "bigint"),
)


def store_of(
    model: type[AbstractResult],
    assertions: type[AbstractResultAssertion],
    own: tuple[tuple[str, str], ...],
    *,
    header: str,
) -> Store:
    """Return where results of a program are stored; ``own`` are the columns and types that only its rows have.

    A staged row is the line, where it is to lie among the stored ones, what all programs share, its own columns, and
    what matching needs.
    """
    return Store(
        versions=model._meta.db_table,
        assertions=assertions._meta.db_table,
        key=("program", "ticket"),
        staged=(("line", "bigint"), ("store_order", "bigint"), *_CORE, *own, *_STAGED_ONLY),
        staged_only=frozenset({"line", "store_order", *(name for name, _kind in _STAGED_ONLY)}),
        order="store_order",
        header=header,
    )


@dataclass(frozen=True, eq=False, slots=True)
class Results:
    """Where the results of one program are stored, and what files call their columns."""

    program: Program
    model: type[Any]
    assertions: type[Any]
    store: Store
    columns: tuple[tuple[str, str], ...]
    """What files call a column, and the column that stores it, in the order of the file."""

    @property
    def table(self) -> str:
        """The table of results."""
        return self.store.versions

    @property
    def by_student(self) -> str:
        """The index by student (:func:`indexes_of`)."""
        names: list[str] = [index.name for index in self.model._meta.indexes if index.fields == ["student_id"]]
        return names[0]

    @property
    def said(self) -> str:
        """The table of the rows that assert them."""
        return self.store.assertions

    def current(self, ticket: str) -> Any:
        """Return the current version of a ticket; None where no file tells of it."""
        return self.model.objects.filter(program=self.program.slug, ticket=ticket, is_current=True).first()

    @property
    def has_vouchers(self) -> bool:
        """Whether files tell the voucher that a test was paid for with."""
        return "voucher_code" in self.store.columns

    @property
    def voucher(self) -> str:
        """The SQL for the voucher of a row; an empty text where the program has none."""
        return "voucher_code" if self.has_vouchers else "''"

    @property
    def value(self) -> str:
        """The column of the measure that says whether a result is there."""
        return self.program.main.key


_KNOWN: Final[dict[str, Results]] = {}


def register(results: Results) -> None:
    """Make the results of a program known; the module of its model does so."""
    _KNOWN[results.program.slug] = results


def results_of(program: str) -> Results:
    """Return where the results of a program are. Raises :class:`scoreport.programs.catalog.UnknownProgram`."""
    try:
        return _KNOWN[program_of(program).slug]
    except KeyError:
        raise UnknownProgram(program) from None


def results_of_model(model: type[models.Model]) -> Results:
    """Return the results that a model stores. Raises :class:`StopIteration` for any other model."""
    return next(results for results in _KNOWN.values() if results.model is model)


def all_results() -> Iterator[Results]:
    """Yield where results are, program by program."""
    yield from tuple(_KNOWN.values())
