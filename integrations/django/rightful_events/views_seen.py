"""Views that Django and its companions give no signal for: reset links asked for and followed, tokens fetched."""

from django.contrib.auth.forms import PasswordResetForm
from django.contrib.auth.views import PasswordResetConfirmView, PasswordResetView
from django.utils.http import urlsafe_base64_decode

from . import contacts
from .record import address, hashed, record, token_key, token_name
from .safety import never_raises


@never_raises
def after_view(request, response):
    """Looks at what was answered by which view."""
    match = getattr(request, "resolver_match", None)
    if match is None or request.method != "POST":
        return
    view = getattr(match.func, "view_class", None) or getattr(match.func, "cls", None)
    if not isinstance(view, type):
        return
    if issubclass(view, PasswordResetView) and response.status_code == 302:
        for user in PasswordResetForm().get_users(request.POST.get("email", "")):
            record("recovery_request", request, user, at_once=True)
    elif issubclass(view, PasswordResetConfirmView) and response.status_code == 302:
        # who set a password by a mailed link has read that mailbox
        contacts.proved(urlsafe_base64_decode(match.kwargs["uidb64"]).decode())
    elif response.status_code == 200 and view.__name__.endswith("ObtainAuthToken"):
        _token_fetched(request, response)


def _token_fetched(request, response):
    """A password was right and a token given out, perhaps one that was there before: that is a sign-in."""
    from rest_framework.authtoken.models import Token

    key = getattr(response, "data", {}).get("token")
    token = Token.objects.select_related("user").filter(key=key).first() if key else None
    if token is not None:
        record(
            "login",
            request,
            token.user,
            at_once=True,
            outcome="success",
            app=token_name(token),
            session=hashed(token_key(token)),
            device=None,
            ip=address(request.META),
        )
