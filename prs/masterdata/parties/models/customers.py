"""Customers and what belongs to them."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from prs.kernel.db.constraints import AppendOnly, Trigger, refuse
from prs.kernel.identity.models import Member
from prs.kernel.tenancy.models import (
    StoredFile,
    TenantForeignKey,
    TenantManager,
    TenantModel,
    TenantQuerySet,
)
from prs.masterdata.parties.rules import shown_phone

# The row that is merged is locked by its own update, the row that it is merged into here: of two
# merges that would make a chain, the later one waits and then finds the earlier.
FLAT = f"""
BEGIN
  IF NEW.merged_into_id IS NULL THEN RETURN NEW; END IF;
  PERFORM 1 FROM parties_customer WHERE id = NEW.merged_into_id FOR NO KEY UPDATE;
  IF NEW.merged_into_id = NEW.id
     OR EXISTS (SELECT FROM parties_customer c WHERE c.id = NEW.merged_into_id
                AND (c.merged_into_id IS NOT NULL OR c.is_walk_in))
     OR EXISTS (SELECT FROM parties_customer c WHERE c.merged_into_id = NEW.id) THEN
    {refuse("customer_merge_is_flat", "a customer is merged into one that stands by itself")}
  END IF;
  RETURN NEW;
END
"""
ANSWERED = f"""
BEGIN
  IF OLD.answered_at IS NOT NULL OR ROW(NEW.customer_id, NEW.cause_id, NEW.asked_at)
     IS DISTINCT FROM ROW(OLD.customer_id, OLD.cause_id, OLD.asked_at) THEN
    {refuse("feedback_answered_once", "an answer is given once and never changed")}
  END IF;
  RETURN NEW;
END
"""


class NamedCustomers(TenantManager.from_queryset(TenantQuerySet)):  # type: ignore[misc]
    """Customers with a name of their own: all but the one of those who walk in and pay."""

    def get_queryset(self) -> models.QuerySet[Any]:
        return super().get_queryset().filter(is_walk_in=False)


class Customer(TenantModel):
    """Who owes or buys: a person or a company.

    `objects` leaves out the walk-in customer, who owes nothing; `everyone` has it too.
    """

    class Kind(models.TextChoices):
        COMPANY = "company", _("Company")
        PERSON = "person", _("Person")

    class PriceLevel(models.TextChoices):
        RETAIL = "retail", _("Retail")
        WHOLESALE = "wholesale", _("Wholesale")

    code = models.CharField(_("code"), max_length=40)
    external_code = models.CharField(_("code in other systems"), max_length=60, blank=True)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind, default=Kind.COMPANY)
    name = models.CharField(_("name"), max_length=200)
    email = models.EmailField(_("e-mail"), blank=True)
    phone = models.CharField(_("phone"), max_length=32, blank=True)
    phone2 = models.CharField(_("second phone"), max_length=32, blank=True)
    website = models.URLField(_("website"), blank=True)
    area = models.CharField(_("area"), max_length=120, blank=True)
    address1 = models.CharField(_("address"), max_length=200, blank=True)
    address2 = models.CharField(_("address, second line"), max_length=200, blank=True)
    address3 = models.CharField(_("address, third line"), max_length=200, blank=True)
    postal_code = models.CharField(_("postal code"), max_length=16, blank=True)
    city = models.CharField(_("city"), max_length=120, blank=True)
    state = models.CharField(_("state or region"), max_length=120, blank=True)
    country = models.CharField(_("country"), max_length=2, blank=True)
    nationality = models.CharField(_("nationality"), max_length=2, blank=True)
    tax_id = models.CharField(_("tax number"), max_length=40, blank=True)
    registration_number = models.CharField(_("registration number"), max_length=60, blank=True)
    terms_days = models.PositiveSmallIntegerField(_("days to pay"), default=30)
    price_level = models.CharField(
        _("prices"), max_length=10, choices=PriceLevel, default=PriceLevel.RETAIL
    )
    credit_limit = models.DecimalField(
        _("credit limit"), max_digits=19, decimal_places=4, null=True, blank=True
    )
    credit_blocked = models.BooleanField(_("no more credit"), default=False)
    credit_reason = models.CharField(_("why there is no credit"), max_length=300, blank=True)
    salesperson = TenantForeignKey(Member, null=True, blank=True, verbose_name=_("salesperson"))
    active = models.BooleanField(_("active"), default=True)
    is_walk_in = models.BooleanField(default=False, editable=False)
    merged_into = TenantForeignKey("self", null=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    objects: ClassVar[Any] = NamedCustomers()
    everyone = TenantManager.from_queryset(TenantQuerySet)()

    class Meta:
        verbose_name = _("customer")
        verbose_name_plural = _("customers")
        indexes: ClassVar = [
            models.Index(fields=["organization", "name", "id"], name="customer_by_name"),
            models.Index(
                fields=["organization", "email"],
                condition=~models.Q(email=""),
                name="customer_by_email",
            ),
            models.Index(
                fields=["organization", "phone"],
                condition=~models.Q(phone=""),
                name="customer_by_phone",
            ),
            models.Index(
                fields=["organization", "tax_id"],
                condition=~models.Q(tax_id=""),
                name="customer_by_tax_id",
            ),
            models.Index(
                fields=["merged_into"],
                condition=models.Q(merged_into__isnull=False),
                name="customer_by_survivor",
            ),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organization", "code"], name="customer_code_unique"),
            models.UniqueConstraint(
                fields=["organization", "external_code"],
                condition=~models.Q(external_code=""),
                name="customer_external_code_unique",
            ),
            models.CheckConstraint(condition=models.Q(name__gt=""), name="customer_name_not_empty"),
            models.UniqueConstraint(
                fields=["organization"],
                condition=models.Q(is_walk_in=True),
                name="customer_walk_in_once",
            ),
            models.CheckConstraint(
                condition=models.Q(is_walk_in=False)
                | models.Q(
                    credit_limit=0,
                    credit_limit__isnull=False,
                    active=True,
                    merged_into__isnull=True,
                ),
                name="customer_walk_in_pays_at_once",
            ),
            models.CheckConstraint(
                condition=models.Q(credit_limit__isnull=True) | models.Q(credit_limit__gte=0),
                name="customer_credit_limit_not_negative",
            ),
            models.CheckConstraint(
                condition=models.Q(credit_blocked=False) | ~models.Q(credit_reason=""),
                name="customer_block_has_a_reason",
            ),
            models.CheckConstraint(
                condition=models.Q(merged_into__isnull=True) | models.Q(active=False),
                name="customer_merged_is_inactive",
            ),
            Trigger(
                name="customer_merge_is_flat",
                when="BEFORE INSERT OR UPDATE ON {table}",
                body=FLAT,
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Contact(TenantModel):
    """A person at a customer."""

    customer = TenantForeignKey(Customer)
    first_name = models.CharField(_("first name"), max_length=80)
    last_name = models.CharField(_("last name"), max_length=80, blank=True)
    title = models.CharField(_("position"), max_length=80, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    phone = models.CharField(_("phone"), max_length=32, blank=True)
    is_primary = models.BooleanField(_("first to talk to"), default=False)
    is_billing = models.BooleanField(_("gets the invoices"), default=False)
    notes = models.CharField(_("notes"), max_length=500, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization", "customer", "email"],
                condition=~models.Q(email=""),
                name="contact_email_unique",
            ),
            models.UniqueConstraint(
                fields=["organization", "customer"],
                condition=models.Q(is_primary=True),
                name="contact_one_primary",
            ),
            models.UniqueConstraint(
                fields=["organization", "customer"],
                condition=models.Q(is_billing=True),
                name="contact_one_billing",
            ),
            models.CheckConstraint(
                condition=models.Q(first_name__gt=""), name="contact_has_a_name"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def shown_phone(self) -> str:
        """The phone with its groups of digits."""
        return shown_phone(self.phone)


class Address(TenantModel):
    """A place of a customer besides the one on the customer itself."""

    class Kind(models.TextChoices):
        BILLING = "billing", _("Billing")
        DELIVERY = "delivery", _("Delivery")

    customer = TenantForeignKey(Customer)
    label = models.CharField(_("label"), max_length=80, blank=True)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind, default=Kind.DELIVERY)
    line1 = models.CharField(_("address"), max_length=200)
    line2 = models.CharField(_("address, second line"), max_length=200, blank=True)
    city = models.CharField(_("city"), max_length=120, blank=True)
    state = models.CharField(_("state or region"), max_length=120, blank=True)
    postal_code = models.CharField(_("postal code"), max_length=16, blank=True)
    country = models.CharField(_("country"), max_length=2, blank=True)
    is_default = models.BooleanField(_("used first"), default=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("address")
        verbose_name_plural = _("addresses")
        indexes: ClassVar = [
            models.Index(fields=["organization", "customer"], name="address_by_customer"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization", "customer", "kind"],
                condition=models.Q(is_default=True),
                name="address_one_default_of_a_kind",
            ),
            models.CheckConstraint(condition=models.Q(line1__gt=""), name="address_not_empty"),
        ]

    def __str__(self) -> str:
        return self.label or self.line1

    @property
    def lines(self) -> list[str]:
        """The address as it is written below a name."""
        town = " ".join(part for part in (self.postal_code, self.city) if part)
        return [line for line in (self.line1, self.line2, town, self.state) if line]


class Tag(TenantModel):
    """A word that groups customers."""

    class Colour(models.TextChoices):
        GREY = "grey", _("Grey")
        TEAL = "teal", _("Teal")
        BLUE = "blue", _("Blue")
        VIOLET = "violet", _("Violet")
        ROSE = "rose", _("Rose")
        AMBER = "amber", _("Amber")
        GREEN = "green", _("Green")

    name = models.CharField(_("name"), max_length=40)
    colour = models.CharField(_("colour"), max_length=8, choices=Colour, default=Colour.GREY)

    class Meta:
        verbose_name = _("tag")
        verbose_name_plural = _("tags")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organization", "name"], name="tag_name_unique"),
            models.CheckConstraint(
                condition=models.Q(
                    colour__in=["grey", "teal", "blue", "violet", "rose", "amber", "green"]
                ),
                name="tag_colour_is_one_of_ours",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class CustomerTag(TenantModel):
    """A tag on a customer."""

    customer = TenantForeignKey(Customer)
    tag = TenantForeignKey(Tag, on_delete=models.CASCADE)

    class Meta:
        verbose_name = _("tag of a customer")
        verbose_name_plural = _("tags of customers")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization", "customer", "tag"], name="customer_tag_once"
            ),
        ]

    def __str__(self) -> str:
        return str(self.tag_id)


class Note(TenantModel):
    """What a member wrote down about a customer. Notes are added and never changed."""

    customer = TenantForeignKey(Customer)
    text = models.TextField(_("note"), max_length=2000)
    by = TenantForeignKey(Member)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("note")
        verbose_name_plural = _("notes")
        indexes: ClassVar = [
            models.Index(fields=["organization", "customer", "-at"], name="note_by_customer"),
        ]
        constraints: ClassVar = [
            AppendOnly(name="note_append_only"),
            models.CheckConstraint(condition=models.Q(text__gt=""), name="note_not_empty"),
        ]

    def __str__(self) -> str:
        return self.text[:60]


class Feedback(TenantModel):
    """How content a customer was: asked by a signed link, answered once, by nobody else."""

    class Score(models.TextChoices):
        SATISFIED = "satisfied", _("Satisfied")
        NEUTRAL = "neutral", _("So-so")
        UNSATISFIED = "unsatisfied", _("Not satisfied")

    customer = TenantForeignKey(Customer)
    cause_kind = models.CharField(max_length=60)
    cause_id = models.UUIDField()
    asked_at = models.DateTimeField(_("asked"))
    expires_at = models.DateTimeField(_("answerable until"))
    answered_at = models.DateTimeField(_("answered"), null=True)
    score = models.CharField(_("answer"), max_length=12, choices=Score, blank=True)
    comment = models.CharField(_("comment"), max_length=1000, blank=True)

    class Meta:
        verbose_name = _("feedback")
        verbose_name_plural = _("feedback")
        indexes: ClassVar = [
            models.Index(
                fields=["organization", "customer", "-asked_at"], name="feedback_by_customer"
            ),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization", "cause_id"], name="feedback_once_per_cause"
            ),
            models.CheckConstraint(
                condition=models.Q(answered_at__isnull=True, score="", comment="")
                | models.Q(
                    answered_at__isnull=False, score__in=["satisfied", "neutral", "unsatisfied"]
                ),
                name="feedback_answer_has_a_score",
            ),
            Trigger(
                name="feedback_answered_once",
                when="BEFORE UPDATE ON {table}",
                body=ANSWERED,
            ),
        ]

    def __str__(self) -> str:
        return self.score


class Merge(TenantModel):
    """That one customer was found to be another; the row says how to take it back."""

    kept = TenantForeignKey(Customer)
    merged = TenantForeignKey(Customer)
    was_active = models.BooleanField()
    reason = models.CharField(_("why"), max_length=300, blank=True)
    by = TenantForeignKey(Member)
    at = models.DateTimeField()
    undone_by = TenantForeignKey(Member, null=True)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("merge")
        verbose_name_plural = _("merges")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization", "merged"],
                condition=models.Q(undone_at__isnull=True),
                name="merge_once_at_a_time",
            ),
            models.CheckConstraint(
                condition=~models.Q(kept=models.F("merged")), name="merge_of_two"
            ),
            models.CheckConstraint(
                condition=models.Q(undone_by__isnull=True, undone_at__isnull=True)
                | models.Q(undone_by__isnull=False, undone_at__isnull=False),
                name="merge_undone_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.merged_id} → {self.kept_id}"


class Distinct(TenantModel):
    """That two customers look alike and are not the same; the lower id stands first."""

    one = TenantForeignKey(Customer)
    other = TenantForeignKey(Customer)
    by = TenantForeignKey(Member)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("pair of different customers")
        verbose_name_plural = _("pairs of different customers")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization", "one", "other"], name="distinct_pair_once"
            ),
            models.CheckConstraint(
                condition=models.Q(one__lt=models.F("other")), name="distinct_pair_in_order"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.one_id} ≠ {self.other_id}"


class CustomerImport(TenantModel):
    """A file of customers: which of its columns mean what, and what became of it."""

    file = TenantForeignKey(StoredFile)
    mapping = models.JSONField(default=dict)
    created_by = TenantForeignKey(Member)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    added = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("import of customers")
        verbose_name_plural = _("imports of customers")
        indexes: ClassVar = [
            models.Index(fields=["organization", "-created_at"], name="customer_import_newest"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(finished_at__isnull=False) | models.Q(added=0, changed=0),
                name="customer_import_counts_at_its_end",
            ),
        ]

    def __str__(self) -> str:
        return str(self.file_id)
