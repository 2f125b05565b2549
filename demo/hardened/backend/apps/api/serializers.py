from allauth.account.models import EmailAddress
from allauth.account.utils import setup_user_email
from django.contrib.auth import get_user_model
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from rest_framework import exceptions, serializers
from rest_framework_simplejwt.serializers import TokenObtainPairSerializer

from apps.orders.models import Order, OrderLine, Product

User = get_user_model()


class RegistrationSerializer(serializers.ModelSerializer):
    password = serializers.CharField(write_only=True, max_length=128)

    class Meta:
        model = User
        fields = ["email", "password"]

    def validate(self, data):
        try:
            validate_password(data["password"], user=User(email=data["email"]))
        except ValidationError as error:
            raise serializers.ValidationError({"password": error.messages}) from error
        return data

    def create(self, data):
        with transaction.atomic():
            user = User.objects.create_user(data["email"], data["password"])
            setup_user_email(self.context["request"], user, [])
        return user


class VerifiedTokenSerializer(TokenObtainPairSerializer):
    """Gives tokens only to those who have shown that the address is theirs."""

    def validate(self, attrs):
        tokens = super().validate(attrs)
        if not EmailAddress.objects.filter(user=self.user, verified=True).exists():
            raise exceptions.AuthenticationFailed("The email address is not verified yet.")
        return tokens


class ProductSerializer(serializers.ModelSerializer):
    class Meta:
        model = Product
        fields = ["slug", "name", "description", "price_pence", "stock"]


class OrderLineSerializer(serializers.ModelSerializer):
    product = serializers.SlugRelatedField("slug", queryset=Product.objects.all())

    class Meta:
        model = OrderLine
        fields = ["product", "quantity", "price_pence"]
        read_only_fields = ["price_pence"]


class OrderSerializer(serializers.ModelSerializer):
    lines = OrderLineSerializer(many=True, allow_empty=False)

    class Meta:
        model = Order
        fields = ["id", "status", "placed_at", "total_pence", "lines"]
        read_only_fields = ["status"]

    def create(self, data):
        with transaction.atomic():
            order = Order.objects.create(customer=self.context["request"].user)
            for line in data["lines"]:
                order.lines.create(price_pence=line["product"].price_pence, **line)
        return order
