"""Two network namespaces with a line between them that takes a while.

Arguments: the delay of each direction in milliseconds, then a command for the far side, then `--`, then one
for the near side. The far side is 10.99.0.2, the near one 10.99.0.1; each packet waits its time in this
process. Needs root. Ends with the status of the near command.
"""

import ctypes
import fcntl
import heapq
import os
import select
import struct
import subprocess
import sys
import threading
import time

TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 1, 0x1000
CLONE_NEWNET = 0x40000000
libc = ctypes.CDLL(None, use_errno=True)


def end(address, peer, command):
    """A namespace of its own with one end of the line; the command starts when it is told to."""
    ready, go = os.pipe(), os.pipe()
    child = os.fork()
    if child == 0:
        if libc.unshare(CLONE_NEWNET):
            os._exit(9)
        os.write(ready[1], b"x")
        os.read(go[0], 1)
        for line in (
            "ip link set lo up",
            "ip link set line up mtu 1500",
            f"ip addr add {address} peer {peer} dev line",
        ):
            subprocess.run(line.split(), check=True)
        os.execvp(command[0], command)
    os.read(ready[0], 1)
    return child, go[1]


def device(process):
    """The line's end in the namespace of a process: a file that packets are read from and written to."""
    own = os.open("/proc/self/ns/net", os.O_RDONLY)
    there = os.open(f"/proc/{process}/ns/net", os.O_RDONLY)
    assert libc.setns(there, CLONE_NEWNET) == 0
    tun = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(tun, TUNSETIFF, struct.pack("16sH22x", b"line", IFF_TUN | IFF_NO_PI))
    assert libc.setns(own, CLONE_NEWNET) == 0
    return tun


def carry(one, other, delay):
    """Packets of both directions, each after its delay."""
    waiting, count = [], 0
    while True:
        now = time.monotonic()
        while waiting and waiting[0][0] <= now:
            _, _, tun, packet = heapq.heappop(waiting)
            try:
                os.write(tun, packet)
            except OSError:
                pass
        patience = waiting[0][0] - time.monotonic() if waiting else None
        readable, _, _ = select.select([one, other], [], [], max(0, patience) if patience else patience)
        for tun in readable:
            packet = os.read(tun, 65536)
            count += 1
            heapq.heappush(waiting, (time.monotonic() + delay, count, other if tun == one else one, packet))


delay, commands = float(sys.argv[1]) / 1000, sys.argv[2:]
split = commands.index("--")
far, start_far = end("10.99.0.2", "10.99.0.1", commands[:split])
near, start_near = end("10.99.0.1", "10.99.0.2", commands[split + 1 :])
tuns = device(far), device(near)
threading.Thread(target=carry, args=(*tuns, delay), daemon=True).start()
os.write(start_far, b"x")
time.sleep(1)
os.write(start_near, b"x")
_, status = os.waitpid(near, 0)
os.kill(far, 15)
os.waitpid(far, 0)
sys.exit(os.waitstatus_to_exitcode(status))
