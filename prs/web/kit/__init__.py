"""What every workspace is made of: access, parts, lists, forms, errors."""
