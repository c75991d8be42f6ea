"""Getting in: tools that one does not have yet, by an access code or by asking whoever hands out roles."""
