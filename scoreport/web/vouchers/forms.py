"""What people choose and type on the pages of exam vouchers."""

import datetime as dt
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from scoreport.programs.rules import AcademicYear
from scoreport.vouchers.actions.orders import OrderStart
from scoreport.vouchers.rules import LONGEST_REFERENCE, MOST_VOUCHERS, NewOrder
from scoreport.web.formats import day, number

_LONGEST_CODE = 60


def chosen_year(data: QueryDict) -> AcademicYear | None:
    """Return the academic year of an address, or None where it names none that exists."""
    try:
        return AcademicYear.parse(data.get("year", ""))
    except ValueError:
        return None


class DetailsForm(forms.Form):
    """What is ordered. ``start`` says until when vouchers may be good."""

    quantity = forms.IntegerField(
        label=_("Quantity"),
        min_value=1,
        max_value=MOST_VOUCHERS,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )
    expires_on = forms.DateField(
        label=_("Expiration date"),
        input_formats=["%Y-%m-%d", "%m/%d/%Y"],
        error_messages={"invalid": _("This is not a date. Write it like 06/30/2027.")},
    )
    covers_remote = forms.TypedChoiceField(
        label=_("Cover remote proctoring fees?"),
        choices=[
            ("no", _("No, students pay for remote proctoring")),
            ("yes", _("Yes, the vouchers cover remote proctoring")),
        ],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose yes or no.")},
    )
    purchase_order = forms.CharField(
        label=_("PO number or billing reference"),
        required=False,
        max_length=LONGEST_REFERENCE,
        help_text=_("It appears on your invoice. You can add or change it later."),
    )

    def __init__(self, *args: Any, start: OrderStart, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._start = start
        most = {"most": number(MOST_VOUCHERS)}
        quantity, expires = self.fields["quantity"], self.fields["expires_on"]
        quantity.help_text = _("From 1 to %(most)s. You're billed only for exams that are taken.") % most
        outside = _("Order from 1 to %(most)s vouchers.") % most
        quantity.error_messages |= {"min_value": outside, "max_value": outside, "invalid": _("Enter a whole number.")}
        limits = {"type": "date", "min": start.first_day.isoformat(), "max": start.last_day.isoformat()}
        expires.widget = forms.DateInput(format="%Y-%m-%d", attrs=limits)
        expires.help_text = _("The last day on which students can register with a voucher, %(day)s at the latest.") % {
            "day": day(start.last_day)
        }
        expires.initial = start.last_day
        self.fields["covers_remote"].initial = "no"

    def clean_expires_on(self) -> dt.date:
        """Say between which days vouchers may expire."""
        chosen: dt.date = self.cleaned_data["expires_on"]
        if not self._start.first_day <= chosen <= self._start.last_day:
            days = {"first": day(self._start.first_day), "last": day(self._start.last_day)}
            raise forms.ValidationError(_("Choose a date from %(first)s to %(last)s.") % days)
        return chosen

    def wanted(self) -> NewOrder:
        """Return what is ordered."""
        return NewOrder(**self.cleaned_data)


class TermsForm(forms.Form):
    """The terms that are accepted with each order."""

    accepts_terms = forms.BooleanField(
        label=_("I accept the Online Terms and Conditions for Bulk Purchase for my organization."),
        error_messages={"required": _("Accept the terms and conditions to place your order.")},
    )


class PurchaseOrderForm(forms.Form):
    """The purchase order number of an order."""

    purchase_order = forms.CharField(
        label=_("PO number or billing reference"), required=False, max_length=LONGEST_REFERENCE
    )


class VoidForm(forms.Form):
    """Which voucher to void: one by its code, or all that are left. All is chosen, never left empty."""

    which = forms.ChoiceField(
        label=_("Which vouchers?"),
        choices=[("one", _("One voucher")), ("all", _("All vouchers of this order that nobody has used"))],
        initial="one",
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one voucher or all.")},
    )
    code = forms.CharField(
        label=_("Voucher code"),
        required=False,
        max_length=_LONGEST_CODE,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text=_("Only for one voucher."),
    )

    def clean(self) -> dict[str, Any]:
        """Ask for the code of the one voucher, and for none beside all."""
        cleaned: dict[str, Any] = super().clean() or {}
        code = cleaned.get("code", "")
        if cleaned.get("which") == "one" and not code and "code" not in self.errors:
            self.add_error("code", _("Enter the code of the voucher."))
        if cleaned.get("which") == "all" and code:
            self.add_error(
                "code", _("To void all vouchers, leave the code empty. To void this one, choose “One voucher”.")
            )
        return cleaned

    def chosen(self) -> str | None:
        """Return the code of the one voucher, or None for all."""
        return None if self.cleaned_data["which"] == "all" else self.cleaned_data["code"]
