def username_of(request, credentials=None):
    """The name under which axes counts an attempt, whichever form or endpoint it came through."""
    credentials = credentials or {}
    name = credentials.get("email") or credentials.get("username")
    if not name and request is not None:
        name = request.POST.get("login") or request.POST.get("username")
    return name.lower() if name else None
