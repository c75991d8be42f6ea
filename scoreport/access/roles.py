"""Roles and permissions: which role may do what, and what wants two-step sign-in; data."""

from enum import StrEnum

from django.utils.translation import gettext_lazy


class Role(StrEnum):
    """What a person is to an organization. The stored value never changes."""

    ACCESS_MANAGER = "access-manager"
    CLEP_ALTERNATE = "clep-alternate"
    CLEP_BILLING = "clep-billing"
    CLEP_COORDINATOR = "clep-coordinator"
    DETAILED_REPORTS = "detailed-reports"
    FILE_DOWNLOADS = "file-downloads"
    PROGRAM_STAFF = "program-staff"
    SUMMARY_REPORTS = "summary-reports"
    SUPPORT = "support"
    """Never held: an access manager's leave to look, for one ticket and a few hours, gives it (``SupportGrant``)."""

    @property
    def label(self) -> str:
        """The field's own name of the role, in the reader's language."""
        return str(_ROLE_LABELS[self])


_ROLE_LABELS = {
    Role.ACCESS_MANAGER: gettext_lazy("Access Management/DAT (K–12)"),
    Role.CLEP_ALTERNATE: gettext_lazy("Alternate CLEP coordinator"),
    Role.CLEP_BILLING: gettext_lazy("CLEP billing contact"),
    Role.CLEP_COORDINATOR: gettext_lazy("CLEP coordinator"),
    Role.DETAILED_REPORTS: gettext_lazy("Detailed Reports (K–12)"),
    Role.FILE_DOWNLOADS: gettext_lazy("File Downloads (K–12)"),
    Role.PROGRAM_STAFF: gettext_lazy("Program staff"),
    Role.SUMMARY_REPORTS: gettext_lazy("Summary Reports (K–12)"),
    Role.SUPPORT: gettext_lazy("Support access"),
}

K12_ROLES = (Role.ACCESS_MANAGER, Role.DETAILED_REPORTS, Role.SUMMARY_REPORTS, Role.FILE_DOWNLOADS)
"""The roles that an access manager hands out, in the order in which pages offer them."""


class Permission(StrEnum):
    """``<area>:<object>:<verb>``, alphabetical by value."""

    SECOND_FACTOR_RESET = "accounts:second-factor:reset"
    CHAIN_ANCHOR = "audit:chain:anchor"
    INCIDENT_REPORT = "audit:incident:report"
    JOB_HANDLE = "jobs:job:handle"
    ACCESS_CODE_ISSUE = "organizations:access-code:issue"
    ACCESS_EXPORT = "organizations:access:export"
    ACCESS_READ = "organizations:access:read"
    PEOPLE_GRANT = "organizations:membership:grant"
    PROVIDER_SET = "organizations:provider:set"
    STAFF_GRANT = "organizations:staff:grant"
    SUPPORT_BEGIN = "organizations:support:begin"
    ORGANIZATIONS_LOAD = "organizations:tree:load"
    MAIL_HANDLE = "outbox:mail:handle"
    PEOPLE_MATCH = "people:match:decide"
    FEES_SET = "programs:fee:set"
    REPORT_VIEW_KEEP = "reports:view:keep"
    SCORES_CLAIM = "scores:claim:ask"
    SCORES_CLAIM_DECIDE = "scores:claim:decide"
    SCORES_FILE_HANDLE = "scores:file:handle"
    SCORES_EXPORT = "scores:roster:export"
    SCORES_ROSTER_READ = "scores:roster:read"
    SCORES_WITHDRAW = "scores:score:withdraw"
    SCORES_SUMMARY_READ = "scores:summary:read"
    HELP_FILES_EXPIRE = "support:attachment:expire"
    HELP_ANSWER = "support:request:answer"
    VOUCHERS_ORDER = "vouchers:order:place"
    VOUCHERS_READ = "vouchers:order:read"
    VOUCHER_PROFILE_SET = "vouchers:profile:set"
    VOUCHER_CODES_READ = "vouchers:voucher:read"


_COORDINATES = frozenset(
    {
        Permission.VOUCHERS_ORDER,
        Permission.VOUCHERS_READ,
        Permission.VOUCHER_CODES_READ,
        Permission.VOUCHER_PROFILE_SET,
    }
)

ROLE_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.ACCESS_MANAGER: frozenset({Permission.ACCESS_EXPORT, Permission.ACCESS_READ, Permission.PEOPLE_GRANT}),
    Role.CLEP_ALTERNATE: _COORDINATES,
    # Sees what was ordered and what it costs, and no code.
    Role.CLEP_BILLING: frozenset({Permission.VOUCHERS_READ}),
    Role.CLEP_COORDINATOR: _COORDINATES,
    Role.DETAILED_REPORTS: frozenset(
        {
            Permission.REPORT_VIEW_KEEP,
            Permission.SCORES_CLAIM,
            Permission.SCORES_EXPORT,
            Permission.SCORES_ROSTER_READ,
            Permission.SCORES_SUMMARY_READ,
        }
    ),
    Role.FILE_DOWNLOADS: frozenset(),
    Role.PROGRAM_STAFF: frozenset(
        {
            Permission.ACCESS_CODE_ISSUE,
            Permission.HELP_ANSWER,
            Permission.JOB_HANDLE,
            Permission.PEOPLE_MATCH,
            Permission.SCORES_CLAIM_DECIDE,
            Permission.SCORES_FILE_HANDLE,
            Permission.SCORES_WITHDRAW,
            Permission.SUPPORT_BEGIN,
            Permission.VOUCHERS_READ,
        }
    ),
    Role.SUMMARY_REPORTS: frozenset({Permission.REPORT_VIEW_KEEP, Permission.SCORES_SUMMARY_READ}),
    # Sees what the people of the organization see, takes nothing out and changes nothing (trust decision 2).
    Role.SUPPORT: frozenset({Permission.ACCESS_READ, Permission.SCORES_ROSTER_READ, Permission.SCORES_SUMMARY_READ}),
}

# Pages behind these show more than one student, so they want a second factor
# (trust.md, decision 3).
MANY_STUDENTS = frozenset(
    {
        Permission.PEOPLE_MATCH,
        Permission.SCORES_CLAIM,
        Permission.SCORES_CLAIM_DECIDE,
        Permission.SCORES_EXPORT,
        Permission.SCORES_FILE_HANDLE,
        Permission.SCORES_ROSTER_READ,
        Permission.SCORES_WITHDRAW,
    }
)
# These hand out or look into everybody's access, which is as good as the students themselves.
EVERYBODYS_ACCESS = frozenset(
    {
        Permission.ACCESS_CODE_ISSUE,
        Permission.ACCESS_EXPORT,
        Permission.ACCESS_READ,
        Permission.HELP_ANSWER,
        Permission.PEOPLE_GRANT,
        Permission.SUPPORT_BEGIN,
    }
)
AS_GOOD_AS_MONEY = frozenset({Permission.VOUCHERS_ORDER, Permission.VOUCHER_CODES_READ})
"""A voucher's code pays for an exam, so a person who has the code can use it."""
SECOND_FACTOR = MANY_STUDENTS | EVERYBODYS_ACCESS | AS_GOOD_AS_MONEY | {Permission.JOB_HANDLE}
"""What only a session with a second factor may do."""
