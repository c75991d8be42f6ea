"""Help: texts are everybody's, a request is whoever asked it, and program staff answer."""

from scoreport.support.actions.canned import keep_answer
from scoreport.support.models import HelpFile
from tests.support.asks import PDF, ask, given
from tests.web.matrix import Asks
from tests.world import AT, World


def facts(world: World) -> dict[str, object]:
    """Store a request of Amy's and one of Bea's with a file each, and an answer that is kept."""
    ours = ask(world.actor("amy"), once="matrix", files=[given("ours.pdf", PDF)])
    theirs = ask(world.actor("bea"), once="matrix", files=[given("theirs.pdf", PDF)])
    files = {whose: HelpFile.objects.get(name=name).pk for whose, name in (("amy", "ours.pdf"), ("bea", "theirs.pdf"))}
    kept = keep_answer(world.actor("pat"), title="Essays", text="Two to three weeks.", language="en", at=AT)
    return {"help": {"amy": ours, "bea": theirs}, "help files": files, "kept answer": kept}


def asks(facts: dict) -> Asks:
    """Say what each route can be asked for."""
    one = {whose: (number,) for whose, number in facts["help"].items()} | {"nobody": (999_999,)}
    files = {whose: (number, facts["help files"][whose]) for whose, number in facts["help"].items()}
    files |= {"bea's as amy's": (facts["help"]["amy"], facts["help files"]["bea"]), "nobody": (999_999, 999_999)}
    kept = {"": (facts["kept answer"],), "nobody": (999_999,)}
    own = ("help_request", "help_reply", "help_close", "help_reopen")
    desk = ("", "_answer", "_note", "_assign", "_close", "_reopen")
    return {
        "help_article": {"": ("clep-report",), "nobody": ("no-such-text",)},
        **dict.fromkeys(own, one),
        **{f"desk_request{act}": one for act in desk},
        "help_file": files,
        "desk_request_file": files,
        "desk_answer": kept,
        "desk_answer_delete": kept,
    }
