"""What Django and its usual companions say by signals, made into events."""

from django.apps import apps
from django.contrib.auth import get_user_model, hashers
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db import transaction
from django.db.models.signals import post_delete, post_save, pre_save

from . import conf, contacts
from .clock import now_ms
from .record import actor_key, current_request, hashed, record, token_name
from .safety import never_raises

TOKEN_MODELS = [("authtoken", "Token"), ("knox", "AuthToken")]


def connect():
    """Called once, when the site starts."""
    user_logged_in.connect(_logged_in, dispatch_uid="rightful_events")
    user_logged_out.connect(_logged_out, dispatch_uid="rightful_events")
    user_login_failed.connect(_login_failed, dispatch_uid="rightful_events")
    user = get_user_model()
    pre_save.connect(_before_user, sender=user, dispatch_uid="rightful_events")
    post_save.connect(_after_user, sender=user, dispatch_uid="rightful_events")
    post_delete.connect(_user_gone, sender=user, dispatch_uid="rightful_events")
    for label, name in TOKEN_MODELS:
        if apps.is_installed({"authtoken": "rest_framework.authtoken"}.get(label, label)):
            model = apps.get_model(label, name)
            post_save.connect(_token_made, sender=model, dispatch_uid="rightful_events")
            post_delete.connect(_token_gone, sender=model, dispatch_uid="rightful_events")
    for label, how in conf.get("MODELS").items():
        _watch(apps.get_model(label), label, how)


@never_raises
def _logged_in(sender, request, user, **_):
    record("login", request, user, outcome="success")


@never_raises
def _logged_out(sender, request, user, **_):
    if user is not None:
        record("logout", request, user)


@never_raises
def _login_failed(sender, credentials, request=None, **_):
    """Only for an account that exists: what was typed may be anything, a password even."""
    model = get_user_model()
    name = credentials.get(model.USERNAME_FIELD) or credentials.get("username")
    if not name:
        return
    with transaction.atomic():
        user = model._default_manager.filter(**{model.USERNAME_FIELD: name}).first()
    if user is not None:
        record("login", request, user, at_once=True, outcome="failure")


@never_raises
def _before_user(sender, instance, raw=False, update_fields=None, using=None, **_):
    """Reads what is about to be replaced."""
    instance._rightful_before = None
    email = _email_field(sender)
    if raw or not instance.pk or (update_fields is not None and not {"password", email} & set(update_fields)):
        return
    # a savepoint: a failing read must not spoil the site's own transaction
    with transaction.atomic(using=using):
        before = sender._default_manager.using(using).filter(pk=instance.pk).values("password", email).first()
    if before:
        # where a change is made with set_password, Django holds the new password until it is saved
        instance._rightful_before = (before["password"], before[email] or "", instance._password is not None)


@never_raises
def _after_user(sender, instance, created, raw=False, update_fields=None, **_):
    if raw:
        return
    if created:
        if contacts.email_of(instance):
            contacts.changed(instance.pk, contacts.email_of(instance))
        return
    before, instance._rightful_before = getattr(instance, "_rightful_before", None), None
    if before is None:
        return
    password, email, was_set = before
    touched = set(update_fields) if update_fields is not None else None
    if password != instance.password and (touched is None or "password" in touched):
        if _is_rehash(password, instance.password, was_set, touched):
            _note_rehash(instance, password)
        else:
            record("password_change", None, instance, initiator=_initiator(instance))
    now = contacts.email_of(instance)
    if email != now and (touched is None or _email_field(sender) in touched):
        previous = email if conf.get("PLAIN_CONTACTS") else hashed(email)
        record("email_change", None, instance, previous=previous if email else None, initiator=_initiator(instance))
        contacts.changed(instance.pk, now)


def _is_rehash(before, after, was_set, touched):
    """Django renews a hash at sign-in by saving it alone, without a password set, and only where it was out of date."""
    if was_set or touched != {"password"} or not hashers.is_password_usable(before):
        return False
    try:
        old, preferred = hashers.identify_hasher(before), hashers.get_hasher("default")
        fresh = hashers.identify_hasher(after)
    except ValueError:
        return False
    stale = old.algorithm != preferred.algorithm or preferred.must_update(before)
    return stale and fresh.algorithm == preferred.algorithm and not preferred.must_update(after)


def _note_rehash(user, before):
    from .models import Rehash

    with transaction.atomic():
        Rehash.objects.create(
            user_id=str(user.pk),
            before=contacts.fingerprint(user.pk, before),
            after=contacts.fingerprint(user.pk, user.password),
            at=now_ms(),
        )


@never_raises
def _user_gone(sender, instance, **_):
    from .models import Contact, Rehash

    with transaction.atomic():
        Contact.objects.filter(user_id=str(instance.pk)).delete()
        Rehash.objects.filter(user_id=str(instance.pk)).delete()


@never_raises
def _token_made(sender, instance, created, raw=False, **_):
    if created and not raw:
        record("app_authorize", None, instance.user, object=token_name(instance), initiator=_initiator(instance.user))


@never_raises
def _token_gone(sender, instance, **_):
    record("app_revoke", None, instance.user, object=token_name(instance), initiator=_initiator(instance.user))


def _watch(model, label, how):
    """New rows of the site's own models are events: their object is `forum.post:17`."""
    kind, owner, text = how.get("kind", "post"), how["owner"], how.get("text")
    name = label.lower()

    @never_raises
    def made(sender, instance, created, raw=False, **_):
        if created and not raw:
            user = getattr(instance, owner)
            words = getattr(instance, text) if text else None
            record(kind, None, user, object=f"{name}:{instance.pk}", text=words, initiator=_initiator(user))

    @never_raises
    def gone(sender, instance, **_):
        user = getattr(instance, owner)
        record("delete_post", None, user, object=f"{name}:{instance.pk}", initiator=_initiator(user))

    post_save.connect(made, sender=model, weak=False, dispatch_uid=f"rightful_events:{name}")
    if kind == "post":
        post_delete.connect(gone, sender=model, weak=False, dispatch_uid=f"rightful_events:{name}")


def _initiator(user):
    """Whose act it was: the user's own (None, the default), a colleague's in the admin, or the system's."""
    request = current_request.get()
    if request is None:
        return "system"
    actor = actor_key(request)
    return "admin" if actor is not None and actor != str(getattr(user, "pk", None)) else None


def _email_field(model):
    return model.get_email_field_name() if hasattr(model, "get_email_field_name") else "email"
