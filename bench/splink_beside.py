"""Splink (probabilistic linkage, unsupervised) on the records and lookups of our own rules. Not a dependency.

It is given what we have: names without case, accents and punctuation, the two columns compared crosswise; birth date,
school, initial, gender and number. ``bench.matching`` decides what is made of its scores.
"""

import csv
import logging
from pathlib import Path
from typing import Any, Final

from bench.databases import FOLDER
from scoreport.lib.codes import is_placeholder
from scoreport.lib.text import fold_given_names, fold_name, sort_key
from scoreport.people.matching import StudentDetails

_COLUMNS: Final = (
    *("unique_id", "first", "last", "fold_first", "fold_last", "born"),
    *("school", "initial", "gender", "number"),
)
_TYPES: Final = {"unique_id": "INTEGER", "born": "DATE"}
_LEAST_PROBABILITY: Final = 0.0001


def scored(details: list[StudentDetails]) -> list[tuple[float, int, int]]:
    """Return (match weight, record, record) of all pairs that are not hopeless, best first."""
    return _scored(_records_file(details))


def version() -> str:
    """Return the version that is installed."""
    import splink

    return str(splink.__version__)


def _records_file(details: list[StudentDetails]) -> Path:
    path = FOLDER / "splink_records.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(_COLUMNS)
        for record, one in enumerate(details):
            numbers = sorted(key[2] for key in one.identifiers if not is_placeholder(key[2]))
            names = (sort_key(one.first_name), sort_key(one.last_name))
            folded = (fold_given_names(one.first_name), fold_name(one.last_name))
            school = "" if is_placeholder(one.school_code) else one.school_code
            gender = one.gender if one.gender in {"F", "M"} else ""
            said = (school, one.middle_initial, gender, (*numbers, "")[0])
            writer.writerow((record, *names, *folded, one.birth_date, *said))
    return path


def _settings() -> Any:
    """Return what is compared, and the lookups that find pairs: ours."""
    import splink.comparison_library as cl
    from splink import SettingsCreator, block_on

    lookups = [
        block_on("school", "born"),
        block_on("fold_first", "fold_last", "born"),
        block_on("fold_first", "fold_last", "school"),
        block_on("number"),
    ]
    return SettingsCreator(
        link_type="dedupe_only",
        comparisons=[
            cl.ForenameSurnameComparison("first", "last"),
            cl.DateOfBirthComparison("born", input_is_string=False),
            cl.ExactMatch("school"),
            cl.ExactMatch("initial"),
            cl.ExactMatch("gender"),
            cl.ExactMatch("number"),
        ],
        blocking_rules_to_generate_predictions=lookups,
    )


def _scored(path: Path) -> list[tuple[float, int, int]]:
    import duckdb
    from splink import DuckDBAPI, Linker, block_on

    # It tells each step of its training.
    logging.disable(logging.WARNING)
    connection = duckdb.connect()
    types = ", ".join(f"'{name}': '{_TYPES.get(name, 'VARCHAR')}'" for name in _COLUMNS)
    connection.execute(
        f"CREATE TABLE records AS SELECT * FROM read_csv('{path}', header = true, columns = {{{types}}}, nullstr = '')"
    )
    api = DuckDBAPI(connection=connection)
    linker = Linker(api.register(connection.table("records")), _settings())
    linker.training.estimate_probability_two_random_records_match(
        [block_on("fold_first", "fold_last", "born", "school")], recall=0.9
    )
    linker.training.estimate_u_using_random_sampling(max_pairs=2e7, seed=1)
    linker.training.estimate_parameters_using_expectation_maximisation(block_on("born", "school"))
    linker.training.estimate_parameters_using_expectation_maximisation(block_on("first", "last"))
    pairs = linker.inference.predict(threshold_match_probability=_LEAST_PROBABILITY)
    relation = pairs.as_duckdbpyrelation()
    rows = relation.project("match_weight, unique_id_l, unique_id_r").fetchall()
    logging.disable(logging.NOTSET)
    return sorted(rows, reverse=True)
