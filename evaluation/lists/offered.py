"""The lists of evaluation, told to the kernel."""

from evaluation.lists.catalogue import CATALOGUE
from evaluation.lists.experts import EXPERTS
from portal.lists.registry import register


def register_lists() -> None:
    """Called once by EvaluationConfig.ready."""
    register(CATALOGUE)
    register(EXPERTS)
