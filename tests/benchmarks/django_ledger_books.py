"""An entry posted by django-ledger, in a process and a database of their own.

`python -m tests.benchmarks.django_ledger_books <dsn>` prints milliseconds as JSON. Its books are nearly
empty, which favours it; each entry is kept and the commit does not wait for the disk, as with the others.
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from decimal import Decimal

import django
from django.conf import settings


def prepared(dsn: str) -> None:
    """Its settings, its tables."""
    words = dict(part.split("=", 1) for part in dsn.split())
    settings.configure(
        INSTALLED_APPS=[
            "django.contrib.contenttypes",
            "django.contrib.auth",
            "django.contrib.sessions",
            "django_ledger",
        ],
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.postgresql",
                "NAME": "django_ledger",
                "USER": words["user"],
                "HOST": words["host"],
            }
        },
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        SECRET_KEY="measured",
        USE_TZ=True,
        TIME_ZONE="UTC",
        ROOT_URLCONF="django_ledger.urls",
    )
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


def main() -> None:
    """Open books, measure, print."""
    prepared(sys.argv[1])
    from django.contrib.auth import get_user_model
    from django.db import connection
    from django_ledger.models import EntityModel

    from tests.benchmarks.books import milliseconds

    keeper = get_user_model().objects.create_user("keeper")
    entity = EntityModel.create_entity(
        name="Bench", use_accrual_method=True, admin=keeper, fy_start_month=1
    )
    entity.create_chart_of_accounts(assign_as_default=True, commit=True)
    entity.populate_default_coa(activate_accounts=True)
    ledger = entity.create_ledger(name="Bench", posted=True)
    # Accounts of one activity: it refuses an entry that mixes them.
    roles = ("asset_ca_cash", "asset_ca_cash", "in_operational", "in_operational")
    every = entity.get_default_coa_accounts()
    accounts = [every.filter(role=role).first() for role in roles]
    sides = zip(accounts, (10, 20, 5, 25), ("debit", "debit", "credit", "credit"), strict=True)
    lines = [
        {"account": row, "amount": Decimal(amount), "tx_type": way, "description": ""}
        for row, amount, way in sides
    ]
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")

    def post() -> None:
        ledger.commit_txs(
            je_timestamp=datetime.now(UTC), je_txs=[dict(line) for line in lines], je_posted=True
        )

    print(json.dumps({"post": milliseconds(post, times=60)}))


if __name__ == "__main__":
    main()
