"""The conformance kit: for each kind of provider a class of tests that hold its Protocol's promises.

A plugin's own test subclasses the contract and names what is under test:

    from spacefactory.testing.contracts import ValidatorContract

    class TestMeshValidator(ValidatorContract):
        @pytest.fixture
        def provider(self):
            return MeshValidator()

        @pytest.fixture
        def good(self, tmp_path): ...
"""

from spacefactory.testing.contracts.agent import AgentContract, FolderWorkbench
from spacefactory.testing.contracts.analyzer import AnalyzerContract
from spacefactory.testing.contracts.failures import FailureTableContract
from spacefactory.testing.contracts.hardware import HardwareContract
from spacefactory.testing.contracts.host import SpaceHostContract
from spacefactory.testing.contracts.lint_rule import LintRuleContract
from spacefactory.testing.contracts.named import NamedContract
from spacefactory.testing.contracts.observer import ObserverContract
from spacefactory.testing.contracts.runner import JobRunnerContract
from spacefactory.testing.contracts.source import ModelSourceContract
from spacefactory.testing.contracts.store import RunStoreContract
from spacefactory.testing.contracts.validator import ValidatorContract

__all__ = [
    "AgentContract",
    "AnalyzerContract",
    "FailureTableContract",
    "FolderWorkbench",
    "HardwareContract",
    "JobRunnerContract",
    "LintRuleContract",
    "ModelSourceContract",
    "NamedContract",
    "ObserverContract",
    "RunStoreContract",
    "SpaceHostContract",
    "ValidatorContract",
]
