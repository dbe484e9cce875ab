"""Deterministic fixes: changes of an app's files that a known failure asks for.

Which change belongs to which failure is data: `edits` of a row of the failure table, and `lint.yaml` for lint rules and
the publish gate. A change is a verb with arguments, such as `unpin torch`; `VERBS` has a function for each.
"""

from __future__ import annotations

from spacefactory.repair.fixes.apply import VERBS, apply, mend

__all__ = ["VERBS", "apply", "mend"]
