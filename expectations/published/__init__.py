"""The published door: one suite module for each table that others build on."""
