"""What runs. Empty on purpose: a dashboard must be able to use `lib` without loading Dagster."""
