"""Tables of the catalogue."""

from __future__ import annotations

from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from prs.kernel.db.constraints import Trigger, refuse
from prs.kernel.tenancy.models import StoredFile, TenantForeignKey, TenantModel

# Moves within one tree wait for each other, or two of them could close a ring together.
TREE = f"""
DECLARE above uuid := NEW.parent_id;
BEGIN
  IF above IS NULL THEN RETURN NEW; END IF;
  PERFORM pg_advisory_xact_lock(hashtextextended(NEW.organization_id::text, 7));
  WHILE above IS NOT NULL LOOP
    IF above = NEW.id THEN
      {refuse("category_not_below_itself", "a category can't be below itself")}
    END IF;
    SELECT c.parent_id INTO above FROM catalog_category c WHERE c.id = above;
  END LOOP;
  RETURN NEW;
END
"""


class Category(TenantModel):
    """A shelf of the catalogue; shelves stand below shelves."""

    name = models.CharField(_("name"), max_length=120)
    code = models.CharField(_("code"), max_length=20, blank=True)
    parent = TenantForeignKey("self", null=True, blank=True, verbose_name=_("below"))
    position = models.PositiveSmallIntegerField(_("order"), default=0)
    active = models.BooleanField(_("in use"), default=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization", "parent", "name"],
                name="category_name_unique",
                nulls_distinct=False,
            ),
            models.CheckConstraint(condition=models.Q(name__gt=""), name="category_name_not_empty"),
            Trigger(
                name="category_not_below_itself",
                when="BEFORE INSERT OR UPDATE ON {table}",
                body=TREE,
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Brand(TenantModel):
    """Who makes it, as customers know them."""

    name = models.CharField(_("name"), max_length=120)
    website = models.URLField(_("website"), blank=True)
    active = models.BooleanField(_("in use"), default=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("brand")
        verbose_name_plural = _("brands")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organization", "name"], name="brand_name_unique"),
        ]

    def __str__(self) -> str:
        return self.name


class Unit(TenantModel):
    """What a product is counted in. `decimals` says how finely: 0 for pieces, 3 for kilograms."""

    name = models.CharField(_("name"), max_length=60)
    symbol = models.CharField(_("symbol"), max_length=12)
    decimals = models.PositiveSmallIntegerField(
        _("decimals"), default=0, validators=[MaxValueValidator(3)]
    )
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("unit")
        verbose_name_plural = _("units")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organization", "symbol"], name="unit_symbol_unique"),
            models.CheckConstraint(
                condition=models.Q(decimals__lte=3), name="unit_at_most_three_decimals"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class TaxRate(TenantModel):
    """A tax on what is sold, in force for a time. The same code at another rate follows upon it."""

    code = models.CharField(_("code"), max_length=20)
    name = models.CharField(_("name"), max_length=80)
    rate = models.DecimalField(
        _("rate, %"),
        max_digits=7,
        decimal_places=4,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
    )
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("tax rate")
        verbose_name_plural = _("tax rates")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization", "code", "starts_on"], name="tax_rate_begins_once"
            ),
            models.CheckConstraint(
                condition=models.Q(rate__gte=0, rate__lte=100), name="tax_rate_in_range"
            ),
            models.CheckConstraint(
                condition=models.Q(ends_on__isnull=True)
                | models.Q(ends_on__gte=models.F("starts_on")),
                name="tax_rate_ends_after_it_starts",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.rate.normalize():f} %"


class Product(TenantModel):
    """What is sold. Its prices stand on its batches and in price lists, its stock in the ledger."""

    class Kind(models.TextChoices):
        GOODS = "goods", _("Goods")
        SERVICE = "service", _("Service")

    sku = models.CharField(_("SKU"), max_length=40)
    name = models.CharField(_("name"), max_length=200)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind, default=Kind.GOODS)
    description = models.TextField(_("description"), max_length=4000, blank=True)
    category = TenantForeignKey(Category, null=True, blank=True, verbose_name=_("category"))
    brand = TenantForeignKey(Brand, null=True, blank=True, verbose_name=_("brand"))
    unit = TenantForeignKey(Unit, verbose_name=_("counted in"))
    image = TenantForeignKey(
        StoredFile, null=True, blank=True, editable=False, verbose_name=_("picture")
    )
    thumbnail = TenantForeignKey(
        StoredFile, null=True, blank=True, editable=False, verbose_name=_("small picture")
    )
    expires = models.BooleanField(_("has an expiry date"), default=False)
    prices_include_tax = models.BooleanField(_("prices include tax"), default=True)
    reorder_point = models.DecimalField(
        _("order again at"), max_digits=14, decimal_places=3, default=10
    )
    reorder_quantity = models.DecimalField(
        _("order at least"), max_digits=14, decimal_places=3, default=10
    )
    active = models.BooleanField(_("in use"), default=True)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(_("added"), auto_now_add=True)

    class Meta:
        verbose_name = _("product")
        verbose_name_plural = _("products")
        indexes: ClassVar = [
            models.Index(fields=["organization", "name", "id"], name="product_by_name"),
            models.Index(fields=["organization", "category"], name="product_by_category"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organization", "sku"], name="product_sku_unique"),
            models.CheckConstraint(
                condition=models.Q(name__gt="") & models.Q(sku__gt=""),
                name="product_has_name_and_sku",
            ),
            models.CheckConstraint(
                condition=models.Q(reorder_point__gte=0, reorder_quantity__gte=0),
                name="product_reorder_not_negative",
            ),
            models.CheckConstraint(
                condition=models.Q(image__isnull=True, thumbnail__isnull=True)
                | models.Q(image__isnull=False, thumbnail__isnull=False),
                name="product_picture_in_two_sizes",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ProductTax(TenantModel):
    """A tax that a product bears, by its code; which rate counts follows from the day."""

    product = TenantForeignKey(Product, on_delete=models.CASCADE)
    code = models.CharField(_("tax"), max_length=20)

    class Meta:
        verbose_name = _("tax of a product")
        verbose_name_plural = _("taxes of products")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization", "product", "code"], name="product_tax_once"
            ),
        ]

    def __str__(self) -> str:
        return self.code


class Pack(TenantModel):
    """How a product is bought or sold together: a carton is 24 pieces, exactly."""

    product = TenantForeignKey(Product, on_delete=models.CASCADE, verbose_name=_("product"))
    name = models.CharField(_("name"), max_length=60)
    quantity = models.DecimalField(_("holds"), max_digits=14, decimal_places=3)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("pack")
        verbose_name_plural = _("packs")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization", "product", "name"], name="pack_name_unique"
            ),
            models.CheckConstraint(condition=models.Q(quantity__gt=0), name="pack_holds_something"),
        ]

    def __str__(self) -> str:
        return self.name


class Barcode(TenantModel):
    """A code that a scanner reads; it names one product, or one pack of it."""

    product = TenantForeignKey(Product, on_delete=models.CASCADE, verbose_name=_("product"))
    pack = TenantForeignKey(
        Pack, null=True, blank=True, on_delete=models.CASCADE, verbose_name=_("pack")
    )
    code = models.CharField(_("code"), max_length=48)

    class Meta:
        verbose_name = _("barcode")
        verbose_name_plural = _("barcodes")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organization", "code"], name="barcode_unique"),
            models.CheckConstraint(condition=models.Q(code__gt=""), name="barcode_not_empty"),
        ]

    def __str__(self) -> str:
        return self.code


class PriceList(TenantModel):
    """Prices that stand above those of the batches, for a level of customers and a time."""

    class Level(models.TextChoices):
        RETAIL = "retail", _("Retail")
        WHOLESALE = "wholesale", _("Wholesale")

    name = models.CharField(_("name"), max_length=80)
    level = models.CharField(_("for"), max_length=10, choices=Level, default=Level.RETAIL)
    currency = models.CharField(_("currency"), max_length=3)
    starts_on = models.DateField(_("from"), null=True, blank=True)
    ends_on = models.DateField(_("until"), null=True, blank=True)
    active = models.BooleanField(_("in use"), default=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("price list")
        verbose_name_plural = _("price lists")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organization", "name"], name="price_list_name_unique"),
            models.CheckConstraint(
                condition=models.Q(starts_on__isnull=True)
                | models.Q(ends_on__isnull=True)
                | models.Q(ends_on__gte=models.F("starts_on")),
                name="price_list_ends_after_it_starts",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Price(TenantModel):
    """What one unit of a product costs in a list, from a quantity on."""

    price_list = TenantForeignKey(PriceList, on_delete=models.CASCADE, verbose_name=_("list"))
    product = TenantForeignKey(Product, on_delete=models.CASCADE, verbose_name=_("product"))
    from_quantity = models.DecimalField(_("from"), max_digits=14, decimal_places=3, default=1)
    amount = models.DecimalField(_("price of a unit"), max_digits=19, decimal_places=4)

    class Meta:
        verbose_name = _("price")
        verbose_name_plural = _("prices")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization", "price_list", "product", "from_quantity"],
                name="price_step_unique",
            ),
            models.CheckConstraint(
                condition=models.Q(amount__gte=0, from_quantity__gt=0), name="price_in_range"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount}"
