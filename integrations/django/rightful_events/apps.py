"""Connects the signals when the site starts."""

from django.apps import AppConfig


class RightfulEvents(AppConfig):
    name = "rightful_events"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        from . import conf, signals

        conf.check()
        signals.connect()
