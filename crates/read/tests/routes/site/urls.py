"""Every form in which the patterns of a site are commonly written."""

from django.conf import settings
from django.conf.urls.i18n import i18n_patterns
from django.conf.urls.static import static
from django.contrib import admin
from django.contrib.auth import views as auth_views
from django.contrib.auth.decorators import login_required
from django.urls import include, path, re_path
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt
from django.views.generic import RedirectView, TemplateView

import shop.views
from shop import feeds
from shop.views import Basket as BasketView

API = "api"
VERSION = f"{API}/v2"

extra_patterns = [
    path("reports/", shop.views.reports, name="reports"),
    path("reports/<int:pk>/", view=shop.views.reports),
]

urlpatterns = [
    path(f"{settings.ADMIN_PATH}/", admin.site.urls),
    path("login/", auth_views.LoginView.as_view(), name="login"),
    path("basket/", login_required(BasketView.as_view()), name="basket"),
    path("hook/", csrf_exempt(shop.views.hook)),
    path("shop/", include("shop.urls")),
    path("feeds/", include((feeds.urlpatterns, "feeds"))),
    path(VERSION + "/", include("api.urls", namespace="v2")),
    path("accounts/", include("allauth.account.urls")),
    path("auth/", include("django.contrib.auth.urls")),
    path("extra/", include(extra_patterns)),
    path("inner/", include([path("one/", shop.views.one), path("two/", shop.views.one)])),
    re_path(r"^legacy/(?P<slug>[\w-]+)/$", shop.views.one, name="legacy"),
    path("", TemplateView.as_view(template_name="home.html"), name="home"),
    path("about", RedirectView.as_view(url="/"), name="about"),
]

urlpatterns += [path("added/", shop.views.one)]
urlpatterns.append(path("appended/", shop.views.one))
urlpatterns.extend([path("extended/", shop.views.one)])
urlpatterns = urlpatterns + extra_patterns

if settings.DEBUG:
    urlpatterns += [path("debug/", shop.views.one)]
else:
    urlpatterns += [path("released/", shop.views.one)]

if "debug_toolbar" in settings.INSTALLED_APPS:
    urlpatterns += [path("__debug__/", shop.views.one)]

if settings.USE_API and not settings.DEBUG:
    urlpatterns += [path("only-with-api/", shop.views.one)]

urlpatterns += static(settings.MEDIA_URL, document_root="media")
urlpatterns += i18n_patterns(
    path(_("contact/"), shop.views.one, name="contact"),
    prefix_default_language=False,
)
