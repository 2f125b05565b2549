"""A small Django site. SITE names, as JSON, what this one does otherwise than well."""

import json
import os

import django
from django.conf import settings
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse
from django.urls import include, path

site = json.loads(os.environ["SITE"])
login = site.get("login", "axes")

LOGIN = """<!doctype html><title>Login</title>{% if form.errors %}{{ form.non_field_errors }}{% endif %}
<form method="post">{% csrf_token %}{{ form.username }}{{ form.password }}
<input type="submit" value="Log in"></form>"""

apps = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
]
middleware = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
backends = ["django.contrib.auth.backends.ModelBackend"]
if site.get("packed"):
    middleware.insert(0, "django.middleware.gzip.GZipMiddleware")
if site.get("translated"):
    middleware.insert(2, "django.middleware.locale.LocaleMiddleware")
if not site.get("csrf", True):
    middleware.remove("django.middleware.csrf.CsrfViewMiddleware")
if login == "axes":
    apps.append("axes")
    middleware.append("axes.middleware.AxesMiddleware")
    backends.insert(0, "axes.backends.AxesStandaloneBackend")
if login == "allauth":
    apps += ["allauth", "allauth.account", "allauth.headless"]
    middleware.append("allauth.account.middleware.AccountMiddleware")
    backends.append("allauth.account.auth_backends.AuthenticationBackend")

settings.configure(
    **{
        "SECRET_KEY": "a key that only this test knows, 0123456789",
        "ALLOWED_HOSTS": ["*"],
        "ROOT_URLCONF": __name__,
        "INSTALLED_APPS": apps,
        "MIDDLEWARE": middleware,
        "AUTHENTICATION_BACKENDS": backends,
        # One that costs nothing.
        "PASSWORD_HASHERS": ["django.contrib.auth.hashers.MD5PasswordHasher"],
        "DATABASES": {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "db.sqlite3"}},
        "DEFAULT_AUTO_FIELD": "django.db.models.BigAutoField",
        "SECURE_PROXY_SSL_HEADER": ("HTTP_X_FORWARDED_PROTO", "https"),
        "CSRF_COOKIE_SECURE": True,
        "SESSION_COOKIE_SECURE": True,
        "STATIC_URL": "/static/",
        "AXES_FAILURE_LIMIT": 5,
        "REST_FRAMEWORK": {
            "DEFAULT_AUTHENTICATION_CLASSES": [],
            "DEFAULT_PERMISSION_CLASSES": [],
            "UNAUTHENTICATED_USER": None,
        },
        "TEMPLATES": [
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "OPTIONS": {
                    "loaders": [
                        ("django.template.loaders.locmem.Loader", {"registration/login.html": LOGIN}),
                        "django.template.loaders.app_directories.Loader",
                    ],
                    "context_processors": [
                        "django.template.context_processors.request",
                        "django.contrib.auth.context_processors.auth",
                        "django.contrib.messages.context_processors.messages",
                    ],
                },
            }
        ],
        **site.get("settings", {}),
    }
)
django.setup()
call_command("migrate", verbosity=0)

from django.contrib import admin  # noqa: E402 (after the setup)
from django.contrib.auth import login as auth_login  # noqa: E402
from django.contrib.auth.decorators import login_required  # noqa: E402
from django.contrib.auth.forms import AuthenticationForm  # noqa: E402
from django.middleware.csrf import get_token  # noqa: E402
from django.shortcuts import render  # noqa: E402
from django.utils.crypto import get_random_string  # noqa: E402
from django.utils.html import escape  # noqa: E402
from rest_framework import serializers  # noqa: E402
from rest_framework.authtoken.views import obtain_auth_token  # noqa: E402
from rest_framework.generics import GenericAPIView  # noqa: E402
from rest_framework.response import Response  # noqa: E402
from rest_framework.views import APIView  # noqa: E402
from rest_framework_simplejwt.views import TokenObtainPairView  # noqa: E402


def careless_login(request):
    """A view of the project's own, as Django's is protected whatever the middleware says."""
    form = AuthenticationForm(request, data=request.POST or None)
    if form.is_valid():
        auth_login(request, form.get_user())
    return render(request, "registration/login.html", {"form": form})


def visitor(request):
    """Whom one proxy saw: what django-ipware finds out, for environments without it."""
    return request.META["HTTP_X_FORWARDED_FOR"].split(",")[-1].strip()


def find(request):
    """Repeats what is sought beside a token of the session, which Django masks unless `token` is kept."""
    token = request.session.setdefault("form_token", get_random_string(32))
    if site.get("token") != "kept":
        token = get_token(request)
    orders = "".join(f"<li>Order {number} of the harbour shop</li>" for number in range(20))
    sought = escape(request.GET.get("q", "nothing"))
    return HttpResponse(
        f'<!doctype html><title>Find</title><form method="post"><input type="hidden" name="form_token"'
        f' value="{token}"></form><ul>{orders}</ul><p>You sought {sought}.'
    )


def account(request):
    return HttpResponse("<!doctype html><title>Your account</title>")


class Credentials(serializers.Serializer):
    """As dj-rest-auth asks: one or the other, and which one it does not tell."""

    username = serializers.CharField(required=False)
    email = serializers.EmailField(required=False)
    password = serializers.CharField()

    def validate(self, attrs):
        if not (attrs.get("username") or attrs.get("email")):
            raise serializers.ValidationError('Must include "username" or "email".')
        raise serializers.ValidationError("Unable to log in with provided credentials.")


class Session(GenericAPIView):
    serializer_class = Credentials

    def post(self, request):
        self.get_serializer(data=request.data).is_valid(raise_exception=True)


class Orders(APIView):
    def get(self, request):
        return Response([])


urlpatterns = [
    *([] if site.get("csrf", True) else [path("accounts/login/", careless_login)]),
    path("", lambda request: HttpResponse("<!doctype html><title>Shop</title>")),
    path("find/", find),
    # As an older release has it where it is open.
    path("account/", account if site.get("open") else login_required(account)),
    path("api/orders/", Orders.as_view()),
    path("api/token/", TokenObtainPairView.as_view()),
    path("api/key/", obtain_auth_token),
    path("api/session/", Session.as_view()),
    path("admin/", admin.site.urls),
]
if login == "allauth":
    urlpatterns.append(path("_allauth/", include("allauth.headless.urls")))
if site.get("forms", True):
    pages = "allauth.urls" if login == "allauth" else "django.contrib.auth.urls"
    urlpatterns.append(path("accounts/", include(pages)))
application = get_wsgi_application()
