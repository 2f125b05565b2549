from allauth.account.models import EmailAddress
from rest_framework import generics, mixins, viewsets
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework_simplejwt.views import TokenObtainPairView

from apps.orders.models import Order, Product

from .serializers import OrderSerializer, ProductSerializer, RegistrationSerializer


class Login(TokenObtainPairView):
    throttle_scope = "login"


class Registration(generics.CreateAPIView):
    serializer_class = RegistrationSerializer
    permission_classes = [AllowAny]
    throttle_scope = "register"

    def perform_create(self, serializer):
        user = serializer.save()
        EmailAddress.objects.get(user=user).send_confirmation(self.request, signup=True)


class Products(viewsets.ReadOnlyModelViewSet):
    queryset = Product.objects.filter(stock__gt=0)
    serializer_class = ProductSerializer
    lookup_field = "slug"
    # The catalogue is public, in the shop's pages too.
    permission_classes = [AllowAny]


class Orders(
    mixins.CreateModelMixin,
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    viewsets.GenericViewSet,
):
    serializer_class = OrderSerializer
    permission_classes = [IsAuthenticated]

    def get_queryset(self):
        return Order.objects.filter(customer=self.request.user).prefetch_related("lines__product")
