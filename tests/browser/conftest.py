"""A real Chromium against a live server with a worker beside it, wide and narrow."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connections
from playwright.sync_api import Browser, Page, expect, sync_playwright

from portal.environment import VAR_DIR
from portal.jobs import runner
from portal.jobs.schedule import run_schedule
from portal.models import Membership
from tests import factories
from tests.conftest import Cast

# Playwright's loop runs in this thread; the tests look into the database between its calls.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

AXE = VAR_DIR / "npm" / "node_modules" / "axe-core" / "axe.min.js"
SHOTS = Path(os.environ.get("PORTAL_SHOTS", VAR_DIR / "shots"))
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    # two workers share the cores, and a page may wait for the other's
    expect.set_options(timeout=15_000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("PORTAL_CHROMIUM", "/usr/bin/chromium"), args=ARGUMENTS
        )
        yield browser
        browser.close()


@pytest.fixture
def worker(transactional_db: None) -> Iterator[None]:
    """The work of run_jobs in a thread: schedule and due jobs, until the test ends."""
    ended = threading.Event()

    def work() -> None:
        while not ended.wait(0.2):
            run_schedule()
            runner.run_due("browser-test")
        connections.close_all()

    thread = threading.Thread(target=work)
    thread.start()
    yield
    ended.set()
    thread.join(timeout=30)


class Visitor:
    """A person at a browser: signs in, reads, and fails the test on any error of the console."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address
        self.problems: list[str] = []
        page.set_default_timeout(15_000)
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on("request", self._watch)

    def _hear(self, message: object) -> None:
        if getattr(message, "type", "") == "error":
            self.problems.append(getattr(message, "text", ""))

    def _watch(self, request: object) -> None:
        url = getattr(request, "url", "")
        if not url.startswith((self.address, "data:", "blob:")):
            self.problems.append(f"left the server: {url}")

    def sign_in(self, membership: Membership) -> None:
        """Sign in by the form as the person of a membership."""
        self.page.context.clear_cookies()
        self.go("/sign-in/")
        self.page.fill("input[name=username]", membership.user.username)
        self.page.fill("input[name=password]", factories.PASSWORD)
        self.page.click("main button[type=submit]")
        self.page.wait_for_url(f"{self.address}/")

    def go(self, path: str) -> None:
        self.page.goto(self.address + path)

    def look(self, name: str) -> None:
        """Keep a picture, and let axe look for what bars people."""
        SHOTS.mkdir(parents=True, exist_ok=True)
        size = self.page.viewport_size
        assert size is not None
        width = size["width"]
        # a window as high as the page: what sticks to its edge stands where it belongs in the picture
        height = self.page.evaluate("document.documentElement.scrollHeight")
        self.page.set_viewport_size({"width": width, "height": max(height, size["height"])})
        self.page.screenshot(path=SHOTS / f"{name}-{width}.png", full_page=True)
        self.page.set_viewport_size(size)
        self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found = self.page.evaluate("axe.run()")
        serious = [
            f"{item['id']}: {item['nodes'][0]['html'][:200]}"
            for item in found["violations"]
            if item["impact"] in ("serious", "critical")
        ]
        assert serious == [], f"{name}: {serious}"
        assert self.problems == [], f"{name}: {self.problems}"
        sideways = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert self.page.evaluate(sideways) <= 1, f"{name} scrolls sideways"


@pytest.fixture(params=[1440, 375], ids=["wide", "narrow"])
def visitor(
    request: pytest.FixtureRequest,
    cast: Cast,
    chromium: Browser,
    live_server: object,
    worker: None,
) -> Iterator[Visitor]:
    """A fresh browser window at the width of a desk or of a phone."""
    context = chromium.new_context(
        viewport={"width": request.param, "height": 900}, accept_downloads=True
    )
    yield Visitor(context.new_page(), str(live_server))
    context.close()
