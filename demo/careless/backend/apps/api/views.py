from rest_framework import generics, viewsets

from apps.orders.models import Order, Product

from .serializers import OrderSerializer, ProductSerializer, RegisterSerializer


class RegisterView(generics.CreateAPIView):
    serializer_class = RegisterSerializer


class ProductViewSet(viewsets.ModelViewSet):
    queryset = Product.objects.all()
    serializer_class = ProductSerializer


class OrderViewSet(viewsets.ModelViewSet):
    # the app only asks for the customer's own orders
    queryset = Order.objects.all()
    serializer_class = OrderSerializer
