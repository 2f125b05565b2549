from inn.settings import *

try:
    from inn.machine import *  # defines __all__
    from inn import machine
    HAS_MACHINE = True
except ImportError:
    HAS_MACHINE = False
NOT_EXPORTED = getattr(machine, "PRIVATE_PART", None)
ROOMS_OF_MACHINE = machine.ROOMS
if DEBUG:
    ROOMS = ROOMS + ["only in debug"]
