import debug_toolbar
from django.conf import settings
from django.conf.urls.static import static
from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("accounts/", include("allauth.account.urls")),
    path("api/", include("apps.api.urls")),
    path("payments/", include("apps.payments.urls")),
    path("__debug__/", include(debug_toolbar.urls)),
    path("", include("apps.orders.urls")),
    *static(settings.MEDIA_URL, document_root=settings.MEDIA_ROOT),
]
