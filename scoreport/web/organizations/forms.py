"""What one may ask of the list of organizations."""

from dataclasses import dataclass

from django import forms
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Asked:
    """A search, or a place in the tree."""

    q: str
    under: str
    page: int


class SearchForm(forms.Form):
    """Names, cities and codes; a page that does not exist is the first one."""

    q = forms.CharField(label=_("Name, city or AI code"), required=False, max_length=100)
    under = forms.CharField(required=False, max_length=100)
    page = forms.IntegerField(required=False, min_value=1, max_value=1_000_000)

    def asked(self) -> Asked:
        """Return what was asked; what cannot be meant counts as not asked."""
        self.is_valid()
        data = self.cleaned_data
        return Asked(q=data.get("q") or "", under=data.get("under") or "", page=data.get("page") or 1)
