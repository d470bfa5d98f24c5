"""Django's own hasher with few iterations, so that a test of many sign-ins is short; the form stays Django's."""

import os

from django.contrib.auth.hashers import PBKDF2PasswordHasher


class Fast(PBKDF2PasswordHasher):
    iterations = int(os.environ.get("FORUM_ITERATIONS", "600"))
