"""Access codes: program staff only, whatever the institution."""

from scoreport.organizations.actions.requests import ask_code
from tests.organizations.entering import code_for
from tests.web.matrix import Asks
from tests.world import AT


def facts(world):
    """Pat has issued a code, and Fay asks for one."""
    issued = code_for(world.actor("pat"), "470001")
    number = ask_code(world.actor("fay"), organization="000905", title="Principal", why="We are new.", at=AT)
    return {"access code": issued.id, "code request": number}


def asks(facts) -> Asks:
    """Return what each route can be asked for."""
    return {
        "access_code_request": {"": (facts["code request"],), "nobody": (999_999,)},
        "access_codes_of": {"": ("470001",), "nobody": ("999999",)},
        "access_code_contact": {"": ("470001",), "nobody": ("999999",)},
        "access_code_issue": {"": ("470001",), "nobody": ("999999",)},
        "access_code_revoke": {"": ("470001", facts["access code"]), "nobody": ("000905", facts["access code"])},
    }
