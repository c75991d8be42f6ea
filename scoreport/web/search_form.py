"""What is typed into the search above a list of organizations."""

from typing import Final

from django import forms

_LAST_PAGE: Final = 1_000_000


class SearchForm(forms.Form):
    """A word, and which page of what was found."""

    q = forms.CharField(required=False, max_length=100)
    page = forms.IntegerField(required=False, min_value=1, max_value=_LAST_PAGE)

    def words(self) -> str:
        """Return what is searched for."""
        self.is_valid()
        return self.cleaned_data.get("q") or ""

    def number(self) -> int:
        """Return the number of the page, from 1."""
        self.is_valid()
        return self.cleaned_data.get("page") or 1
