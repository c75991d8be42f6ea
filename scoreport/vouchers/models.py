"""The tables of orders and vouchers, and of who handles them at an organization."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from scoreport.lib.fields import CodeText
from scoreport.organizations.models import Organization
from scoreport.vouchers.rules import MOST_VOUCHERS, OrderStatus, VoucherState

_STORED_STATES = (VoucherState.AVAILABLE, VoucherState.VOIDED)


class VoucherProfile(models.Model):
    """The coordinator, alternate and billing contact of an organization. The newest row counts."""

    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    program = CodeText()
    coordinator = models.JSONField()
    alternate = models.JSONField(null=True, blank=True)
    billing = models.JSONField()
    saved_at = models.DateTimeField()
    saved_by = models.TextField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["organization", "program", "-id"], name="voucher_profile_newest")]

    def __str__(self) -> str:
        return f"{self.organization_id} {self.program}"


class VoucherOrder(models.Model):
    """An order of vouchers. ``code`` is the order ID that people see; fees are what was shown when it was placed.

    ``request_key`` is the same when an order is sent once more, and ``request_digest`` says whether it asks the same.
    """

    code = CodeText(unique=True)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    program = CodeText()
    year = models.SmallIntegerField()
    quantity = models.IntegerField()
    expires_on = models.DateField()
    covers_remote = models.BooleanField()
    purchase_order = models.TextField(blank=True, default="")
    status = CodeText(default=OrderStatus.GENERATING.value)
    exam_cents = models.IntegerField()
    remote_cents = models.IntegerField()
    terms = CodeText()
    request_key = CodeText()
    request_digest = CodeText()
    placed_at = models.DateTimeField()
    placed_by = models.TextField()
    placed_by_id = models.BigIntegerField(null=True, blank=True)
    fulfilled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organization", "request_key"], name="voucher_order_once"),
            models.CheckConstraint(
                condition=Q(quantity__gte=1, quantity__lte=MOST_VOUCHERS), name="voucher_order_quantity"
            ),
            models.CheckConstraint(condition=Q(status__in=[s.value for s in OrderStatus]), name="voucher_order_status"),
            models.CheckConstraint(
                condition=Q(status=OrderStatus.GENERATING.value, fulfilled_at__isnull=True)
                | Q(status=OrderStatus.FULFILLED.value, fulfilled_at__isnull=False),
                name="voucher_order_fulfilled_then",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["organization", "program", "year", "-id"], name="voucher_order_organization")
        ]

    def __str__(self) -> str:
        return self.code


class Voucher(models.Model):
    """One voucher. Its code is encrypted in ``sealed``, found by ``digest``, and told apart by its last symbols."""

    order = models.ForeignKey(VoucherOrder, on_delete=models.PROTECT, related_name="vouchers")
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    line = models.IntegerField()
    digest = CodeText(unique=True)
    sealed = CodeText()
    hint = CodeText()
    state = CodeText(default=VoucherState.AVAILABLE.value)
    expires_on = models.DateField()
    covers_remote = models.BooleanField()
    voided_at = models.DateTimeField(null=True, blank=True)
    voided_by = models.TextField(blank=True, default="")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["order", "line"], name="voucher_line_once"),
            models.CheckConstraint(condition=Q(state__in=[s.value for s in _STORED_STATES]), name="voucher_state"),
            models.CheckConstraint(
                condition=Q(state=VoucherState.VOIDED.value, voided_at__isnull=False)
                | (~Q(state=VoucherState.VOIDED.value) & Q(voided_at__isnull=True)),
                name="voucher_voided_then",
            ),
        ]
        indexes: ClassVar = [models.Index(F("organization"), F("expires_on"), name="voucher_organization")]

    def __str__(self) -> str:
        return f"…{self.hint}"
