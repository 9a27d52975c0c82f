"""Writes of customers. What callers outside need most stands here; the rest in its own module."""

from prs.masterdata.parties.services.customers import (
    CodeTaken,
    ImportedCustomer,
    PhoneWrong,
    SecondPhoneWrong,
    TaxNumberWrong,
    add,
    change,
    hand_over,
    seed_walk_in,
    set_credit,
    take_from_import,
)
from prs.masterdata.parties.services.feedback import ask_feedback

__all__ = [
    "CodeTaken",
    "ImportedCustomer",
    "PhoneWrong",
    "SecondPhoneWrong",
    "TaxNumberWrong",
    "add",
    "ask_feedback",
    "change",
    "hand_over",
    "seed_walk_in",
    "set_credit",
    "take_from_import",
]
