"""The engines behind one small interface, and dbt run inside this process."""

from dagster_project.lib.warehouse.protocol import TableSpec, Warehouse

__all__ = ["TableSpec", "Warehouse"]
