"""Plain Python that does the work; never imports Dagster."""
