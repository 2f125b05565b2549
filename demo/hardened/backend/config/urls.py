from django.contrib import admin
from django.urls import include, path

from config.views import healthz

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    # nginx lets only the team's VPN reach this one.
    path("control/", admin.site.urls),
    path("accounts/", include("allauth.account.urls")),
    path("api/v1/", include("apps.api.urls")),
    path("payments/", include("apps.payments.urls")),
    path("", include("apps.orders.urls")),
]
