"""What recurs. Stored by `manage.py sync_schedules` at each release; times are UTC."""

from __future__ import annotations

from datetime import timedelta

from prs.kernel.jobs.rules import Schedule

MINUTE = timedelta(minutes=1)

SCHEDULES = (
    Schedule("jobs.purge", "prs.kernel.jobs.services.purge", cron="17 3 * * *"),
    Schedule("activity.mail", "prs.kernel.activity.tasks.send_due_mail", every=MINUTE),
    Schedule("identity.mail", "prs.kernel.identity.tasks.send_due_account_mail", every=MINUTE),
    Schedule(
        "identity.digests", "prs.kernel.identity.tasks.send_digests", every=timedelta(minutes=15)
    ),
    Schedule(
        "identity.forget", "prs.kernel.identity.tasks.forget_security_events", cron="11 3 * * *"
    ),
    Schedule("chain.heads", "prs.kernel.identity.tasks.publish_chain_heads", cron="7 1 * * *"),
    Schedule("integrity.check", "prs.kernel.activity.tasks.check_everything", cron="37 2 * * *"),
    Schedule("files.sweep", "prs.kernel.activity.tasks.sweep_files", cron="23 4 * * *"),
    Schedule("activity.forget", "prs.kernel.activity.tasks.forget_what_passed", cron="53 3 * * *"),
    Schedule(
        "followups.alerts", "prs.operations.followups.tasks.raise_all_alerts", cron="13 4 * * *"
    ),
    Schedule(
        "incentives.streaks", "prs.operations.incentives.tasks.replay_streaks", cron="27 * * * *"
    ),
    Schedule(
        "incentives.commissions",
        "prs.operations.incentives.tasks.keep_commissions",
        cron="41 */6 * * *",
    ),
    Schedule(
        "receivables.remind", "prs.operations.receivables.tasks.remind_everywhere", cron="9 6 * * *"
    ),
    Schedule("api.log", "prs.api.tasks.forget_old_requests", cron="43 3 * * *"),
    Schedule("payments.remind", "prs.operations.payments.tasks.remind_everybody", cron="3 6 * * *"),
    Schedule(
        "payments.escalate", "prs.operations.payments.tasks.escalate_everywhere", cron="23 * * * *"
    ),
    Schedule(
        "books.recurring",
        "prs.ledgers.bookkeeping.tasks.run_recurring_everywhere",
        cron="47 0,6,12,18 * * *",
    ),
    Schedule("till.baskets", "prs.operations.till.tasks.abandon_everywhere", cron="47 * * * *"),
    Schedule("deals.remind", "prs.operations.deals.tasks.remind_everybody", cron="33 * * * *"),
    Schedule(
        "stock.release", "prs.ledgers.stock.tasks.release_everywhere", every=timedelta(minutes=15)
    ),
    Schedule(
        "stock.alerts", "prs.ledgers.stock.tasks.warn_everywhere", every=timedelta(minutes=30)
    ),
    Schedule("stock.week", "prs.ledgers.stock.tasks.report_weeks_everywhere", cron="29 5 * * *"),
    Schedule(
        "stock.expiry", "prs.ledgers.stock.tasks.warn_of_expiry_everywhere", cron="47 4 * * *"
    ),
)
