"""The list of expensive tests at the end of a run."""

from tests.costs import expensive


def test_a_test_above_its_share_is_listed_and_others_are_not():
    seconds = {"long": 20.0, "longer": 40.0} | {f"short {number}": 1.0 for number in range(940)}
    assert [line.split()[-1] for line in expensive(seconds)] == ["longer", "long"]
    assert expensive(seconds)[0] == "   40.0 s    4.0%  longer"
