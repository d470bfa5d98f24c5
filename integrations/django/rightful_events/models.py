"""What Django does not keep: since when an address is on file, and which hash followed which without a change.

Users are named by the text of their key, so that any user model serves. Moments are milliseconds since 1970 UTC.
"""

from django.db import models


class Contact(models.Model):
    """An address on file from `since` to `until`; for those found at installation it may be older."""

    id = models.BigAutoField(primary_key=True)
    user_id = models.CharField(max_length=64, db_index=True)
    kind = models.CharField(max_length=8, default="mail")
    value = models.CharField(max_length=254)
    since = models.BigIntegerField()
    verified_at = models.BigIntegerField(null=True)
    until = models.BigIntegerField(null=True)


class Rehash(models.Model):
    """Django renewed a stored hash at a sign-in; the password stayed. Fingerprints, never hashes."""

    id = models.BigAutoField(primary_key=True)
    user_id = models.CharField(max_length=64, db_index=True)
    before = models.CharField(max_length=64)
    after = models.CharField(max_length=64)
    at = models.BigIntegerField()
