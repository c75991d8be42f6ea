"""What the mailbox is asked for."""

from django import forms

_LAST_PAGE = 1_000_000
_LONGEST_ADDRESS = 254


class MailboxForm(forms.Form):
    """Whose mails, and which page of them; whatever makes no sense is everybody's, and the first one."""

    to = forms.CharField(required=False, max_length=_LONGEST_ADDRESS)
    page = forms.IntegerField(required=False, min_value=1, max_value=_LAST_PAGE)

    def asked(self) -> tuple[str, int]:
        """Return the address, "" for everybody, and the number of the page, from 1."""
        self.is_valid()
        return str(self.cleaned_data.get("to") or ""), int(self.cleaned_data.get("page") or 1)
