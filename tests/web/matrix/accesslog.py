"""What the access log's routes may be asked for."""

from tests.web.matrix import Args, Asks


def facts(world) -> dict[str, object]:
    """Name somebody of Alder and somebody of Birch; the matrix stores the students."""
    return {"person of Alder": world.people["amy"].id, "person of Birch": world.people["bea"].id}


def asks(facts) -> Asks:
    """Return whose logs, people and students can be asked for."""
    place: Args = {"Alder": ("470001",), "Birch": ("470101",), "nobody": ("999999",)}
    return {
        "managing_log": place,
        "managing_log_csv": place,
        "managing_log_person": {
            "Alder": ("470001", facts["person of Alder"]),
            "Birch": ("470001", facts["person of Birch"]),
            "nobody": ("470001", 999_999),
        },
        "student_sight": {
            **{whose: (facts[whose],) for whose in ("Alder", "Birch", "Alder number", "Birch number")},
            "nobody": ("999999",),
        },
    }
