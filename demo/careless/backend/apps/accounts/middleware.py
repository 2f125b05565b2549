from django.conf import settings
from django.http import HttpResponseForbidden


class OfficeOnlyAdminMiddleware:
    """The admin pages open from the office only.

    Behind nginx REMOTE_ADDR is always nginx itself; the visitor is the first address in the list.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        forwarded = request.META.get("HTTP_X_FORWARDED_FOR", request.META["REMOTE_ADDR"])
        address = forwarded.split(",")[0].strip()
        if request.path.startswith("/admin/") and address not in settings.OFFICE_ADDRESSES:
            return HttpResponseForbidden("The admin pages open from the office only.")
        return self.get_response(request)


def show_toolbar(request):
    # the toolbar only works with DEBUG anyway
    return True
