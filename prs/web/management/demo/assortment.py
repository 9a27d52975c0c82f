"""The goods, suppliers and taxes of the demonstration, as data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Final


@dataclass(frozen=True)
class Article:
    """Something that is sold. Prices are for one unit: in a shop, and to the trade."""

    sku: str
    name: str
    category: str
    brand: str
    retail: str
    trade: str
    shape: str = ""
    colour: str = "#0f766e"
    packs: tuple[tuple[str, int], ...] = ()
    taxes: tuple[str, ...] = ()
    unit: str = "pcs"
    expires: bool = False
    reorder: int = 20
    about: str = ""
    kind: str = "goods"


TAXED: Final = ("VAT", "NHIL", "GETFL")
RATES: Final = (
    ("VAT", "VAT", "12.5", date(2018, 8, 1), date(2022, 12, 31)),
    ("VAT", "VAT", "15", date(2023, 1, 1), None),
    ("NHIL", "National health insurance levy", "2.5", date(2018, 8, 1), None),
    ("GETFL", "Education trust fund levy", "2.5", date(2018, 8, 1), None),
)
STUDIO_RATES: Final = (
    ("USt", "Umsatzsteuer", "19", date(2021, 1, 1), None),
    ("USt7", "Umsatzsteuer ermäßigt", "7", date(2021, 1, 1), None),
)
CATEGORIES: Final[dict[str, tuple[str, ...]]] = {
    "Pharmacy": ("Medicines", "Clinic supplies", "Mother and baby"),
    "Food": ("Grain and flour", "Oil and sugar", "Tins and jars", "Spices and tea"),
    "Drinks": ("Water", "Juice and soda"),
    "Household": ("Laundry", "Cleaning", "Body care"),
    "Electrical": ("Light", "Batteries"),
    "School and office": (),
}
CARTON: Final = "Carton"


def medicine(*said: str, **more: Any) -> Article:
    """Something that the pharmacy sells: free of tax, and it expires."""
    sku, name, brand, retail, trade = said
    words = {"shape": "pills", "colour": "#2563a8", "expires": True, **more}
    return Article(sku, name, "Medicines", brand, retail, trade, **words)


def food(*said: str, **more: Any) -> Article:
    """Something to eat: it expires, and as a staple bears no tax unless it is said."""
    sku, name, category, brand, retail, trade = said
    words: dict[str, Any] = {"expires": True, **more}
    return Article(sku, name, category, brand, retail, trade, **words)


def goods(*said: str, **more: Any) -> Article:
    """Something that bears the taxes."""
    sku, name, category, brand, retail, trade = said
    words: dict[str, Any] = {"taxes": TAXED, **more}
    return Article(sku, name, category, brand, retail, trade, **words)


# fmt: off
PHARMACY: Final = (
    medicine("PR650", "Amoxicillin 500 mg, 100 capsules", "Ernest", "44.00", "38.50",
             packs=(("Box of 10", 10),), colour="#b4462f"),
    medicine("PR101", "Paracetamol 500 mg, 1,000 tablets", "Kinapharma", "72.00", "64.00",
             packs=(("Box of 6", 6),)),
    medicine("PR118", "Ibuprofen 400 mg, 100 tablets", "Kinapharma", "31.50", "26.80",
             colour="#a8324a"),
    medicine("PR140", "Artemether and lumefantrine 20/120 mg, 24 tablets", "Ernest", "28.00",
             "23.40", colour="#4b7f2c"),
    medicine("PR163", "Cetirizine 10 mg, 30 tablets", "Tobinco", "12.90", "10.20"),
    medicine("PR177", "Omeprazole 20 mg, 28 capsules", "Tobinco", "19.80", "16.10",
             colour="#7c3aad"),
    medicine("PR181", "Metformin 500 mg, 84 tablets", "Ernest", "24.60", "20.30"),
    medicine("PR204", "Amlodipine 5 mg, 28 tablets", "Ernest", "14.40", "11.75", colour="#0e7490"),
    medicine("PR212", "Oral rehydration salts, box of 50", "", "48.00", "41.25", shape="packet",
             colour="#d97706"),
    medicine("PR219", "Zinc sulphate 20 mg dispersible, 100 tablets", "", "22.00", "18.90",
             colour="#64748b"),
    medicine("PR231", "Cough syrup with honey, 125 ml", "Tobinco", "18.50", "15.20",
             shape="bottle", colour="#92400e"),
    medicine("PR245", "شراب باراسيتامول للأطفال 100 مل", "Kinapharma", "16.20", "13.40",
             shape="bottle", colour="#db2777"),
    Article("PR330", "Surgical gloves, box of 100", "Clinic supplies", "Medline", "64.00",
            "55.90", "gloves", "#3b82c4", (("Carton of 10", 10),), TAXED),
    Article("PR334", "Gauze swabs 10 × 10 cm, sterile, 5 pieces", "Clinic supplies", "Medline",
            "3.60", "2.75", "packet", "#94a3b8", (("Box of 50", 50),), TAXED),
    Article("PR338", "Digital thermometer", "Clinic supplies", "Omron", "45.00", "36.50", "tube",
            "#0f766e", (), TAXED, reorder=8),
    Article("PR341", "Blood pressure monitor, upper arm, with adaptor and two cuffs (22–42 cm)",
            "Clinic supplies", "Omron", "389.00", "342.00", "carton", "#475569", (), TAXED,
            reorder=3),
    Article("PR360", "Baby cereal with milk, 400 g", "Mother and baby", "Cerelac", "38.90",
            "33.20", "can", "#d97706", ((CARTON, 12),), TAXED, expires=True),
    Article("PR364", "Nappies size 3, 44 pieces", "Mother and baby", "Softcare", "72.50",
            "63.10", "carton", "#0ea5b7", (("Bale", 6),), TAXED),
)
FOOD: Final = (
    food("FD010", "Rice, long grain, 50 kg", "Grain and flour", "Royal Feast", "665.00",
         "612.00", shape="sack", colour="#b45309", reorder=40),
    food("FD011", "Rice, jasmine, 5 kg", "Grain and flour", "Royal Feast", "92.00", "82.50",
         shape="sack", colour="#4d7c0f", packs=(("Bale", 5),)),
    food("FD014", "Maize, yellow, loose", "Grain and flour", "", "6.80", "5.90", unit="kg",
         shape="sack", colour="#ca8a04", packs=(("Sack", 50),), reorder=200),
    food("FD016", "Wheat flour, 25 kg", "Grain and flour", "Golden Stool Mills", "318.00",
         "289.00", shape="sack", colour="#a16207"),
    food("FD018", "Gari, white, loose", "Grain and flour", "", "9.50", "8.10", unit="kg",
         shape="sack", colour="#a8a29e", reorder=100),
    food("FD019", "ጤፍ፣ ነጭ፣ 10 ኪ.ግ", "Grain and flour", "", "168.00", "149.00", shape="sack",
         colour="#78716c"),
    food("FD022", "Sunflower oil, 20 l", "Oil and sugar", "Frytol", "539.00", "489.99",
         shape="can", colour="#ca8a04"),
    food("FD023", "Sunflower oil, 1 l", "Oil and sugar", "Frytol", "29.90", "26.10",
         shape="bottle", colour="#d4a106", packs=((CARTON, 12),), reorder=60),
    food("FD024", "Palm oil, loose", "Oil and sugar", "", "24.00", "20.50", unit="l",
         shape="bottle", colour="#c2410c", packs=(("Drum", 200),)),
    food("FD031", "Sugar, 25 kg", "Oil and sugar", "Dangote", "329.00", "298.50", shape="sack",
         colour="#64748b"),
    food("FD033", "Sugar cubes, 500 g", "Oil and sugar", "St Louis", "14.90", "12.60",
         shape="packet", colour="#1d4ed8", packs=((CARTON, 20),), taxes=TAXED),
    food("FD041", "Evaporated milk, 160 g", "Tins and jars", "Ideal", "7.20", "6.15",
         shape="can", colour="#1d4ed8", packs=((CARTON, 48),), taxes=TAXED, reorder=96),
    food("FD044", "Milk powder, 2.5 kg", "Tins and jars", "Nido", "198.00", "176.80",
         shape="can", colour="#ca8a04", taxes=TAXED),
    food("FD046", "Mackerel in tomato sauce, 155 g", "Tins and jars", "Geisha", "11.40", "9.80",
         shape="can", colour="#b91c1c", packs=((CARTON, 50),), taxes=TAXED, reorder=100),
    food("FD048", "Tomato paste, 210 g", "Tins and jars", "Gino", "5.90", "4.95", shape="can",
         colour="#dc2626", packs=((CARTON, 24), ("Pallet", 1440)), taxes=TAXED, reorder=120),
    food("FD051", "Instant coffee, 50 g", "Spices and tea", "Nescafé", "21.80", "18.70",
         shape="can", colour="#7f1d1d", taxes=TAXED),
    food("FD053", "Black tea, 100 bags", "Spices and tea", "Lipton", "24.50", "20.90",
         shape="packet", colour="#ca8a04", packs=((CARTON, 24),), taxes=TAXED),
    food("FD055", "老干妈风味豆豉油制辣椒 280克", "Spices and tea", "老干妈", "32.00", "27.50", shape="can",
         colour="#991b1b", packs=((CARTON, 24),), taxes=TAXED),
)
OTHERS: Final = (
    goods("DR004", "Bottled water, 24 x 500 ml", "Water", "Voltic", "38.40", "33.60",
          shape="bottle", colour="#0284c7", expires=True, reorder=60),
    goods("DR005", "Bottled water, 1.5 l", "Water", "Voltic", "5.50", "4.60", shape="bottle",
          colour="#0369a1", packs=(("Shrink of 6", 6),), expires=True),
    goods("DR011", "Orange juice, 1 l", "Juice and soda", "Kalyppo", "17.90", "15.10",
          shape="packet", colour="#ea580c", packs=((CARTON, 12),), expires=True),
    goods("DR013", "Malt drink, 330 ml", "Juice and soda", "Malta Guinness", "8.20", "6.90",
          shape="bottle", colour="#57200a", packs=(("Tray", 24),), expires=True, reorder=96),
    goods("DR014", "Cola, 500 ml", "Juice and soda", "Coca-Cola", "7.00", "5.85", shape="bottle",
          colour="#b91c1c", packs=(("Tray", 12),), expires=True),
    goods("HH017", "Laundry soap, carton of 72", "Laundry", "Key Soap", "239.00", "215.40",
          shape="carton", colour="#ca8a04"),
    goods("HH018", "Washing powder, 900 g", "Laundry", "Omo", "26.90", "23.20", shape="packet",
          colour="#1d4ed8", packs=((CARTON, 12),)),
    goods("HH019", "Fabric softener, lavender, 1 l", "Laundry", "Comfort", "31.00", "26.80",
          shape="bottle", colour="#7c3aed"),
    goods("HH023", "Bleach, 1 l", "Cleaning", "Parazone", "18.40", "15.60", shape="bottle",
          colour="#0e7490", packs=((CARTON, 12),)),
    goods("HH024", "Washing-up liquid, lemon, 500 ml", "Cleaning", "Morning Fresh", "16.80",
          "14.10", shape="bottle", colour="#65a30d"),
    goods("HH026", "Mosquito coils, 10 pieces", "Cleaning", "Rambo", "6.50", "5.30",
          shape="packet", colour="#15803d", packs=((CARTON, 60),), reorder=60),
    goods("HH029", "Toilet tissue, 10 rolls", "Cleaning", "Flora", "27.00", "23.40",
          shape="packet", colour="#ec4899", packs=(("Bale", 8),)),
    goods("HH031", "Toothpaste with herbs, 140 g", "Body care", "Pepsodent", "13.90", "11.60",
          shape="tube", colour="#b91c1c", packs=(("Dozen", 12),)),
    goods("HH032", "Shea butter, raw, 500 g", "Body care", "Volta Naturals", "34.00", "28.00",
          shape="can", colour="#a16207", about="From a cooperative of women in Tamale."),
    goods("HH033", "Bath soap, cocoa, 175 g", "Body care", "Volta Naturals", "9.90", "8.10",
          shape="bar", colour="#78350f", packs=((CARTON, 48),)),
    goods("HH034", "Body lotion, 400 ml", "Body care", "Nivea", "48.50", "42.00", shape="bottle",
          colour="#1e3a8a"),
    goods("EL009", "LED bulb 9 W, box of 12", "Light", "Philips", "112.00", "97.20",
          shape="bulb", colour="#eab308"),
    goods("EL011", "LED bulb 15 W, daylight", "Light", "Philips", "19.50", "16.20", shape="bulb",
          colour="#f59e0b", packs=(("Box", 12),)),
    goods("EL014", "Solar lantern with phone charger", "Light", "d.light", "185.00", "159.00",
          shape="can", colour="#0f766e", reorder=6),
    goods("EL021", "Batteries AA, 4 pieces", "Batteries", "Duracell", "22.00", "18.60",
          shape="tube", colour="#7c2d12", packs=(("Box", 20),)),
    goods("EL022", "Batteries D, 2 pieces", "Batteries", "Tiger Head", "9.00", "7.40",
          shape="tube", colour="#b45309", packs=(("Box", 24),)),
    goods("ST051", "Exercise books, 80 pages, 120 pieces", "School and office", "Epack",
          "298.00", "264.00", shape="book", colour="#1d4ed8", reorder=10),
    goods("ST052", "Exercise book, 80 pages", "School and office", "Epack", "3.00", "2.35",
          shape="book", colour="#15803d", packs=(("Bundle", 12), (CARTON, 120)), reorder=240),
    goods("ST055", "Ballpoint pens, blue, 50 pieces", "School and office", "Bic", "55.00",
          "46.50", shape="tube", colour="#1e40af"),
    goods("ST058", "Copy paper A4, 80 g, 500 sheets", "School and office", "Double A", "62.00",
          "54.80", shape="carton", colour="#0e7490", packs=(("Box", 5),)),
    goods("SV001", "Delivery within Greater Accra", "School and office", "", "60.00", "45.00",
          kind="service", about="One trip with the small van, the same or the next day."),
)
# fmt: on
PRODUCTS: Final[tuple[Article, ...]] = (*PHARMACY, *FOOD, *OTHERS)
# fmt: off
STUDIO: Final = (
    Article("VK-85", "Visitenkarten, 250 Stück", "Drucksachen", "", "89.00", "", "packet",
            "#334155", taxes=("USt",)),
    Article("PL-A2", "Plakat A2, gefalzt", "Drucksachen", "", "14.50", "", "packet", "#b45309",
            taxes=("USt",)),
    Article("BU-01", "Kinderbuch „Der kleine Leuchtturm“", "Drucksachen", "", "18.00", "",
            "book", "#0369a1", taxes=("USt7",)),
    Article("GE-H", "Gestaltung", "Leistungen", "", "95.00", "", taxes=("USt",), unit="h",
            kind="service"),
    Article("FO-H", "Fotografie im Studio, mit Bearbeitung und Nutzungsrechten für ein Jahr",
            "Leistungen", "", "120.00", "", taxes=("USt",), unit="h", kind="service"),
)
SUPPLIERS: Final[tuple[dict[str, Any], ...]] = (
    {"name": "Ernest Chemists Ltd", "contact_person": "Josephine Quaye", "country": "GH",
     "email": "orders@ernest.example", "phone": "+233302251234", "lead_days": 3,
     "address": "Ring Road South\nAccra", "minimum_order": 2000},
    {"name": "Kinapharma Limited", "contact_person": "Kwesi Amoah", "country": "GH",
     "phone": "+233302412345", "lead_days": 4, "terms_days": 45},
    {"name": "Tema Rice and Sugar Importers Company", "contact_person": "Mr Haruna Iddrisu",
     "country": "GH", "phone": "+233303204567", "lead_days": 10, "terms_days": 14,
     "minimum_order": 15000, "notes": "Calls before a ship comes in; prices hold for a week."},
    {"name": "Voltic Ghana", "contact_person": "Sales desk", "country": "GH", "lead_days": 2,
     "email": "depot@voltic.example"},
    {"name": "Guangzhou Everlight Trading 广州永明贸易有限公司", "contact_person": "Lin Wei",
     "country": "CN", "currency": "USD", "lead_days": 60, "terms_days": 0,
     "email": "lin.wei@everlight.example", "minimum_order": 8000},
    {"name": "Müller Medizintechnik GmbH", "contact_person": "Annegret Müller", "country": "DE",
     "currency": "EUR", "lead_days": 30, "email": "export@mueller-med.example",
     "phone": "+4930901820"},
    {"name": "Tamale Shea Women's Cooperative", "contact_person": "Amina Alhassan",
     "country": "GH", "phone": "+233372023456", "lead_days": 7, "terms_days": 7},
    {"name": "Unilever Distributor Osu", "contact_person": "Daniel Tetteh", "country": "GH",
     "lead_days": 2, "terms_days": 21, "minimum_order": 1000},
)
# fmt: on
