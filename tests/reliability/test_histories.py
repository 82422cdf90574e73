"""Several people change one dossier at once, in every way there is: nothing is lost, each loser is told."""

from __future__ import annotations

from collections import Counter

import pytest

from inventory.models import Dossier
from portal.models import AuditEntry
from tests.conftest import Cast
from tests.reliability.histories import REFUSED, SAVED, Stage, content, problems

pytestmark = pytest.mark.django_db(transaction=True)
SEED = 20240911


def play(cast: Cast, count: int) -> Counter[str]:
    """Play histories; every one must be good. Counts of writes by way and answer."""
    stage = Stage.of(cast)
    found: Counter[str] = Counter()
    for number in range(count):
        history = stage.play(SEED + number)
        assert problems(history) == [], f"seed {SEED + number}"
        found.update(f"{write.channel} {write.answer}" for write in history.writes)
    return found


def test_forty_histories(cast: Cast) -> None:
    found = play(cast, 40)

    assert any(key.endswith(SAVED) for key in found)
    assert any(key.endswith(REFUSED) for key in found)


@pytest.mark.soak
def test_a_thousand_histories(cast: Cast, capsys: pytest.CaptureFixture[str]) -> None:
    found = play(cast, 1000)

    with capsys.disabled():
        print(f"\nseed {SEED}: {sum(found.values())} writes, {dict(sorted(found.items()))}")  # noqa: T201
    for channel in ("form", "api", "cell", "bulk", "import"):
        assert found[f"{channel} {SAVED}"]
        assert found[f"{channel} {REFUSED}"]


def test_the_checker_sees_a_lost_update(cast: Cast) -> None:
    """A write behind the services' back is found in more than one way."""
    stage = Stage.of(cast)
    history = stage.play(SEED)
    Dossier.objects.filter(pk=history.dossier).update(
        prospects="覆盖", version=content(history.dossier)["version"] + 1
    )

    assert len(problems(history)) >= 2


def test_the_checker_misses_no_acknowledged_write(cast: Cast) -> None:
    stage = Stage.of(cast)
    histories = (stage.play(SEED + number) for number in range(20))
    history = next(h for h in histories if any(w.answer == SAVED for w in h.writes))
    next(write for write in history.writes if write.answer == SAVED).seen += 50

    assert any("not in the trail" in text for text in problems(history))
    assert AuditEntry.objects.about(Dossier.objects.get(pk=history.dossier)).exists()
