from django.contrib.auth import views as auth
from django.urls import path
from rest_framework.authtoken.views import obtain_auth_token

from . import views

urlpatterns = [
    path("", views.home),
    path("login", auth.LoginView.as_view(), name="login"),
    path("logout", auth.LogoutView.as_view(), name="logout"),
    path("password/change", auth.PasswordChangeView.as_view(success_url="/"), name="password_change"),
    path("password/reset", auth.PasswordResetView.as_view(success_url="/"), name="password_reset"),
    path(
        "password/reset/<uidb64>/<token>",
        auth.PasswordResetConfirmView.as_view(success_url="/"),
        name="password_reset_confirm",
    ),
    path("whoami", views.whoami),
    path("post", views.post),
    path("email", views.email),
    path("sso", views.sso),
    path("api/token", obtain_auth_token),
    path("api/whoami", views.api_whoami),
    path("api/posts", views.api_posts),
]
