"""What a process that lives long does with Python's memory once everything is loaded."""

import gc
from importlib import import_module

from django.conf import settings

# objects made before the collector looks for cycles among the young: a page makes some ten thousand, a piece of a bulk
# act some hundred thousand, and hardly one of them is in a cycle
YOUNG = 50_000


def settle() -> None:
    """Call once when Django is set up: modules, models and routes stay for good and need not be looked through again.

    A full collection goes through everything that is loaded, which takes a tenth of a second and more; whoever's page
    it falls into waits for it. Frozen, what is loaded is left out.
    """
    import_module(settings.ROOT_URLCONF)
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, 20, 20)


def tidy() -> None:
    """Call between two pieces of a job: records that know each other are cycles, and a piece leaves thousands of them.

    The old generation, which is large, is left out: what a piece leaves has not got that far.
    """
    gc.collect(1)
