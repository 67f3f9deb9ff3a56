"""Prefect flows, deployments and schedules, and the command line."""
