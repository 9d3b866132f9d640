"""Flows with capacity; trade; the coupling of both."""
