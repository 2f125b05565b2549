VERSION = (1, 4, "final")


def text():
    return ".".join(map(str, VERSION[:2])) + ("" if VERSION[2] == "final" else VERSION[2])
