from django.conf import settings
from django.db import models


class Post(models.Model):
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    text = models.TextField()
    hidden = models.BooleanField(default=False)
    created = models.DateTimeField()


class SocialLink(models.Model):
    """Who signs in by somebody else's word; the table and columns are those of the usual package."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    provider = models.CharField(max_length=32)
    uid = models.CharField(max_length=255)

    class Meta:
        db_table = "social_auth_usersocialauth"
