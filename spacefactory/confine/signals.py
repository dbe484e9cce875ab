"""Signals as a fresh process has them."""

from __future__ import annotations

import signal


def reset() -> None:
    """Default actions and an empty mask: what a caller or Python ignores or blocks is inherited through exec.

    A supervisor would miss the end of its command otherwise, and a command would not end when its pipe does.
    """
    signal.set_wakeup_fd(-1)
    for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
        if signal.getsignal(number) not in (signal.SIG_DFL, None):
            signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
