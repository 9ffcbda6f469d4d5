"""A process without a network: the kernel refuses it sockets, whatever a query or a document makes the engine try."""

from __future__ import annotations

import ctypes
import platform
import struct
import sys

_NO_NEW_PRIVILEGES, _SECCOMP, _FILTER = 38, 22, 2
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000 | 13  # SECCOMP_RET_ERRNO, EACCES
_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_IO_URING = 425
_OTHER_ABI = 0x40000000
# The audit number of the architecture and the number of socket(2) there.
_SOCKET = {"x86_64": (0xC000003E, 41), "aarch64": (0xC00000B7, 198)}


def seal() -> bool:
    """Take the network from this process, for good; False where that is not to be had, and the check of tokens is all there is."""
    if not sys.platform.startswith("linux") or platform.machine() not in _SOCKET:
        return False
    architecture, socket = _SOCKET[platform.machine()]
    program = [
        (_LOAD, 0, 0, 4),  # the architecture
        (_EQUAL, 0, 5, architecture),
        (_LOAD, 0, 0, 0),  # the number of the call
        (_AT_LEAST, 3, 0, _OTHER_ABI),
        (_EQUAL, 2, 0, socket),
        (_EQUAL, 1, 0, _IO_URING),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _REFUSE),
    ]
    code = b"".join(struct.pack("=HBBI", *step) for step in program)
    steps = ctypes.create_string_buffer(code, len(code))
    # struct sock_fprog: a length, the padding of the pointer, the pointer.
    filter_ = struct.pack("@HP", len(program), ctypes.addressof(steps))
    library = ctypes.CDLL(None, use_errno=True)
    given_up: int = library.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    sealed: int = library.prctl(_SECCOMP, _FILTER, ctypes.create_string_buffer(filter_))
    return given_up == 0 and sealed == 0
