"""Every event about a person carries the person's id, so that a new name hides nothing."""

import ast

from tests.repo.source import ROOT


def test_an_event_about_a_person_carries_their_id():
    calls = [
        (path, call)
        for path in sorted((ROOT / "scoreport").rglob("*.py"))
        for call in ast.walk(ast.parse(path.read_text()))
        if isinstance(call, ast.Call)
        and any(
            word.arg == "subject_kind"
            and isinstance(word.value, ast.Constant)
            and word.value.value in {"person", "student"}
            for word in call.keywords
        )
        and getattr(call.func, "id", "") in {"record", "NewEvent"}
    ]
    without = [
        f"{path.relative_to(ROOT)}:{call.lineno}"
        for path, call in calls
        if not any(word.arg == "subject_id" for word in call.keywords)
    ]
    assert len(calls) > 15
    assert without == []
