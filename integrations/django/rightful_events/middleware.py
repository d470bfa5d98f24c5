"""Gives each request what events tell of it, and the browser a device cookie once it has been used in one."""

import re
import secrets

from asgiref.sync import iscoroutinefunction, sync_to_async
from django.utils.decorators import sync_and_async_middleware

from . import conf
from .record import current_request
from .safety import never_raises
from .views_seen import after_view

DEVICE = re.compile(r"[0-9a-f]{32}\Z")
TWO_YEARS_S = 2 * 365 * 24 * 3600


@sync_and_async_middleware
def events(get_response):
    """Place it directly after SessionMiddleware."""
    if iscoroutinefunction(get_response):

        async def middleware(request):
            began = _begin(request)
            try:
                response = await get_response(request)
            finally:
                current_request.reset(began)
            await sync_to_async(after_view)(request, response)
            _end(request, response)
            return response

    else:

        def middleware(request):
            began = _begin(request)
            try:
                response = get_response(request)
            finally:
                current_request.reset(began)
            after_view(request, response)
            _end(request, response)
            return response

    return middleware


def _begin(request):
    cookie = request.COOKIES.get(conf.get("DEVICE_COOKIE"), "")
    known = DEVICE.match(cookie) is not None
    request.rightful_device = cookie if known else secrets.token_hex(16)
    request.rightful_device_known = known
    request.rightful_device_used = False
    return current_request.set(request)


@never_raises
def _end(request, response):
    if request.rightful_device_used and not request.rightful_device_known:
        response.set_cookie(
            conf.get("DEVICE_COOKIE"),
            request.rightful_device,
            max_age=TWO_YEARS_S,
            httponly=True,
            samesite="Lax",
            secure=request.is_secure(),
        )
