"""What comes in: contracts, landing, raw and quarantine."""
