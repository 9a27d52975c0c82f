"""Fill an organization with imported invoices to try things out."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from typing import Any, Final

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from prs.kernel import clock
from prs.kernel.identity.models import Member
from prs.kernel.tenancy.context import platform_context, tenant_context
from prs.kernel.tenancy.models import Organization
from prs.operations.invoicing import services as invoices
from prs.operations.invoicing.models import Invoice

CUSTOMERS: Final = (
    ("C-1077", "Harbour Pharmacy", "Old Port", "14 Quay Street", "+254 20 555 0114"),
    ("C-1080", "Mbali Clinic", "Hillside", "3 Acacia Road", "+254 20 555 0187"),
    ("C-1091", "Lakeview Hospital", "Lakeside", "200 Shore Drive", "+254 57 555 0122"),
    ("C-1102", "St Anne Dispensary", "Westgate", "8 Chapel Lane", "+254 20 555 0140"),
    ("C-1119", "Kilele Chemists", "Upper Town", "71 Market Street", "+254 41 555 0166"),
    ("C-1124", "Sunrise Nursing Home", "Garden City", "19 Jacaranda Close", "+254 20 555 0173"),
)
GOODS: Final = (
    ("Amoxicillin 500 mg capsules", "AMX500", "6009801234567", "8.75", "10x10", "R-12"),
    ("Oral rehydration salts", "ORS20", "6009801234574", "1.75", "1x20", "R-03"),
    ("Paracetamol 500 mg tablets", "PCM500", "6009801234581", "2.40", "10x10", "R-12"),
    ("Metformin 850 mg tablets", "MET850", "6009801234598", "5.60", "3x10", "R-14"),
    ("Cetirizine 10 mg tablets", "CTZ10", "6009801234604", "3.15", "2x10", "R-15"),
    ("Salbutamol inhaler 100 mcg", "SAL100", "6009801234611", "34.90", "1", "C-02"),
    ("Insulin glargine 100 IU/ml", "INS100", "6009801234628", "412.00", "1x5", "F-01"),
    ("Sterile gauze 10 x 10 cm", "GZE10", "6009801234635", "0.85", "1x100", "M-07"),
    ("Nitrile gloves, medium", "GLV-M", "6009801234642", "11.25", "1x100", "M-01"),
    ("Zinc sulphate 20 mg tablets", "ZNC20", "6009801234659", "1.95", "10x10", "R-04"),
    ("Omeprazole 20 mg capsules", "OMP20", "6009801234666", "6.30", "2x14", "R-13"),
    ("Digital thermometer", "THM-D", "6009801234673", "18.50", "1", "M-09"),
)
PRIORITIES: Final = ("MEDIUM", "MEDIUM", "HIGH", "MEDIUM", "LOW")
REASON: Final = "Two boxes short on the shelf."


class Command(BaseCommand):
    """Imports invoices of today, with two to five items each, the way another system would."""

    help = "Imports invoices of today with two to five items each, for trying things out."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--count", type=int, default=20, help="how many, at most 5000")
        parser.add_argument(
            "--status",
            default="invoiced",
            type=str.lower,
            choices=sorted(STATUSES),
            help="where they stand",
        )
        parser.add_argument("--organization", help="its name, when there are several")
        parser.add_argument(
            "--force", action="store_true", help="also in an organization that does real business"
        )

    def handle(self, **options: Any) -> None:
        count = options["count"]
        if not 1 <= count <= 5000:
            raise CommandError("--count must be between 1 and 5000.")
        organization = chosen(options["organization"])
        if not (settings.DEBUG or organization.is_demo or options["force"]):
            raise CommandError(
                f"{organization} does real business, and what is posted there stays in its books. "
                "Choose a demonstration organization, or add --force."
            )
        at = clock.now()
        with tenant_context(organization.pk):
            by = owner()
            sellers = list(Member.objects.filter(active=True).order_by("name", "pk"))
            today = clock.local_date(at, organization.time_zone)
            for content in contents(count, sellers=sellers, today=today):
                sent = invoices.imported_from(content)
                taken = invoices.take_import(sent, organization=organization, by=by, at=at)
                STATUSES[options["status"]](taken.invoice, content, by, at)
        self.stdout.write(f"{count} invoices, {options['status']}, in {organization}.")


def chosen(name: str | None) -> Organization:
    """The organization to fill: the one of that name, or the only one.

    :raises CommandError: there is none, or more than one.
    """
    with platform_context():
        every = Organization.objects.filter(is_platform=False).order_by("name", "pk")
        rows = list(every.filter(name__iexact=name)[:2] if name else every[:2])
        names = ", ".join(every.values_list("name", flat=True))
    if len(rows) != 1:
        raise CommandError(
            f"Say which organization with --organization: {names or 'there is none'}."
        )
    return rows[0]


def owner() -> Member:
    """Who is written down as having done it."""
    found = Member.objects.filter(active=True, role__key="owner").order_by("pk").first()
    if found is None:
        raise CommandError("The organization has no active owner.")
    return found


def contents(count: int, *, sellers: list[Member], today: date) -> Iterator[Mapping[str, Any]]:
    """Invoices in the form in which imports are kept. The n-th always looks the same."""
    numbers = free_numbers(f"SEED-{today:%y%m%d}-")
    for place in range(count):
        code, name, area, address, phone = CUSTOMERS[place % len(CUSTOMERS)]
        yield {
            "invoice_no": next(numbers),
            "invoice_date": today.isoformat(),
            "salesman": sellers[place % len(sellers)].name,
            "priority": PRIORITIES[place % len(PRIORITIES)],
            "remarks": "",
            "temp_name": "",
            "created_by": "seed_invoices",
            "customer": {
                "code": code,
                "name": name,
                "area": area,
                "address1": address,
                "phone1": phone,
            },
            "items": [item(place, row) for row in range(2 + place % 4)],
        }


def item(place: int, row: int) -> dict[str, Any]:
    """One item of an invoice."""
    name, code, barcode, price, packing, shelf = GOODS[(place * 5 + row * 7) % len(GOODS)]
    return {
        "name": name,
        "item_code": code,
        "barcode": barcode,
        "quantity": 5 * (1 + (place + row * 3) % 12),
        "mrp": price,
        "packing": packing,
        "shelf_location": shelf,
        "batch_no": f"B{2200 + (place * 13 + row) % 700}",
    }


def free_numbers(prefix: str) -> Iterator[str]:
    """Numbers that no invoice has yet, so that a second run adds to the first."""
    taken = Invoice.objects.filter(series=Invoice.Origin.IMPORT, number__startswith=prefix)
    start = taken.count()
    used = set(taken.values_list("number", flat=True))
    while True:
        start += 1
        number = f"{prefix}{start:04d}"
        if number not in used:
            yield number


def leave(_invoice: Invoice, _content: Mapping[str, Any], _by: Member, _at: datetime) -> None:
    """As it arrived."""


def send_back(invoice: Invoice, _content: Mapping[str, Any], by: Member, at: datetime) -> None:
    """Returned for correction."""
    invoices.return_for_correction(invoice, reason=REASON, by=by, at=at)


def send_back_and_correct(
    invoice: Invoice, content: Mapping[str, Any], by: Member, at: datetime
) -> None:
    """Returned, and corrected: one line came to less."""
    send_back(invoice, content, by, at)
    first, *rest = content["items"]
    changed = {**content, "items": [{**first, "quantity": first["quantity"] - 2}, *rest]}
    invoices.correct(
        invoices.imported_from(changed),
        notes="Corrected to what was on the shelf.",
        organization=Organization.objects.get(pk=invoice.organization_id),
        by=by,
        at=at,
    )


STATUSES: Final[Mapping[str, Callable[[Invoice, Mapping[str, Any], Member, datetime], None]]] = {
    "invoiced": leave,
    "billed": leave,
    "review": send_back,
    "re_invoiced": send_back_and_correct,
}
