"""The addresses of invitations: pages of Managing Access, and the link in the mail."""

from django.urls import path

from scoreport.web.invitations.views import invite, landing, outstanding, several

urlpatterns = [
    path("managing/<str:address>/invite/", invite.invite, name="managing_invite"),
    path("managing/<str:address>/invite/several/", several.several, name="managing_invite_several"),
    path("managing/<str:address>/invite/several/send/", several.send, name="managing_invite_send"),
    path("managing/<str:address>/invite/several/problems.csv", several.problems, name="managing_invite_problems"),
    path("managing/<str:address>/invitations/", outstanding.invitations, name="managing_invitations"),
    path(
        "managing/<str:address>/invitations/<int:invitation_id>/resend/",
        outstanding.resend,
        name="managing_invitation_resend",
    ),
    path(
        "managing/<str:address>/invitations/<int:invitation_id>/cancel/",
        outstanding.cancel,
        name="managing_invitation_cancel",
    ),
    path("invitations/<str:token>/", landing.invitation, name="invitation"),
    path("invitations/<str:token>/account/", landing.account, name="invitation_account"),
]
