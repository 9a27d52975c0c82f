"""What every part stands on: tenancy, activity, identity and the plain modules below them."""
