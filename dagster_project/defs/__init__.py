"""Assets, checks, jobs: what Dagster shows and runs; the work is in `lib` and `ingestion`."""
