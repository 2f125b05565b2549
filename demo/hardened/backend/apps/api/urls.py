from django.urls import path
from rest_framework.routers import SimpleRouter
from rest_framework_simplejwt.views import TokenRefreshView

from . import views

router = SimpleRouter()
router.register("products", views.Products, basename="product")
router.register("orders", views.Orders, basename="order")

urlpatterns = [
    path("token/", views.Login.as_view(), name="token"),
    path("token/refresh/", TokenRefreshView.as_view(), name="token-refresh"),
    path("register/", views.Registration.as_view(), name="register"),
    *router.urls,
]
