"""What the browser keeps for a member: how they like their lists."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from prs.kernel.db.constraints import Trigger, WrittenByDatabase
from prs.kernel.identity.models import Member
from prs.kernel.tenancy.models import TenantForeignKey, TenantModel


class SavedView(TenantModel):
    """A member's own view of a list. The row without a name keeps the choice of columns."""

    member = TenantForeignKey(Member, on_delete=models.CASCADE)
    list_name = models.CharField(max_length=60)
    name = models.CharField(_("name"), max_length=60, blank=True)
    query = models.CharField(max_length=1000, blank=True)
    columns = ArrayField(models.CharField(max_length=40), default=list)
    is_default = models.BooleanField(_("opens by itself"), default=False)

    class Meta:
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization", "member", "list_name", "name"],
                name="saved_view_name_unique",
            ),
            models.UniqueConstraint(
                fields=["organization", "member", "list_name"],
                condition=models.Q(is_default=True),
                name="saved_view_one_default",
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.list_name


# What free text finds: by kind, the table and the columns whose words are kept.
SEARCHED: dict[str, tuple[str, tuple[str, ...]]] = {
    "parties.customer": (
        "parties_customer",
        ("name", "code", "external_code", "email", "phone", "area"),
    ),
    "invoicing.invoice": ("invoicing_invoice", ("number",)),
    "deals.deal": ("deals_deal", ("number", "name")),
    "catalog.product": ("catalog_product", ("sku", "name")),
    "parties.supplier": ("parties_supplier", ("name", "code", "contact_person")),
    "payments.payment": ("payments_payment", ("number", "reference", "cheque_number")),
}
# The rule of Python's `searching.words_of`: letters and digits, in small letters.
KEEP_WORDS = """
BEGIN
  IF TG_OP <> 'INSERT' THEN
    DELETE FROM web_searchword WHERE organization_id = OLD.organization_id AND object_id = OLD.id;
  END IF;
  IF TG_OP <> 'DELETE' THEN
    INSERT INTO web_searchword (organization_id, kind, word, object_id)
    SELECT DISTINCT NEW.organization_id, '<kind>', left(word, 60), NEW.id
    FROM regexp_split_to_table(lower(concat_ws(' ', <columns>)), '[^[:alnum:]]+') word
    WHERE word <> '';
  END IF;
  RETURN NULL;
END
"""


def kept_words(kind: str) -> Trigger:
    """The trigger that keeps the words of one kind as its rows change."""
    table, columns = SEARCHED[kind]
    news = ", ".join(f"NEW.{column}" for column in columns)
    return Trigger(
        name=f"search_{table}",
        on=table,
        when=f"AFTER INSERT OR DELETE OR UPDATE OF {', '.join(columns)} ON {{table}}",
        body=KEEP_WORDS.replace("<kind>", kind).replace("<columns>", news),
    )


class SearchWord(TenantModel):
    """A word by which a row is found. Only triggers write it.

    Row security runs before every operator that could leak, and LIKE could: a prefix is therefore
    looked up with `^@` in an index of bytes, which is quick in any size of table.
    """

    id = models.BigAutoField(primary_key=True)  # type: ignore[assignment]
    kind = models.CharField(max_length=40)
    word = models.CharField(max_length=60, db_collation="C")
    object_id = models.UUIDField()

    class Meta:
        verbose_name = _("search word")
        verbose_name_plural = _("search words")
        indexes: ClassVar = [
            models.Index(fields=["organization", "kind", "word", "object_id"], name="search_word"),
            models.Index(fields=["organization", "object_id"], name="search_word_object"),
        ]
        constraints: ClassVar = [
            WrittenByDatabase(name="search_word_written_by_database"),
            *[kept_words(kind) for kind in SEARCHED],
        ]

    def __str__(self) -> str:
        return self.word
