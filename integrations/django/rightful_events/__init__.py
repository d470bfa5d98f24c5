"""Writes the site's account events as JSON Lines (event schema v1); never raises into the site."""

from .record import record

__all__ = ["record"]
