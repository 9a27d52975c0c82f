"""Tables of what happened and of who is told."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from prs.kernel.activity.rules import MailWay
from prs.kernel.db.constraints import (
    AppendOnly,
    DatabaseStep,
    Trigger,
    WrittenByDatabase,
)
from prs.kernel.tenancy.models import TenantForeignKey, TenantModel

SEAL = """
DECLARE h record; digest text;
BEGIN
  INSERT INTO activity_audithead (id, organization_id, seq, hash)
  VALUES (gen_random_uuid(), NEW.organization_id, 0, '') ON CONFLICT (organization_id) DO NOTHING;
  SELECT seq, hash INTO h FROM activity_audithead
   WHERE organization_id = NEW.organization_id FOR UPDATE;
  digest := activity_digest(h.hash, NEW);
  INSERT INTO activity_auditchain (id, organization_id, seq, event_id, hash)
  VALUES (gen_random_uuid(), NEW.organization_id, h.seq + 1, NEW.id, digest);
  UPDATE activity_audithead SET seq = h.seq + 1, hash = digest
   WHERE organization_id = NEW.organization_id;
  RETURN NULL;
END
"""


# Written and told in one call, as who calls it: other doors of the database tell open pages by it too.
ANNOUNCE = """
DECLARE made bigint; org text := current_setting('prs.org');
BEGIN
  INSERT INTO activity_outboxevent
    (organization_id, topic, permission, member_id, subject_kind, subject_id, at)
  VALUES (org::uuid, topic, permission, member, kind, subject, moment) RETURNING id INTO made;
  PERFORM pg_notify('prs_live', org || ':' || made);
  RETURN made;
END
"""


# An audit row and its live events, as one document: other doors of the database record by it too.
RECORD = """
DECLARE last bigint;
BEGIN
  INSERT INTO activity_auditevent SELECT * FROM jsonb_populate_record(NULL::activity_auditevent, said);
  WITH live AS (
    INSERT INTO activity_outboxevent
      (organization_id, topic, permission, subject_kind, subject_id, at)
    SELECT e.organization_id, topic, permission, e.subject_kind, e.subject_id, e.at
    FROM jsonb_populate_record(NULL::activity_auditevent, said) e, unnest(topics) AS topic
    RETURNING id)
  SELECT max(id) INTO last FROM live;
  PERFORM pg_notify('prs_live', (said->>'organization_id') || ':' || last);
END
"""


class AuditEvent(TenantModel):
    """One thing that happened, with who did it and what changed. Labels, so history blocks nothing."""

    code = models.CharField(max_length=60)
    actor_id = models.UUIDField(null=True)
    actor_label = models.CharField(_("who"), max_length=200)
    session = models.CharField(max_length=64, blank=True)
    address = models.CharField(_("address"), max_length=45, blank=True)
    request_id = models.CharField(max_length=64, blank=True)
    subject_kind = models.CharField(max_length=60)
    subject_id = models.UUIDField(null=True)
    subject_label = models.CharField(_("what"), max_length=300)
    words = models.JSONField(default=dict)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    at = models.DateTimeField(_("when"))

    class Meta:
        verbose_name = _("audit event")
        verbose_name_plural = _("audit events")
        indexes: ClassVar = [
            models.Index(fields=["organization", "subject_id", "at"], name="audit_subject"),
            models.Index(fields=["organization", "at", "id"], name="audit_at"),
        ]
        constraints: ClassVar = [
            AppendOnly(name="audit_event_append_only"),
            Trigger(
                name="audit_event_sealed",
                when="AFTER INSERT ON {table} DEFERRABLE INITIALLY DEFERRED",
                body=SEAL,
                constraint=True,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.subject_label}"


class AuditHead(TenantModel):
    """The newest seal of an organization's chain. Only the database writes it."""

    seq = models.BigIntegerField()
    hash = models.CharField(max_length=64, blank=True)

    class Meta:
        verbose_name = _("chain head")
        verbose_name_plural = _("chain heads")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organization"], name="audit_head_one"),
            WrittenByDatabase(name="audit_head_written_by_database"),
        ]

    def __str__(self) -> str:
        return f"{self.seq} {self.hash}"


class AuditChain(TenantModel):
    """The seals, one per audit event, each over the one before. Only the database writes them."""

    seq = models.BigIntegerField()
    event_id = models.UUIDField()
    hash = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("chain link")
        verbose_name_plural = _("chain links")
        constraints: ClassVar = [
            AppendOnly(name="audit_chain_append_only", insert=False),
            models.UniqueConstraint(fields=["organization", "seq"], name="audit_chain_seq_unique"),
            models.UniqueConstraint(
                fields=["organization", "event_id"], name="audit_chain_event_unique"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.seq} {self.hash}"


class TransactionIdField(models.Field):  # type: ignore[type-arg]
    """PostgreSQL's 64-bit transaction id, filled by the database."""

    def db_type(self, connection: object) -> str:
        return "xid8"


class CurrentTransaction(models.Func):
    function = "pg_current_xact_id"
    output_field = TransactionIdField()


class OldestTransaction(models.Func):
    """The oldest transaction that is still running: all before it is visible to this statement."""

    template = "pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
    output_field = models.BigIntegerField()


class OutboxEvent(TenantModel):
    """What open pages are told: a topic and an id, never content."""

    id = models.BigAutoField(primary_key=True)  # type: ignore[assignment]
    txid = TransactionIdField(db_default=CurrentTransaction(), editable=False)
    topic = models.CharField(max_length=40)
    permission = models.CharField(max_length=60, blank=True)
    member_id = models.UUIDField(null=True)
    subject_kind = models.CharField(max_length=60)
    subject_id = models.UUIDField(null=True)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("live event")
        verbose_name_plural = _("live events")
        indexes: ClassVar = [
            models.Index(fields=["organization", "at"], name="outbox_at"),
            models.Index(fields=["organization", "txid"], name="outbox_txid"),
        ]
        constraints: ClassVar = [
            DatabaseStep(
                name="activity_record",
                takes="said jsonb, topics text[], permission text",
                gives="void",
                body=RECORD,
            ),
            DatabaseStep(
                name="activity_announce",
                takes="topic text, permission text, member uuid, kind text, subject uuid, "
                "moment timestamptz",
                gives="bigint",
                body=ANNOUNCE,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.topic} {self.subject_id}"


class Notification(TenantModel):
    """One member told of one event. The member is an id: people live on the floor above."""

    class Priority(models.TextChoices):
        LOW = "low", _("Low")
        MEDIUM = "medium", _("Medium")
        HIGH = "high", _("High")
        URGENT = "urgent", _("Urgent")

    event_id = models.UUIDField()
    member_id = models.UUIDField()
    code = models.CharField(max_length=60)
    title = models.CharField(max_length=200)
    text = models.CharField(max_length=1000)
    priority = models.CharField(max_length=8, choices=Priority, default=Priority.MEDIUM)
    category = models.CharField(max_length=20, default="business")
    subject_kind = models.CharField(max_length=60)
    subject_id = models.UUIDField(null=True)
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("notification")
        verbose_name_plural = _("notifications")
        indexes: ClassVar = [
            models.Index(
                fields=["organization", "member_id", "-created_at", "-id"], name="notification_list"
            ),
            models.Index(
                fields=["organization", "member_id"],
                condition=models.Q(read_at__isnull=True),
                name="notification_unread",
            ),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization", "event_id", "member_id"],
                name="notification_once_per_event",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class NotificationPreference(TenantModel):
    """A member's own choice for one kind of event. Without a row the event's default holds."""

    class ByMail(models.TextChoices):
        NOW = MailWay.NOW, _("At once")
        DAILY = MailWay.DAILY, _("Once a day")
        OFF = MailWay.OFF, _("Never")

    member_id = models.UUIDField()
    code = models.CharField(max_length=60)
    in_app = models.BooleanField(default=True)
    by_mail = models.CharField(max_length=5, choices=ByMail, default=ByMail.OFF)

    class Meta:
        verbose_name = _("notification preference")
        verbose_name_plural = _("notification preferences")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization", "member_id", "code"],
                name="notification_preference_unique",
            ),
            models.CheckConstraint(
                condition=models.Q(by_mail__in=["now", "daily", "off"]),
                name="notification_preference_mail_known",
            ),
        ]

    def __str__(self) -> str:
        return self.code


class MailHours(TenantModel):
    """When a member is written to: the hour of the digest, and the hours in which mail is held back."""

    member_id = models.UUIDField()
    digest_hour = models.PositiveSmallIntegerField(_("hour of the digest"), default=8)
    quiet_from = models.TimeField(_("quiet from"), null=True, blank=True)
    quiet_until = models.TimeField(_("quiet until"), null=True, blank=True)

    class Meta:
        verbose_name = _("hours of mail")
        verbose_name_plural = _("hours of mail")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization", "member_id"], name="mail_hours_one_per_member"
            ),
            models.CheckConstraint(
                condition=models.Q(digest_hour__lte=23), name="mail_hours_digest_in_a_day"
            ),
            models.CheckConstraint(
                condition=models.Q(quiet_from__isnull=True, quiet_until__isnull=True)
                | models.Q(quiet_from__isnull=False, quiet_until__isnull=False)
                & ~models.Q(quiet_from=models.F("quiet_until")),
                name="mail_hours_quiet_has_two_ends",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.digest_hour} {self.quiet_from} {self.quiet_until}"


class Digest(TenantModel):
    """The one mail of a member's day that lists what happened. It is there before the mail is queued."""

    member_id = models.UUIDField()
    day = models.DateField()
    until = models.DateTimeField()
    made_at = models.DateTimeField()

    class Meta:
        verbose_name = _("digest")
        verbose_name_plural = _("digests")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization", "member_id", "day"], name="digest_one_a_day"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.member_id}"


class DigestItem(TenantModel):
    """Something that a member reads of in a digest: the next one, until `digest` says which."""

    digest = TenantForeignKey(Digest, null=True, on_delete=models.CASCADE)
    event_id = models.UUIDField()
    member_id = models.UUIDField()
    code = models.CharField(max_length=60)
    title = models.CharField(max_length=200)
    text = models.CharField(max_length=1000)
    subject_kind = models.CharField(max_length=60)
    subject_id = models.UUIDField(null=True)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("line of a digest")
        verbose_name_plural = _("lines of digests")
        indexes: ClassVar = [
            models.Index(
                fields=["organization", "member_id", "at"],
                condition=models.Q(digest__isnull=True),
                name="digest_item_waiting",
            ),
            models.Index(fields=["organization", "at"], name="digest_item_at"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization", "event_id", "member_id"],
                name="digest_item_once_per_event",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class NotificationText(TenantModel):
    """An organization's own words for one kind of event."""

    code = models.CharField(max_length=60)
    title = models.CharField(_("title"), max_length=200)
    text = models.CharField(_("text"), max_length=1000)
    active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("notification text")
        verbose_name_plural = _("notification texts")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization", "code"], name="notification_text_unique"
            ),
        ]

    def __str__(self) -> str:
        return self.code


class Delivery(models.Model):
    """A message on its way: tried until it is sent or given up, with growing pauses."""

    class State(models.TextChoices):
        QUEUED = "queued", _("Waiting")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Given up")

    recipient = models.EmailField(_("to"))
    subject = models.CharField(_("subject"), max_length=300)
    body = models.TextField()
    state = models.CharField(max_length=8, choices=State, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        abstract = True


class Mail(TenantModel, Delivery):
    """A mail of an organization. `key` names its cause, so that one cause sends one mail."""

    key = models.CharField(max_length=120)
    document = TenantForeignKey("tenancy.Document", null=True)

    class Meta:
        verbose_name = _("mail")
        verbose_name_plural = _("mails")
        indexes: ClassVar = [
            models.Index(
                fields=["organization", "next_attempt_at"],
                condition=models.Q(state="queued"),
                name="mail_due",
            ),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organization", "key"], name="mail_once_per_cause"),
        ]

    def __str__(self) -> str:
        return f"{self.recipient}: {self.subject}"
