"""The organization, and the base class of every table that belongs to one."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.db import models
from django.db.models.base import ModelBase
from django.utils.translation import gettext_lazy as _

from prs.kernel.db.constraints import AppendOnly, DatabaseStep, RowSecurity, SameTenant
from prs.kernel.db.ids import new_id
from prs.kernel.tenancy import rules
from prs.kernel.tenancy.context import required_organization


class Organization(models.Model):
    """One business on the server: the tenant."""

    class Status(models.TextChoices):
        ACTIVE = "active", _("Active")
        SUSPENDED = "suspended", _("Suspended")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(_("name"), max_length=200)
    legal_name = models.CharField(_("legal name"), max_length=200, blank=True)
    status = models.CharField(
        _("status"), max_length=12, choices=Status, default=Status.ACTIVE, editable=False
    )
    currency = models.CharField(_("currency"), max_length=3, default="USD")
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC")
    country = models.CharField(_("country"), max_length=2, blank=True)
    language = models.CharField(_("language"), max_length=8, default="en")
    fiscal_year_start_month = models.PositiveSmallIntegerField(
        _("fiscal year starts in"), default=1
    )
    tax_id = models.CharField(_("tax number"), max_length=40, blank=True)
    registration_number = models.CharField(_("registration number"), max_length=60, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    phone = models.CharField(_("phone"), max_length=32, blank=True)
    website = models.URLField(_("website"), blank=True)
    address = models.TextField(_("address"), max_length=500, blank=True)
    payment_instructions = models.TextField(_("payment instructions"), max_length=1000, blank=True)
    logo = models.ForeignKey(
        "tenancy.StoredFile",
        verbose_name=_("logo"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        db_constraint=False,
        related_name="+",
    )
    settings = models.JSONField(_("settings"), default=rules.default_settings, editable=False)
    mfa_required = models.BooleanField(_("second factor required"), default=True)
    password_expiry_days = models.PositiveSmallIntegerField(
        _("passwords expire after days"), null=True, blank=True
    )
    setup_step = models.CharField(
        _("set-up step"), max_length=20, default="profile", editable=False
    )
    is_platform = models.BooleanField(_("operator's own"), default=False, editable=False)
    is_demo = models.BooleanField(_("demonstration"), default=False, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("organization")
        verbose_name_plural = _("organizations")
        constraints: ClassVar = [
            RowSecurity(name="organization_row_security", column="id", platform=True),
            SameTenant(name="organization_logo_same_tenant", field="logo", column="id"),
            models.CheckConstraint(
                condition=models.Q(name__gt=""), name="organization_name_not_empty"
            ),
            models.CheckConstraint(
                condition=models.Q(fiscal_year_start_month__range=(1, 12)),
                name="organization_fiscal_month_in_year",
            ),
            models.CheckConstraint(
                condition=models.Q(currency__regex="^[A-Z]{3}$"),
                name="organization_currency_is_iso",
            ),
            models.UniqueConstraint(
                fields=["is_platform"],
                condition=models.Q(is_platform=True),
                name="organization_one_platform",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class TenantForeignKey(models.ForeignKey):  # type: ignore[type-arg]
    """A reference between two tenant tables: the database checks it together with the organization.

    Django's own constraint would accept another organization's row, because such checks see through
    row security; `SameTenant` takes its place.
    """

    def __init__(self, to: Any, on_delete: Any = models.PROTECT, **kwargs: Any) -> None:
        kwargs["db_constraint"] = False
        kwargs.setdefault("related_name", "+")
        super().__init__(to, on_delete, **kwargs)

    def deconstruct(self) -> Any:
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.ForeignKey", args, kwargs

    def formfield(self, **kwargs: Any) -> Any:
        """A choice without rows: forms are declared outside any organization and filled inside one."""
        empty = {
            "form_class": forms.ModelChoiceField,
            "queryset": self.remote_field.model._base_manager.none(),
            "to_field_name": self.remote_field.field_name,
            "blank": self.blank,
        }
        return models.Field.formfield(self, **{**empty, **kwargs})


class TenantModelBase(ModelBase):
    """Adds row security, and same-tenant references, to every concrete tenant table."""

    def __new__(cls, name: str, bases: Any, namespace: Any, **kwargs: Any) -> Any:
        model: Any = super().__new__(cls, name, bases, namespace, **kwargs)
        meta = model._meta
        if meta.abstract or meta.proxy:
            return model
        table = meta.db_table
        references = [
            SameTenant(name=f"{table}_{field.name}_same_tenant", field=field.name)
            for field in meta.local_fields
            if isinstance(field, TenantForeignKey)
        ]
        meta.constraints = [
            RowSecurity(name=f"{table}_row_security"),
            *references,
            *meta.constraints,
        ]
        meta.original_attrs["constraints"] = meta.constraints
        return model


class TenantQuerySet(models.QuerySet[Any]):
    """What every queryset of a tenant table can do."""

    def found(self, **lookup: Any) -> Any:
        """The row, or None: for callers that answer with a sentence of their own."""
        return self.filter(**lookup).first()


class TenantManager(models.Manager[Any]):
    """Sees one organization's rows, and raises where there is none."""

    def get_queryset(self) -> models.QuerySet[Any]:
        return super().get_queryset().filter(organization_id=required_organization())


class TenantModel(models.Model, metaclass=TenantModelBase):
    """A table whose rows belong to one organization. Inherit, and the database keeps them apart."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization = models.ForeignKey(
        Organization, on_delete=models.PROTECT, related_name="+", editable=False
    )

    objects = TenantManager.from_queryset(TenantQuerySet)()
    unscoped = models.Manager()  # noqa: DJ012  (a second manager, not a field)

    class Meta:
        abstract = True
        base_manager_name = "unscoped"
        default_manager_name = "objects"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.organization_id is None:
            self.organization_id = required_organization()  # type: ignore[unreachable]
        super().save(*args, **kwargs)


# As PostgreSQL 18 makes them (RFC 9562, version 7, the milliseconds' fraction behind the version); older
# servers are given the same in a longer way.
NEW_ID = r"""
DECLARE
  moment numeric := extract(epoch FROM clock_timestamp()) * 1000;
  finer integer := floor((moment - floor(moment)) * 4096);
BEGIN
  IF current_setting('server_version_num')::integer >= 180000 THEN
    RETURN uuidv7();
  END IF;
  RETURN encode(
    substring(int8send(floor(moment)::bigint) FROM 3)
    || set_byte(set_byte('\x0000'::bytea, 0, 112 + finer / 256), 1, finer % 256)
    || substring(uuid_send(gen_random_uuid()) FROM 9), 'hex')::uuid;
END
"""
COUNT_UP = """
DECLARE number bigint;
BEGIN
  INSERT INTO tenancy_counter AS c (id, organization_id, kind, period, last)
  VALUES (tenancy_new_id(), current_setting('prs.org')::uuid, series, span, 1)
  ON CONFLICT (organization_id, kind, period) DO UPDATE SET last = c.last + 1
  RETURNING last INTO number;
  RETURN number;
END
"""


class Counter(TenantModel):
    """The last number given in a series. Rows are locked only at the end of a transaction."""

    kind = models.CharField(max_length=40)
    period = models.CharField(max_length=16, blank=True)
    last = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = _("counter")
        verbose_name_plural = _("counters")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization", "kind", "period"], name="counter_series_unique"
            ),
            models.CheckConstraint(condition=models.Q(last__gte=0), name="counter_not_negative"),
            DatabaseStep(name="tenancy_new_id", takes="", gives="uuid", body=NEW_ID),
            DatabaseStep(
                name="tenancy_count_up",
                takes="series text, span text",
                gives="bigint",
                body=COUNT_UP,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.period}: {self.last}"


class StoredFile(TenantModel):
    """A checked file that somebody brought. Its bytes lie in storage under a name from us."""

    name = models.CharField(max_length=200, editable=False)
    display_name = models.CharField(_("file name"), max_length=200)
    kind = models.CharField(max_length=10)
    content_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField(_("size in bytes"))
    sha256 = models.CharField(max_length=64)
    near_hash = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("file")
        verbose_name_plural = _("files")
        indexes: ClassVar = [
            models.Index(fields=["organization", "sha256"], name="stored_file_sha256"),
        ]
        constraints: ClassVar = [
            AppendOnly(name="stored_file_append_only"),
            models.UniqueConstraint(
                fields=["organization", "name"], name="stored_file_name_unique"
            ),
        ]

    def __str__(self) -> str:
        return self.display_name


class Document(TenantModel):
    """A document of ours, rendered once when it became final. A reprint is the same bytes."""

    kind = models.CharField(max_length=40)
    number = models.CharField(_("number"), max_length=40)
    source_id = models.UUIDField()
    name = models.CharField(max_length=200, editable=False)
    size = models.PositiveIntegerField()
    pages = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        constraints: ClassVar = [
            AppendOnly(name="document_append_only"),
            models.UniqueConstraint(
                fields=["organization", "kind", "source_id"], name="document_once_per_source"
            ),
            models.UniqueConstraint(
                fields=["organization", "kind", "number"], name="document_number_unique"
            ),
        ]

    def __str__(self) -> str:
        return self.number


class IdempotencyKey(TenantModel):
    """A request that was carried out, with the answer that a repetition gets."""

    key = models.CharField(max_length=100)
    route = models.CharField(max_length=100)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    location = models.CharField(max_length=500, blank=True)
    content_type = models.CharField(max_length=100, blank=True)
    body = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("idempotency key")
        verbose_name_plural = _("idempotency keys")
        indexes: ClassVar = [
            models.Index(fields=["organization", "created_at"], name="idempotency_created"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization", "route", "key"], name="idempotency_key_unique"
            ),
        ]

    def __str__(self) -> str:
        return self.key
