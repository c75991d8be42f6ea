"""What people and program staff do with requests for help; each act leaves an event in the audit.

The events name no organization: access managers read the log of theirs, and do not see what their people ask.
"""

from scoreport.support.actions.files import expire_attachments

__all__ = ["expire_attachments"]
