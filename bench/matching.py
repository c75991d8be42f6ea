"""Which records of a made-up state are one student: our rules beside the truth, and splink on the same records.

Records are what the database stores: one for each spelling (folded), middle initial, gender, birth date and school.
Candidate pairs come from the same four lookups that the database does. A student's *forms* are the distinct names (as
typed), birth dates and schools in the rows; recall is counted over pairs of forms of one student, of which a missing
middle initial or gender makes none. Wrong joins are pairs of students that share a group, without those of whom
two rows say exactly the same.
"""

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from importlib.util import find_spec
from itertools import combinations
from typing import Any, Final

from bench.databases import FOLDER
from bench.state import FIRST_AI_CODE, STUDENTS, Numbered, Row, State, build, write
from scoreport.lib.codes import is_placeholder
from scoreport.lib.text import fold_given_names, fold_name
from scoreport.people.matching import Decision, StudentDetails, compare, resolve_joins
from scoreport.people.rules import Named, is_close_birth_date, is_one_name

type Pair = tuple[int, int]
type Form = tuple[int, str]
"""A student and one way in which rows spell them."""
Found = dict[str, Any]

_WEIGHTS: Final = range(40, -13, -2)
_UNKNOWN_CODE: Final = "599999"


@dataclass(slots=True)
class Records:
    """What the database would store, with the truth beside it."""

    details: list[StudentDetails] = field(default_factory=list)
    # Whose rows each record has, and whom the crosswalk means by it.
    students: list[set[int]] = field(default_factory=list)
    numbered: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    # Of each student the forms: their record, and the noise that made them.
    forms: dict[int, dict[tuple[object, ...], tuple[int, str]]] = field(default_factory=lambda: defaultdict(dict))

    def twins(self) -> set[Pair]:
        """Return the students of whom a row says the same: no rule can tell these rows apart."""
        return {pair for some in self.students if len(some) > 1 for pair in combinations(sorted(some), 2)}


class Groups:
    """Which records are one student so far."""

    def __init__(self, size: int, pairs: Iterable[Pair] = ()) -> None:
        self._heads = list(range(size))
        for one, other in pairs:
            self.join(one, other)

    def head(self, record: int) -> int:
        heads = self._heads
        while heads[record] != record:
            heads[record] = heads[heads[record]]
            record = heads[record]
        return record

    def join(self, one: int, other: int) -> None:
        first, later = sorted((self.head(one), self.head(other)))
        self._heads[later] = first


def records_of(state: State) -> Records:
    """Return the records of all rows and of the crosswalk."""
    found, places = Records(), dict[tuple[object, ...], int]()
    numbers: dict[int, set[tuple[str, str, str]]] = defaultdict(set)
    everything: list[Row | Numbered] = [*state.rows, *state.crosswalk]
    for row in everything:
        one, school = row.spelled, _school(row)
        ticket = row.ticket if isinstance(row, Row) and school is None and is_placeholder(row.ai_code) else ""
        names = (fold_given_names(one.first), fold_name(one.last))
        key = (*names, one.initial, one.gender, one.born, school, row.ai_code if school is None else "", ticket)
        place = places.setdefault(key, len(places))
        if place == len(found.details):
            found.details.append(
                StudentDetails(one.first, one.last, one.born, school, one.initial, one.gender, row.ai_code)
            )
            found.students.append(set())
        if isinstance(row, Numbered):
            numbers[place].add(("state-student-id", "S", row.number))
            found.numbered[place].add(row.student)
        else:
            found.students[place].add(row.student)
            form = (one.first, one.last, one.born, school, ticket)
            found.forms[row.student].setdefault(form, (place, row.noise))
    for place, keys in numbers.items():
        old = found.details[place]
        found.details[place] = StudentDetails(
            *(old.first_name, old.last_name, old.birth_date, old.school_id, old.middle_initial, old.gender),
            school_code=old.school_code,
            identifiers=frozenset(keys),
        )
    return found


def _is_true(found: Records, pair: Pair) -> bool:
    """Tell whether two records are one student's, by their rows or by what the crosswalk means."""
    one, other = (found.students[n] | found.numbered.get(n, set()) for n in pair)
    return not one.isdisjoint(other)


def _school(row: Row | Numbered) -> int | None:
    return None if is_placeholder(row.ai_code) or row.ai_code == _UNKNOWN_CODE else int(row.ai_code) - FIRST_AI_CODE


def _blocks(details: list[StudentDetails]) -> dict[str, Iterator[Pair]]:
    """Return the lookups of the database, each with the pairs it finds."""
    folded = [(fold_given_names(one.first_name), fold_name(one.last_name)) for one in details]

    def school(n: int) -> object:
        one = details[n]
        return one.school_id if one.school_id is not None else one.school_code

    def is_close(pair: Pair) -> bool:
        one, other = (details[n].birth_date for n in pair)
        return one != other and is_close_birth_date(one, other)

    everybody = range(len(details))
    numbers = [(n, key) for n in everybody for key in details[n].identifiers if not is_placeholder(key[2])]
    named = _pairs((n, (folded[n], school(n))) for n in everybody)
    return {
        "school and birth date": _pairs((n, (school(n), details[n].birth_date)) for n in everybody),
        "name and birth date": _pairs((n, (folded[n], details[n].birth_date)) for n in everybody),
        "name and school, close birth date": filter(is_close, named),
        "identifier": _pairs(iter(numbers)),
    }


def _pairs(keyed: Iterator[tuple[int, object]]) -> Iterator[Pair]:
    found: dict[object, list[int]] = defaultdict(list)
    for record, key in keyed:
        found[key].append(record)
    for some in found.values():
        yield from combinations(some, 2)


def measure(students: int = STUDENTS) -> Found:
    """Build the state, match it by our rules and by splink, and return the figures."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    started = time.perf_counter()
    state = build(students)
    path = write(state, FOLDER)
    built = time.perf_counter() - started
    found = records_of(state)
    result: Found = {
        "file": path.name,
        "students": students,
        "rows": len(state.rows),
        "records": len(found.details),
        "form_pairs": sum(len(forms) * (len(forms) - 1) // 2 for forms in found.forms.values()),
        "same_in_everything": len(found.twins()),
        "built_seconds": round(built, 1),
        "before": _before(found, len(state.rows)),
        "ours": _ours(found, len(state.rows)),
        "splink": "not installed",
    }
    if find_spec("splink"):
        result["splink"] = _splink(found, len(state.rows), result["ours"]["recall"])
    return result


def _ours(found: Records, rows: int) -> Found:
    started = time.perf_counter()
    details, by_rule = found.details, dict[str, set[Pair]]()
    for name, pairs in _blocks(details).items():
        by_rule[name] = set(pairs)
    blocked = time.perf_counter() - started
    candidates = set().union(*by_rule.values())
    began = time.process_time()
    compared = {pair: compare(details[pair[0]], details[pair[1]]) for pair in sorted(candidates)}
    seconds = time.process_time() - began
    joins = [pair for pair, result in compared.items() if result.decision is Decision.JOIN]
    began = time.perf_counter()
    resolved = resolve_joins(dict(enumerate(details)), joins)
    resolving = time.perf_counter() - began
    groups = Groups(len(details), resolved.joins)
    asked = {pair: str(result.reason) for pair, result in compared.items() if result.decision is Decision.ASK}
    asked |= dict.fromkeys(resolved.questions, "fits-several")
    return {
        **_figures(found, groups, asked, rows),
        "candidates": len(candidates),
        "joins": len(joins),
        "blocking_seconds": round(blocked, 1),
        "compare_seconds": round(seconds, 1),
        "compare_microseconds": round(seconds / max(len(candidates), 1) * 1e6, 2),
        "resolve_seconds": round(resolving, 1),
        "seconds": round(time.perf_counter() - started, 1),
        "rules": _by_rule(found, by_rule, {*resolved.joins, *asked}),
    }


def _before(found: Records, rows: int) -> Found:
    """Return what decision 14 did: equal names, birth dates and schools join, whatever else differs."""
    joins, asked = [], dict[Pair, str]()
    for name, pairs in _blocks(found.details).items():
        for pair in pairs:
            one, other = (found.details[n] for n in pair)
            if name == "identifier":
                joins.append(pair)
            elif is_one_name(_named(one), _named(other)):
                if one.birth_date == other.birth_date and _is_one_place(one, other):
                    joins.append(pair)
                else:
                    asked[pair] = ""
    return _figures(found, Groups(len(found.details), joins), asked, rows)


def _splink(found: Records, rows: int, as_ours: float) -> Found:
    """Return what splink does at several thresholds, chosen with the truth at hand, which nobody has in life."""
    from bench import splink_beside

    started = time.perf_counter()
    scored = splink_beside.scored(found.details)
    seconds = round(time.perf_counter() - started, 1)
    curve, groups, at = [], Groups(len(found.details)), 0
    for weight in _WEIGHTS:
        while at < len(scored) and scored[at][0] >= weight:
            groups.join(*scored[at][1:])
            at += 1
        result = evaluate(found, groups.head)
        curve.append({"weight": weight, **{name: result[name] for name in ("wrong", "recall", "f1")}})
    surest = min(curve, key=lambda point: (point["wrong"], -point["recall"]))
    enough = next((point for point in curve if point["recall"] >= as_ours), curve[-1])
    joined = Groups(len(found.details), (pair[1:] for pair in scored if pair[0] >= surest["weight"]))
    asked = {pair[1:]: "" for pair in scored if enough["weight"] <= pair[0] < surest["weight"]}
    asking = _figures(found, joined, asked, rows)
    return {
        "version": splink_beside.version(),
        "pairs": len(scored),
        "seconds": seconds,
        "as_ours": enough,
        "best_f1": max(curve, key=lambda point: point["f1"]),
        "fewest_wrong": surest,
        "asking": {name: asking[name] for name in ("wrong", "recall", "questions", "questions_of_rows")},
        "curve": curve,
    }


def _named(one: StudentDetails) -> Named:
    return Named(one.first_name, one.last_name, one.birth_date, one.school_id)


def _is_one_place(one: StudentDetails, other: StudentDetails) -> bool:
    # Rows without a known school were one record then, of whatever code.
    return one.school_id == other.school_id


def _figures(found: Records, groups: Groups, asked: dict[Pair, str], rows: int) -> Found:
    """Count questions (one for each two students), and what their true answers would add."""
    questions: dict[Pair, str] = {}
    for (one, other), reason in asked.items():
        heads = sorted((groups.head(one), groups.head(other)))
        if heads[0] != heads[1]:
            questions.setdefault((heads[0], heads[1]), reason)
    true = {pair for pair in asked if _is_true(found, pair)}
    answered = Groups(len(found.details), ((n, groups.head(n)) for n in range(len(found.details))))
    for one, other in true:
        answered.join(one, other)
    right = {tuple(sorted((groups.head(one), groups.head(other)))) for one, other in true}
    result = evaluate(found, groups.head)
    after = evaluate(found, answered.head)
    return {
        **result,
        "recall_joined": result["recall"],
        "recall": after["recall"],
        "missed": after["missed"],
        "questions": len(questions),
        "questions_of_rows": len(questions) / rows,
        "questions_true": len(right & questions.keys()),
        "reasons": {
            reason: (count, sum(1 for pair, why in questions.items() if why == reason and pair in right))
            for reason, count in Counter(questions.values()).most_common()
        },
    }


def evaluate(found: Records, head: Callable[[int], int]) -> Found:
    """Count pairs of students in one group, and the share of pairs of forms that are in one group."""
    members: dict[int, set[int]] = defaultdict(set)
    for record, students in enumerate(found.students):
        members[head(record)] |= students
    forms_of: Counter[int] = Counter()
    total = joined = together = 0
    missed: Counter[str] = Counter()
    for forms in found.forms.values():
        heads = [(head(record), noise) for record, noise in forms.values()]
        forms_of.update(group for group, _noise in heads)
        for (one, noise), (other, more) in combinations(heads, 2):
            total += 1
            joined += one == other
            if one != other:
                missed[" + ".join(sorted(filter(None, {noise, more})))] += 1
    together = sum(count * (count - 1) // 2 for count in forms_of.values())
    return {
        "wrong": len(
            {pair for some in members.values() if len(some) > 1 for pair in combinations(sorted(some), 2)}
            - found.twins()
        ),
        "recall": joined / max(total, 1),
        "f1": 2 * joined / max(together + total, 1),
        "missed": dict(missed.most_common()),
    }


def _by_rule(found: Records, by_rule: dict[str, set[Pair]], decided: set[Pair]) -> Found:
    """Return for each lookup: its pairs, true pairs of records joined or asked through it, and through it alone."""
    right = {pair for pair in decided if _is_true(found, pair)}
    result: Found = {"all": {"true": len(right)}}
    for name, pairs in by_rule.items():
        others = set().union(*(some for other, some in by_rule.items() if other != name))
        mine = right & pairs
        result[name] = {"pairs": len(pairs), "true": len(mine), "alone": len(mine - others)}
    return result
