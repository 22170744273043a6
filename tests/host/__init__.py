"""Throwaway machines for whole-system tests.

A Host has its own mount, pid, network, uts and ipc namespaces. Its root is an overlay over this machine's
root, so every installed program is there, and every change is forgotten with the host. Paths, users and ports
inside are the real ones; what a mail system installed on this machine owns is hidden, and so are its people, their
homes and their mail.
"""

from .machine import Base, Host, Wire, eventually, full_pipe, missing_power

__all__ = ["Base", "Host", "Wire", "eventually", "full_pipe", "missing_power"]
