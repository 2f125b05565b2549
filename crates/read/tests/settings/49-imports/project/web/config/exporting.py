__all__ = ("EXPORTED", "also_lower")
__all__ += tuple(["COMPUTED"])
EXPORTED = [1]
NOT_EXPORTED = 2
also_lower = "x"
COMPUTED = len(__all__)
