"""The desk of access codes: issuing, sending, printing and revoking them, and answering who asks for one."""
