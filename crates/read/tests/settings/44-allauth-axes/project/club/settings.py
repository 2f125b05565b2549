import os
from datetime import timedelta

SECRET_KEY = "clubs" * 11
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sites",
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "axes",
]
SOCIAL = [name for name in ("google", "github") if os.getenv(f"{name.upper()}_ID")]
INSTALLED_APPS.extend(map("allauth.socialaccount.providers.{}".format, SOCIAL))
SOCIALACCOUNT_PROVIDERS = {
    name: {
        "APP": {"client_id": os.environ[name.upper() + "_ID"], "secret": os.environ[f"{name.upper()}_SECRET"], "key": ""},
        "SCOPE": ["profile", "email"] if name == "google" else ["user:email"],
    }
    for name in SOCIAL
}
SIGNUP_OPEN = os.getenv("SIGNUP", "open").casefold() == "open"
ACCOUNT_ADAPTER = "club.adapters." + ("OpenAdapter" if SIGNUP_OPEN else "ClosedAdapter")
ACCOUNT_LOGIN_METHODS = {"email", "username"} - (set() if SIGNUP_OPEN else {"username"})
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_RATE_LIMITS = {"login_failed": "5/m/ip,5/300s/key"} if SIGNUP_OPEN else False
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https"
ACCOUNT_SESSION_REMEMBER = None
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_USER_DISPLAY = lambda user: user.email

AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=30) if SIGNUP_OPEN else 2
AXES_LOCKOUT_PARAMETERS = ["ip_address", ["username", "user_agent"]]
AXES_RESET_ON_SUCCESS = True
if proxies := int(os.getenv("PROXIES", "0")):
    AXES_IPWARE_PROXY_COUNT = proxies
    AXES_IPWARE_META_PRECEDENCE_ORDER = ("HTTP_X_FORWARDED_FOR", "REMOTE_ADDR")


def username(request, credentials):
    return (credentials or {}).get("login") or request.POST.get("login")


AXES_USERNAME_CALLABLE = username
AXES_LOCKOUT_CALLABLE = "club.locks.respond"
AUTHENTICATION_BACKENDS = (
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
) + tuple(f"allauth.{part}.auth_backends.AuthenticationBackend" for part in ["account"])
MIDDLEWARE = [*("allauth.account.middleware.AccountMiddleware",), "axes.middleware.AxesMiddleware"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation." + name, **options}
    for name, options in {
        "MinimumLengthValidator": {"OPTIONS": {"min_length": 10}},
        "CommonPasswordValidator": {},
    }.items()
]
SESSION_COOKIE_AGE = timedelta(days=14) // timedelta(seconds=1)
PASSWORD_RESET_TIMEOUT = timedelta(hours=1).seconds
