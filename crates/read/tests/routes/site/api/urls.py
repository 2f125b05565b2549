from django.urls import include, path
from rest_framework import routers

from . import views

app_name = "api"

router = routers.SimpleRouter()
router.register("products", views.Products, basename="product")
router.register(r"shops/(?P<shop>\d+)/products", viewset=views.Products, basename="of-a-shop")

urlpatterns = [
    path("", include(router.urls)),
    path("session/", include("rest_framework.urls")),
]
