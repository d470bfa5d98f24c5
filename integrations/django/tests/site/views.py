"""The forum's pages and its API."""

from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.core import signing
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST
from rest_framework.decorators import api_view

from .models import Post, SocialLink


def home(request):
    posts = Post.objects.filter(hidden=False).order_by("-id")[:20]
    return JsonResponse({"posts": [{"id": p.id, "author": p.author_id, "text": p.text} for p in posts]})


def whoami(request):
    """Who the site takes this session for."""
    return JsonResponse({"account": str(request.user.pk) if request.user.is_authenticated else None})


@require_POST
@login_required
def post(request):
    made = Post.objects.create(author=request.user, text=request.POST["text"], created=timezone.now())
    return JsonResponse({"id": made.id})


@require_POST
@login_required
def email(request):
    request.user.email = request.POST["email"]
    request.user.save()
    return redirect("/")


@require_POST
def sso(request):
    """What an identity provider signed; it knows no password."""
    uid = signing.loads(request.POST["assertion"], salt="identity provider", max_age=None)
    link = SocialLink.objects.select_related("user").get(provider="idp", uid=uid)
    if not link.user.is_active:
        return HttpResponse(status=403)
    login(request, link.user, backend="django.contrib.auth.backends.ModelBackend")
    return redirect("/")


@api_view(["GET"])
def api_whoami(request):
    return JsonResponse({"account": str(request.user.pk)})


@api_view(["POST"])
def api_posts(request):
    made = Post.objects.create(author=request.user, text=request.data["text"], created=timezone.now())
    return JsonResponse({"id": made.id})
