# SPDX-License-Identifier: GPL-2.0-only
"""
Run a command on a terminal of our own and be a bad terminal.

  badtty.py closed CMD...    close it after the first output: the command must end by itself
  badtty.py unread CMD...    never read on: the command must still end at SIGTERM
  badtty.py stalled:FIFO CMD...   never read on; when FIFO has been written to, as unread

Exit status 0 if it did what it must, 1 with a sentence if not.
"""
import fcntl
import os
import pty
import signal
import struct
import sys
import termios
import time


def ended(pid, seconds):
    """The wait status of pid, None if it is still there after that."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return status
        time.sleep(0.02)    # between two looks
    return None


def main():
    mode, command = sys.argv[1], sys.argv[2:]
    pid, fd = pty.fork()
    if not pid:
        os.execvp(command[0], command)
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 200, 0, 0))
    seen = b""
    while b"LOST" not in seen:
        seen += os.read(fd, 65536)
    if mode == "closed":
        os.close(fd)
    elif mode.startswith("stalled:"):
        with open(mode.partition(":")[2], encoding="utf-8") as fifo:
            fifo.readline()
    else:
        keys = b"t" * 100
        for _ in range(50):
            os.write(fd, keys)
            time.sleep(0.01)    # so that it draws again and again
    if mode != "closed":
        os.kill(pid, signal.SIGTERM)
    status = ended(pid, 15)
    if status is None:
        os.kill(pid, signal.SIGKILL)
        sys.exit(f"{mode}: it did not end")
    if os.WIFSIGNALED(status):
        sys.exit(f"{mode}: it was killed by signal {os.WTERMSIG(status)}")


main()
