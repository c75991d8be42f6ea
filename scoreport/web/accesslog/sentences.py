"""Every event in a sentence of its own. A verb without one fails the tests."""

from collections.abc import Callable
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from scoreport.audit.rules import EventInfo, Verb
from scoreport.reports.rules.log import LogRow
from scoreport.web.accesslog.told import Told
from scoreport.web.formats import number


def sentence_of(row: LogRow) -> str:
    """Say what an event tells, as its reader may know it."""
    student = row.student or (_("student %(number)s") % {"number": row.public_id} if row.public_id else "")
    return _said(row.event, Told(row.event.facts, student, row.is_from_above))


def event_sentence(event: EventInfo, *, student: str = "", is_from_above: bool = False) -> str:
    """Say what an event tells, with a student called as the reader may call them."""
    return _said(event, Told(event.facts, student, is_from_above))


def _said(event: EventInfo, told: Told) -> str:
    say = SENTENCES.get(event.facts.verb)
    # An event of a later version, after a return to this one, is told by its name rather than not at all.
    return say(told) if say else event.facts.verb


def _looked_at_log(told: Told) -> str:
    kind = told.facts.subject_kind
    if kind == "student":
        return _("Looked up who can see %(student)s") % {"student": told.student or told.subject}
    if kind == "person":
        return _("Looked up what %(person)s can see") % {"person": told.subject}
    return _("Looked at the access log")


def _rows_shown(told: Told) -> str:
    rows = told.count("rows")
    return ngettext(
        "Support staff of the program looked at %(count)s row of score file %(number)s",
        "Support staff of the program looked at %(count)s rows of score file %(number)s",
        rows,
    ) % {"count": number(rows), "number": told.subject}


def _rows_taken_out(told: Told) -> str:
    rows = told.count("rows")
    return ngettext(
        "Support staff of the program downloaded %(count)s row of score file %(number)s",
        "Support staff of the program downloaded %(count)s rows of score file %(number)s",
        rows,
    ) % {"count": number(rows), "number": told.subject}


def _overdue_essays(told: Told) -> str:
    rows = told.count("rows")
    return ngettext(
        "Support staff of the program looked at %(count)s test with an overdue essay",
        "Support staff of the program looked at %(count)s tests with overdue essays",
        rows,
    ) % {"count": number(rows)}


def _records_shown(told: Told) -> str:
    rows = told.count("rows")
    return ngettext(
        "Support staff of the program looked at %(count)s student record to see who is the same student",
        "Support staff of the program looked at %(count)s student records to see who is the same student",
        rows,
    ) % {"count": number(rows)}


def _vouchers_ordered(told: Told) -> str:
    quantity = told.count("quantity")
    return ngettext(
        "Ordered %(count)s exam voucher: order %(order)s",
        "Ordered %(count)s exam vouchers: order %(order)s",
        quantity,
    ) % {"count": number(quantity), "order": told.order}


def _vouchers_downloaded(told: Told) -> str:
    vouchers = told.count("vouchers")
    return ngettext(
        "Downloaded %(count)s voucher code of order %(order)s",
        "Downloaded %(count)s voucher codes of order %(order)s",
        vouchers,
    ) % {"count": number(vouchers), "order": told.order}


def _vouchers_voided(told: Told) -> str:
    vouchers = told.count("vouchers")
    return ngettext(
        "Voided %(count)s voucher of order %(order)s",
        "Voided %(count)s vouchers of order %(order)s",
        vouchers,
    ) % {"count": number(vouchers), "order": told.order}


SENTENCES: Final[dict[str, Callable[[Told], str]]] = {
    # Access: roles, codes, invitations, requests, reviews.
    Verb.ACCESS_ASKED: lambda t: _("Asked for access%(role)s") % {"role": f": {t.role}" if t.role else ""},
    Verb.ACCESS_DECLINED: lambda _t: _("Declined a request for access"),
    Verb.ACCESS_GRANTED: lambda _t: _("Granted a request for access"),
    Verb.ACCESS_VIEWED: lambda _t: _("Looked at who has access"),
    Verb.ACCESS_WITHDRAWN: lambda _t: _("Took back a request for access"),
    Verb.APPROVAL_ASKED: lambda t: _("Asked for an approval: %(what)s") % {"what": t.text("what")},
    Verb.APPROVAL_DECLINED: lambda t: (
        _("Declined what %(person)s asked for: %(what)s") % {"person": t.text("requested_by"), "what": t.text("what")}
    ),
    Verb.APPROVAL_GIVEN: lambda t: (
        _("Approved what %(person)s asked for: %(what)s") % {"person": t.text("requested_by"), "what": t.text("what")}
    ),
    Verb.APPROVAL_USED: lambda t: _("Did what was approved: %(what)s") % {"what": t.text("what")},
    Verb.APPROVAL_WITHDRAWN: lambda t: _("Withdrew a request for approval: %(what)s") % {"what": t.text("what")},
    Verb.CODE_ISSUED: lambda _t: _("Issued an access code"),
    Verb.CODE_REDEEMED: lambda t: _("%(person)s used an access code") % {"person": t.subject},
    Verb.CODE_REFUSED: lambda t: (
        _("%(person)s entered an access code that does not open anything here") % {"person": t.subject}
    ),
    Verb.CODE_REVOKED: lambda _t: _("Revoked an access code"),
    Verb.CONTACT_CHANGED: lambda t: (
        _("Changed the contact for access codes from %(before)s to %(after)s")
        % {"before": t.text("before") or "–", "after": t.subject or "–"}
    ),
    Verb.INVITATION_ACCEPTED: lambda t: (
        _("The invitation of %(email)s was accepted: %(roles)s%(until)s")
        % {"email": t.subject, "roles": t.roles, "until": t.until}
    ),
    Verb.INVITATION_CANCELLED: lambda t: _("Canceled the invitation of %(email)s") % {"email": t.subject},
    Verb.INVITATION_MISDIRECTED: lambda t: (
        _("The invitation of %(email)s was opened by somebody else") % {"email": t.subject}
    ),
    Verb.INVITATION_OPENED: lambda t: _("The invitation of %(email)s was opened") % {"email": t.subject},
    Verb.INVITATION_RESENT: lambda t: _("Sent the invitation of %(email)s again") % {"email": t.subject},
    Verb.INVITATION_SENT: lambda t: (
        _("Invited %(email)s: %(roles)s%(until)s") % {"email": t.subject, "roles": t.roles, "until": t.until}
    ),
    Verb.LOG_VIEWED: _looked_at_log,
    Verb.MEMBERSHIP_CHANGED: lambda t: (
        _("Changed a role of %(person)s: %(role)s%(until)s") % {"person": t.subject, "role": t.role, "until": t.until}
    ),
    Verb.MEMBERSHIP_ENDED: lambda t: _("A role of %(person)s ended: %(role)s") % {"person": t.subject, "role": t.role},
    Verb.MEMBERSHIP_GRANTED: lambda t: (
        _("Gave %(person)s a role: %(role)s%(until)s") % {"person": t.subject, "role": t.role, "until": t.until}
    ),
    Verb.MEMBERSHIP_RENEWED: lambda t: (
        _("Renewed a role of %(person)s: %(role)s%(until)s") % {"person": t.subject, "role": t.role, "until": t.until}
    ),
    Verb.MEMBERSHIP_REVOKED: lambda t: (
        _("Took a role from %(person)s: %(role)s") % {"person": t.subject, "role": t.role}
    ),
    Verb.MEMBERSHIP_WARNED: lambda t: (
        _("A mail told that a role of %(person)s ends soon: %(role)s") % {"person": t.subject, "role": t.role}
    ),
    Verb.PROVIDER_REMOVED: lambda _t: _("Removed a sign-in service"),
    Verb.PROVIDER_SET: lambda _t: _("Set up a sign-in service"),
    Verb.REVIEW_ANSWERED: lambda _t: _("Answered questions of the yearly review"),
    Verb.REVIEW_CLOSED: lambda _t: _("Closed the yearly review"),
    Verb.REVIEW_OPENED: lambda _t: _("The yearly review was opened"),
    Verb.TERMS_ACCEPTED: lambda _t: _("Accepted the terms and conditions"),
    # Signing in.
    Verb.DEVICE_SEEN: lambda _t: _("Signed in from a device that was not known before"),
    Verb.EMAIL_VERIFIED: lambda _t: _("Confirmed an e-mail address"),
    Verb.PASSWORD_LINK_MADE: lambda t: _("A link to set a password was made for %(person)s") % {"person": t.subject},
    Verb.PASSWORD_SET: lambda t: _("%(person)s set a new password") % {"person": t.subject},
    Verb.PERSON_ADDED: lambda t: _("An account was made for %(person)s") % {"person": t.subject},
    "accounts:person:renamed": lambda t: _("The name of an account was changed: %(person)s") % {"person": t.subject},
    Verb.PROVIDER_LINKED: lambda _t: _("Linked an account with a sign-in service"),
    "accounts:provider:unlinked": lambda _t: _("Accounts were unlinked from a sign-in service"),
    Verb.RECOVERY_CODE_USED: lambda t: _("%(person)s used a recovery code") % {"person": t.subject},
    Verb.RECOVERY_CODES_MADE: lambda _t: _("Made new recovery codes"),
    Verb.SECOND_FACTOR_ADDED: lambda _t: _("Set up a second factor"),
    Verb.SECOND_FACTOR_REMOVED: lambda _t: _("Removed a second factor"),
    Verb.SECOND_FACTOR_RESET: lambda t: (
        _("The operator removed two-step sign-in of %(person)s") % {"person": t.subject}
    ),
    Verb.SESSION_ENDED: lambda _t: _("Ended a session on another device"),
    Verb.SIGNED_IN: lambda _t: _("Signed in"),
    Verb.SIGNED_OUT: lambda t: _("Was signed out") if t.text("reason") in {"idle", "age"} else _("Signed out"),
    Verb.SIGN_IN_FAILED: lambda t: _("Somebody failed to sign in as %(person)s") % {"person": t.subject},
    # Students: who looked.
    Verb.MISSING_SOUGHT: lambda _t: _("Looked for a missing score"),
    Verb.ROSTER_VIEWED: lambda t: (
        _("Looked at the roster%(rows)s: %(filters)s") % {"rows": t.rows, "filters": t.filters}
    ),
    Verb.STUDENT_VIEWED: lambda t: _("Looked at %(student)s") % {"student": t.student or t.subject},
    Verb.SUMMARY_VIEWED: lambda t: _("Looked at the summary: %(filters)s") % {"filters": t.filters},
    Verb.CLAIM_ROW_SHOWN: lambda t: (
        _("Support staff of the program looked at a test of %(student)s for claim %(claim)s")
        % {"student": t.student or _("a student"), "claim": t.text("claim")}
    ),
    Verb.FILE_ROWS_SHOWN: _rows_shown,
    Verb.LATE_ESSAYS_SHOWN: _overdue_essays,
    Verb.MATCH_RECORDS_SHOWN: _records_shown,
    Verb.MISSING_FOUND: lambda t: (
        _("Support staff of the program looked up a test of %(student)s") % {"student": t.student or _("a student")}
    ),
    # Exports: who took out.
    Verb.FILE_ROWS_TAKEN_OUT: _rows_taken_out,
    Verb.ACCESS_EXPORTED: lambda _t: _("Took out the list of who has access"),
    Verb.DOWNLOAD_BEGUN: lambda t: _("Asked for a file: %(name)s") % {"name": t.subject},
    Verb.DOWNLOAD_OPENED: lambda t: _("Fetched a file: %(name)s") % {"name": t.subject},
    Verb.LOG_EXPORTED: lambda _t: _("Took out the access log as a file"),
    Verb.ROSTER_EXPORTED: lambda t: (
        _("Took out the roster as %(format)s%(rows)s: %(filters)s")
        % {"format": t.text("format").upper(), "rows": t.rows, "filters": t.filters}
    ),
    Verb.ROSTER_PRINTED: lambda t: (
        _("Printed the roster%(rows)s: %(filters)s") % {"rows": t.rows, "filters": t.filters}
    ),
    # Support access.
    Verb.SUPPORT_ALLOWED: lambda t: (
        _("Let support look for request %(ticket)s, until %(moment)s")
        % {"ticket": t.text("ticket"), "moment": t.moment}
    ),
    Verb.SUPPORT_BEGUN: lambda t: (
        _("Began to look for request %(ticket)s, until %(moment)s") % {"ticket": t.text("ticket"), "moment": t.moment}
    ),
    Verb.SUPPORT_ENDED: lambda t: _("Ended support access for request %(ticket)s") % {"ticket": t.text("ticket")},
    Verb.SUPPORT_PAGE_VIEWED: lambda t: _("Saw the page %(path)s") % {"path": t.subject},
    # Scores: questions about them, and views of reports.
    Verb.CLAIM_ASKED: lambda _t: _("Claimed a score as one of a student here"),
    Verb.CLAIM_CONFIRMED: lambda _t: _("Confirmed a claim of a score"),
    Verb.CLAIM_DECLINED: lambda _t: _("Declined a claim of a score"),
    Verb.CLAIM_UNDONE: lambda _t: _("Took back the answer to a claim of a score"),
    Verb.SCORE_WITHDRAWN: lambda t: _("Withdrew a score of %(student)s") % {"student": t.student or _("a student")},
    Verb.SCORE_RESTORED: lambda t: _("Restored a score of %(student)s") % {"student": t.student or _("a student")},
    "scores:claim:viewed": lambda _t: _("Looked at a claim of a score"),
    Verb.REPORT_VIEW_DELETED: lambda _t: _("Deleted a saved view"),
    Verb.REPORT_VIEW_RENAMED: lambda _t: _("Renamed a saved view"),
    Verb.REPORT_VIEW_SAVED: lambda _t: _("Saved a view of a report"),
    # Help.
    "support:canned-answer:deleted": lambda _t: _("Deleted a prepared answer"),
    "support:canned-answer:kept": lambda _t: _("Kept a prepared answer"),
    Verb.HELP_ANSWERED: lambda t: _("Answered request %(number)s") % {"number": t.subject},
    Verb.HELP_ASKED: lambda t: _("Asked for help: request %(number)s") % {"number": t.subject},
    Verb.HELP_ASSIGNED: lambda t: _("Assigned request %(number)s") % {"number": t.subject},
    Verb.HELP_CLOSED: lambda t: _("Closed request %(number)s") % {"number": t.subject},
    Verb.HELP_FILE_ADDED: lambda t: _("Added a file to request %(number)s") % {"number": t.subject},
    Verb.HELP_FILE_OPENED: lambda t: _("Opened a file of request %(number)s") % {"number": t.subject},
    "support:request:noted": lambda t: _("Wrote a note on request %(number)s") % {"number": t.subject},
    Verb.HELP_REOPENED: lambda t: _("Opened request %(number)s again") % {"number": t.subject},
    Verb.HELP_VIEWED: lambda t: _("Looked at request %(number)s") % {"number": t.subject},
    # Exam vouchers.
    Verb.VOUCHER_ORDER_CHANGED: lambda t: (
        _("Changed the purchase order number of order %(order)s") % {"order": t.order}
    ),
    Verb.VOUCHER_ORDER_FULFILLED: lambda t: _("The vouchers of order %(order)s were generated") % {"order": t.order},
    Verb.VOUCHER_ORDERED: _vouchers_ordered,
    Verb.VOUCHER_PROFILE_SET: lambda _t: _("Saved the CLEP profile: coordinators and billing contact"),
    Verb.VOUCHERS_DOWNLOADED: _vouchers_downloaded,
    Verb.VOUCHERS_VIEWED: lambda t: _("Looked up a voucher of order %(order)s") % {"order": t.order},
    Verb.VOUCHERS_VOIDED: _vouchers_voided,
    # What program staff and the operator do for the whole installation.
    Verb.CROSSWALK_LOADED: lambda _t: _("Loaded identifiers of students"),
    Verb.FILE_ACCEPTED: lambda t: _("Accepted score file %(number)s") % {"number": t.subject},
    Verb.FILE_CHECKED: lambda t: _("Checked score file %(number)s") % {"number": t.subject},
    Verb.FILE_DISCARDED: lambda t: _("Discarded score file %(number)s") % {"number": t.subject},
    Verb.FILE_FAILED: lambda t: _("Score file %(number)s could not be read") % {"number": t.subject},
    Verb.FILE_RECEIVED: lambda t: _("Uploaded score file %(number)s") % {"number": t.subject},
    Verb.FILE_REASONS_EXPORTED: lambda t: (
        _("Downloaded the reasons for refused rows of score file %(number)s") % {"number": t.subject}
    ),
    Verb.FILE_REPAIR_CHOSEN: lambda t: _("Chose a repair of score file %(number)s") % {"number": t.subject},
    Verb.FILE_ROWS_EXPORTED: lambda t: _("Took out rows of score file %(number)s") % {"number": t.subject},
    Verb.FILE_ROWS_VIEWED: lambda t: _("Looked at rows of score file %(number)s") % {"number": t.subject},
    Verb.FILE_TAKEN_OVER: lambda t: _("Took over score file %(number)s") % {"number": t.subject},
    Verb.FILE_UNDONE: lambda t: _("Undid score file %(number)s") % {"number": t.subject},
    Verb.RESTORE_ACCEPTED: lambda _t: _("Declared that the database was restored from a backup"),
    Verb.FEE_SET: lambda t: _("Set the exam fee: %(fee)s") % {"fee": t.subject},
    Verb.INCIDENT_REPORTED: lambda _t: _("Asked whom an incident touched"),
    Verb.JOB_RETRIED: lambda _t: _("Tried a failed background job again"),
    Verb.MATCHES_VIEWED: lambda _t: _("Looked at questions of identity"),
    Verb.MATCH_DECIDED: lambda t: _("Answered question of identity %(number)s") % {"number": t.subject},
    Verb.MATCH_UNDONE: lambda t: _("Took back the answer to question of identity %(number)s") % {"number": t.subject},
    Verb.ORGANIZATIONS_LOADED: lambda _t: _("Loaded organizations"),
    Verb.SCORES_ATTRIBUTED: lambda _t: _("Scores found their schools after organizations were loaded"),
}
