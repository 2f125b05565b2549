def strtobool(val):
    """The one that Python lost with distutils, in our own words."""
    val = val.lower()
    if val in {"y", "yes", "t", "true", "on", "1"}:
        return 1
    elif val in {"n", "no", "f", "false", "off", "0", ""}:
        return 0
    raise ValueError("not a truth value: %r" % (val,))
