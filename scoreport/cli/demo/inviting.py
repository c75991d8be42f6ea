"""The invitations of Alder's access manager, one in each state that an invitation can be in."""

import datetime as dt
from collections.abc import Iterator

from scoreport.access import Role
from scoreport.cli.demo.people import BY_KEY
from scoreport.cli.demo.places import ALDER
from scoreport.cli.demo.stage import Scene, Stage
from scoreport.organizations.actions.invitations import cancel_invitation, invite, invite_all, resend_invitation
from scoreport.organizations.invitees import frame_of, read_pasted
from scoreport.organizations.queries import find

NOT_THERE = "omar.reyes@gone.example"
"""The post of a demo knows nobody at this address, so the invitation comes back."""
_TWO_MORE = "Ana Ruiz <ana.ruiz@alder.example>\nBo Ito <bo.ito@alder.example>"


def scenes(stage: Stage) -> Iterator[Scene]:
    """Yield what happens with invitations: expired, sent twice, cancelled, come back, waiting, several at once."""
    sent: dict[str, int] = {}

    def offer(name: str, email: str, role: Role, moment: dt.datetime) -> Scene:
        def play(at: dt.datetime) -> None:
            manager = stage.actor("school-manager", at)
            sent[email] = invite(manager, organization=ALDER, email=email, name=name, roles=[role], at=at).id

        return Scene(moment, play)

    def again(at: dt.datetime) -> None:
        resend_invitation(stage.actor("school-manager", at), invitation_id=sent["rosa.diaz@alder.example"], at=at)

    def cancel(at: dt.datetime) -> None:
        cancel_invitation(stage.actor("school-manager", at), invitation_id=sent["lin.tran@alder.example"], at=at)

    detailed, summary = Role.DETAILED_REPORTS, Role.SUMMARY_REPORTS
    yield offer("Patrick Voss", "patrick.voss@alder.example", summary, stage.ago(9))
    yield offer("Rosa Diaz", "rosa.diaz@alder.example", detailed, stage.ago(5))
    yield offer("", "lin.tran@alder.example", summary, stage.ago(4))
    yield Scene(stage.ago(3), cancel)
    yield offer("Linh Tran", "linh.tran@alder.example", summary, stage.ago(3, 16, 5))
    yield offer("Omar Reyes", NOT_THERE, detailed, stage.ago(2))
    invited = BY_KEY["invited"]
    yield offer(invited.name, invited.email, detailed, stage.ago(1))
    yield Scene(stage.ago(1, 16, 10), again)
    yield Scene(stage.ago(1, 16, 20), lambda at: _two_more(stage, at))


def _two_more(stage: Stage, at: dt.datetime) -> None:
    place = find(ALDER)
    invitees = read_pasted(_TWO_MORE, frame_of(place, at, roles=[Role.SUMMARY_REPORTS])).invitees
    invite_all(stage.actor("school-manager", at), organization=place.address, invitees=invitees, at=at)
