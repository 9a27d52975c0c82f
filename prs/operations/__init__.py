"""What people do all day: invoices, payments and what follows from them."""
