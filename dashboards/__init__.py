"""What people see: read-only pages over the published snapshot."""
