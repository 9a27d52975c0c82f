"""Examples for those who write the other side. A test sends them."""

from __future__ import annotations

from typing import Any, Final

IMPORT: Final[dict[str, Any]] = {
    "invoice_no": "HB-10482",
    "invoice_date": "2026-11-20",
    "salesman": "Sam Okoro",
    "priority": "HIGH",
    "Total": "262.50",
    "created_by": "billing desk",
    "customer": {
        "code": "C-1077",
        "name": "Harbour Pharmacy",
        "area": "Old Port",
        "address1": "14 Quay Street",
        "address2": "",
        "phone1": "+254 20 555 0114",
        "email": "orders@harbour.example",
    },
    "items": [
        {
            "name": "Amoxicillin 500 mg capsules",
            "item_code": "AMX500",
            "barcode": "6009801234567",
            "quantity": 20,
            "mrp": "8.75",
            "company_name": "Northmed",
            "packing": "10x10",
            "batch_no": "B2291",
            "expiry_date": "2028-03-31",
            "shelf_location": "R-12",
        },
        {"name": "Oral rehydration salts", "item_code": "ORS20", "quantity": 50, "mrp": 1.75},
    ],
}
CORRECTION: Final[dict[str, Any]] = {
    "invoice_no": "HB-10482",
    "items": [{"item_code": "ORS20", "quantity": 40}],
    "resolution_notes": "Ten sachets were out of stock.",
}
TAKEN: Final[dict[str, Any]] = {
    "id": "019aa6f2-5c1e-7d43-9a0b-3f8e21c0d7aa",
    "invoice_no": "HB-10482",
    "total_amount": "262.50",
    "priority": "HIGH",
    "status": "INVOICED",
    "billing_status": "BILLED",
    "created_at": "2026-11-20T09:30:00+00:00",
    "created": True,
}
