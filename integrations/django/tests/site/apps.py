from django.apps import AppConfig


class Forum(AppConfig):
    name = "tests.site"
    label = "forum"
    default_auto_field = "django.db.models.BigAutoField"
