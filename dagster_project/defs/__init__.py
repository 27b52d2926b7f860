"""Assets, checks, jobs: what Dagster shows and runs; the work is in `lib` and `ingestion`."""

import warnings

import dagster as dg

# Single-run backfills and partitioned checks are marked as not final in Dagster, and its version is
# pinned for it; the user who sees the warning can do nothing about it.
warnings.filterwarnings("ignore", category=dg.BetaWarning)
warnings.filterwarnings("ignore", category=dg.PreviewWarning)
