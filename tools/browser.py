"""The browser and the Chinese fonts of the browser tests."""

import os
import shutil
import subprocess
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PACKAGES = ("chromium", "fonts-noto-cjk")


def find_browser() -> str | None:
    """The path of a Chromium that is installed."""
    configured = os.environ.get("PORTAL_CHROMIUM")
    return configured or next(filter(None, map(shutil.which, NAMES)), None)


def has_chinese_fonts() -> bool:
    """Whether a font with Chinese characters is installed."""
    fonts = Path("/usr/share/fonts")
    return any(fonts.rglob("*CJK*")) or any(fonts.rglob("*wqy*"))


def ensure_browser() -> str | None:
    """The browser's path; installed by apt where we may, None where it stays missing."""
    if find_browser() and has_chinese_fonts():
        return find_browser()
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return find_browser()
    print("Installing Chromium and Chinese fonts …", flush=True)
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = ["apt-get", "install", "-qq", "--yes", "--no-install-recommends", *PACKAGES]
    for command in (["apt-get", "update", "-qq"], install):
        subprocess.run(
            command, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=False
        )
    return find_browser()
