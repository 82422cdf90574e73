"""Browser files: the chosen ones are there, every icon that is used is in the sprite, no address in a lock."""

import json
import re
from pathlib import Path
from xml.etree import ElementTree as ET

from tools import assets

ROOT = Path(__file__).resolve().parents[2]
SVG = "{http://www.w3.org/2000/svg}"


def used_icons() -> set[str]:
    templates = "\n".join(path.read_text("utf-8") for path in (ROOT / "templates").rglob("*.html"))
    return set(re.findall(r"{%\s*icon\s+\"([a-z0-9-]+)\"", templates))


def test_every_chosen_file_is_there_without_a_source_map() -> None:
    for target in assets.FILES.values():
        text = (assets.VENDOR / target).read_text(encoding="utf-8")
        assert len(text) > 1000, target
        assert "sourceMappingURL" not in text, target


def test_sprite_holds_every_listed_icon() -> None:
    sprite = ET.parse(assets.VENDOR / "icons.svg").getroot()

    assert [symbol.get("id") for symbol in sprite.iter(f"{SVG}symbol")] == assets.icon_names()


def test_every_icon_of_a_template_is_listed() -> None:
    assert used_icons() - set(assets.icon_names()) == set()


def test_browser_packages_have_exact_versions() -> None:
    package = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))
    versions = [*package["dependencies"].values(), *package["devDependencies"].values()]

    assert [version for version in versions if not re.fullmatch(r"\d+\.\d+\.\d+", version)] == []


def test_locks_name_no_host() -> None:
    for name in ("requirements.lock", "requirements-dev.lock"):
        assert "://" not in (ROOT / name).read_text(encoding="utf-8")
    packages = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    assert [name for name, package in packages.items() if "resolved" in package] == []
    assert all("integrity" in package for name, package in packages.items() if name)


def test_every_requirement_is_pinned_with_its_reason() -> None:
    for name in ("requirements.txt", "requirements-dev.txt"):
        for line in (ROOT / name).read_text(encoding="utf-8").splitlines():
            if line.startswith(("#", "-r")):
                continue
            assert re.match(r"[A-Za-z0-9._\[\]-]+==\S+", line), line
            assert "#" in line or line.startswith("types-"), line
