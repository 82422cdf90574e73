"""Rules of the house that no linter knows: sizes, gates, templates, words."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import polib
import pytest
from django.apps import apps
from django.conf import settings
from django.db import models

from portal.models import Organisation
from tests.security.matrix import rows

ROOT = Path(settings.BASE_DIR)
APPS = ("portal", "inventory", "evaluation", "matching", "reporting")
TOP = {
    *APPS,
    "manage.py",
    "templates",
    "static",
    "requirements.txt",
    "docker-compose.yml",
    "tests",
    "README.md",
}
MOST_LINES, MOST_FUNCTION, MOST_VIEW, MOST_TEMPLATE, MOST_TESTS = 400, 40, 30, 150, 600
RUNTIME_PACKAGES = 25
Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def tracked() -> list[str]:
    """Every file of the repository, also those not committed yet."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return [name for name in done.stdout.splitlines() if (ROOT / name).is_file()]


def files(*folders: str, ending: str = ".py") -> list[Path]:
    return [
        ROOT / name
        for name in tracked()
        if name.endswith(ending) and name.split("/")[0] in folders and "/migrations/" not in name
    ]


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(text_of(path))


def functions(path: Path) -> Iterator[Function]:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def length(node: Function) -> int:
    assert node.end_lineno is not None
    return node.end_lineno - node.lineno + 1


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


# --- sizes ------------------------------------------------------------------------------------------


def test_modules_are_short() -> None:
    long = {
        named(p): n
        for p in files(*APPS, "tools")
        if (n := len(text_of(p).splitlines())) > MOST_LINES
    }
    tests = {
        named(p): n for p in files("tests") if (n := len(text_of(p).splitlines())) > MOST_TESTS
    }
    assert (long, tests) == ({}, {})


def test_functions_are_short() -> None:
    long = [
        f"{named(path)}:{node.name} {length(node)}"
        for path in files(*APPS, "tools")
        for node in functions(path)
        if length(node) > MOST_FUNCTION
    ]
    assert long == []


def view_modules() -> list[Path]:
    return [path for path in files(*APPS) if path.parent.name == "views" or path.name == "views.py"]


def test_views_are_short() -> None:
    long = [
        f"{named(path)}:{node.name} {length(node)}"
        for path in view_modules()
        for node in tree_of(path).body
        if isinstance(node, ast.FunctionDef)
        and node.args.args
        and node.args.args[0].arg == "request"
        and length(node) > MOST_VIEW
    ]
    assert long == []


def test_no_module_is_a_junk_drawer() -> None:
    names = {"utils", "helpers", "common", "misc", "manager", "managers", "handler", "handlers"}
    assert [named(p) for p in files(*APPS, "tools", "tests") if p.stem in names] == []


# --- gates ------------------------------------------------------------------------------------------


def test_views_reach_rows_through_visible_to_only() -> None:
    """In views and API the only attribute after `.objects` is `visible_to`; no managers by other names."""
    gated = [p for p in files(*APPS) if {"views", "api"} & {p.parent.name, p.stem}]
    found = []
    for path in gated:
        for node in ast.walk(tree_of(path)):
            if not isinstance(node, ast.Attribute):
                continue
            if node.attr in {"_default_manager", "_base_manager"}:
                found.append(f"{named(path)}:{node.lineno} {node.attr}")
            inner = node.value
            if (
                isinstance(inner, ast.Attribute)
                and inner.attr == "objects"
                and node.attr != "visible_to"
            ):
                found.append(f"{named(path)}:{node.lineno} .objects.{node.attr}")
    assert gated
    assert found == []


def models_read_by_views() -> set[str]:
    """Names of models that a view or the API imports."""
    found = set()
    for path in files(*APPS):
        if not {"views", "api"} & {path.parent.name, path.stem}:
            continue
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.ImportFrom) and (node.module or "").endswith("models"):
                found |= {alias.name for alias in node.names}
    return found


def belongs_to_somebody(model: type[models.Model]) -> bool:
    return any(
        isinstance(each, models.ForeignKey) and each.related_model is Organisation
        for each in model._meta.get_fields()
    )


def test_models_of_organisations_say_who_sees_them() -> None:
    read = models_read_by_views()
    lacking = [
        model.__name__
        for name in APPS
        for model in apps.get_app_config(name).get_models()
        if belongs_to_somebody(model)
        and model.__name__ in read
        and model.__name__ != "PatentHolder"  # a serializer's shape, read through its patent
        and not hasattr(model._default_manager.all(), "visible_to")
    ]
    assert lacking == []


def test_nobody_asks_the_system_for_the_time() -> None:
    pattern = re.compile(r"\b(date\.today|datetime\.(now|today|utcnow)|timezone\.now|localdate)\(")
    found = [
        f"{named(path)}:{number}"
        for path in files(*APPS)
        if named(path) != "portal/clock.py"
        for number, line in enumerate(text_of(path).splitlines(), 1)
        if pattern.search(line)
    ]
    assert found == []


def test_no_unfinished_business() -> None:
    marks = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
    me = named(Path(__file__))
    found = [
        name
        for name in tracked()
        if name.endswith((".py", ".html", ".js", ".css", ".md", ".yml", ".yaml", ".toml"))
        and name != me
        and marks.search(text_of(ROOT / name))
    ]
    assert found == []


# --- services and audit -----------------------------------------------------------------------------

# what they write is a trace or derived, or the caller's transaction holds the entry
UNTOLD = {
    "take_try": "counts tries; the failure is recorded beside it",
    "request_password_reset": "writes a job; the new password is in the trail",
    "send_reset_links": "writes mail; the new password is in the trail",
    "set_first": "part of creating the campaign, which is in the trail",
    "confirm_entries": "derived from the step that moves.py records",
    "withdraw_entries": "derived from the step that moves.py records",
    "forget_confirmations": "derived from the step that moves.py records",
    "bring_due_days_up_to_date": "derived from days of campaign and patent, whose change is in the trail",
    "record_facts": "derived from what the caller records",
    "move_fees_on": "derived from days in the trail",
    "remove_expired_files": "the row stays and says what there was",
    "write_mail": "the caller's act is in the trail; the mail is a row of its own",
    "withdraw_held": "the new link or the revocation that calls it is in the trail",
    "compose": "makes a mail, writes nothing",
    "write_many": "like write_mail",
    "ask_daily_mail": "asks for a job",
    "send_daily_mails": "mails and the row that says so; the acts they tell of are in the trail",
    "ask_for_my_data": "asks for a job; the archive is in the trail",
    "forget_mail_and_notices": "part of pseudonymise, whose entry says it",
    "notify": "the caller's act is in the trail; the notice is a row of its own",
    "notify_once": "sent by the clock; the notice is a row of its own",
    "mark_read": "reading one's own notice is no act on a record",
    "mark_all_read": "likewise",
    "fill": "sets columns of a record that the caller writes and records",
    "give": "sets columns of a record that the caller writes and records",
    "store": "writes what the caller records",
    "take_snapshot": "derived figures",
    "refresh_star_counts": "derived figures",
    "give_up_sheet": "the job row says why no sheet was made",
    "keep_bases": "what went out in a workbook, whose making is in the trail",
    "settle_all": "the approval that settles is in the trail",
    "remove_passed_snapshots": "derived figures",
}
# every form of the matrix leaves an entry (tests/security/test_matrix.py): service → the form that calls it
SHOWN_BY_FORM = {
    "issue_initial_password": "portal:people-password",
    "change_password": "portal:password-change",
    "map_columns": "portal:import-columns",
    "discard": "portal:import-discard",
    "create_organisation": "portal:organisation-new",
}
WRITES = re.compile(
    r"\.(save|create|bulk_create|bulk_update|update|delete|update_or_create|get_or_create)\("
)


def service_modules() -> list[Path]:
    return [path for path in files(*APPS) if path.parent.name == "services"]


def writing_services() -> dict[str, Path]:
    """Public functions of services that write: by themselves, or by an entry in the trail."""
    found = {}
    for path in service_modules():
        source = text_of(path)
        for node in tree_of(path).body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                code = ast.get_source_segment(source, node) or ""
                if WRITES.search(code) or "audit." in code:
                    found[node.name] = path
    return found


def test_every_writing_service_is_tested_for_its_entry() -> None:
    """Each name is used by a test module that also looks into the trail."""
    tests = [text_of(path) for path in files("tests")]
    looking = [text for text in tests if "AuditEntry" in text or "audit_count" in text]
    lacking = [
        f"{named(path)}:{name}"
        for name, path in writing_services().items()
        if name not in UNTOLD
        and name not in SHOWN_BY_FORM
        and not any(re.search(rf"\b{name}\b", text) for text in looking)
    ]
    assert lacking == []
    assert [r for r in SHOWN_BY_FORM.values() if rows()[r].quiet or rows()[r].untold] == []


def test_writing_services_are_atomic() -> None:
    lacking = []
    for path in service_modules():
        source = text_of(path)
        for node in tree_of(path).body:
            if not isinstance(node, ast.FunctionDef) or node.name.startswith("_"):
                continue
            code = ast.get_source_segment(source, node) or ""
            marked = [ast.unparse(each) for each in node.decorator_list]
            is_atomic = "transaction.atomic" in " ".join(marked) or "transaction.atomic" in code
            if "audit.record" in code and not is_atomic and "caller's transaction" not in code:
                lacking.append(f"{named(path)}:{node.name}")
    assert lacking == []


def test_services_know_no_request() -> None:
    found = [
        named(path)
        for path in service_modules()
        if re.search(
            r"^(from|import) (django\.http|django\.shortcuts|celery|rest_framework)",
            text_of(path),
            re.M,
        )
    ]
    assert found == []


# --- templates and scripts --------------------------------------------------------------------------

TEMPLATES = ROOT / "templates"
LOADED_BY_DJANGO = {"400.html", "403.html", "404.html", "500.html", "403_csrf.html"}
FORBIDDEN_IN_TEMPLATES = {
    "inline script": re.compile(r"<script(?![^>]*\bsrc=)", re.I),
    "inline style": re.compile(r"<style|\sstyle\s*=", re.I),
    "handler": re.compile(r"<[^>]*\son[a-z]+\s*=", re.I),
    "hx-on": re.compile(r"\bhx-on"),
    "script in hx-vals": re.compile(r"hx-vals\s*=\s*['\"]\s*js:", re.I),
    "filter of a trigger": re.compile(r"hx-trigger\s*=\s*['\"][^'\"]*\["),
    "boost": re.compile(r"\bhx-boost"),
    "unescaped text": re.compile(r"\|\s*safe\b|autoescape off"),
    "foreign host": re.compile(r"(src|href|action)\s*=\s*['\"](https?:)?//"),
}


def templates() -> list[Path]:
    return [path for path in files("templates", ending="") if path.suffix in {".html", ".txt"}]


def test_templates_are_short() -> None:
    assert [named(p) for p in templates() if len(text_of(p).splitlines()) > MOST_TEMPLATE] == []


@pytest.mark.parametrize("what", sorted(FORBIDDEN_IN_TEMPLATES))
def test_templates_obey_the_content_policy(what: str) -> None:
    pattern = FORBIDDEN_IN_TEMPLATES[what]
    pages = [path for path in templates() if path.suffix == ".html"]
    assert [named(path) for path in pages if pattern.search(text_of(path))] == []


def test_every_template_is_used() -> None:
    texts = [text_of(path) for path in [*templates(), *files(*APPS)]]
    handbook = text_of(ROOT / "docs/interface.md")
    unused = []
    for path in templates():
        name = str(path.relative_to(TEMPLATES))
        # mails are named without folder and ending
        wanted = [f"{name}{end}" for end in ('"', "'", "#")]
        is_used = any(want in text for text in texts for want in wanted)
        stem = path.stem.removesuffix("_subject")
        is_mail = name.startswith("emails/") and any(f'"{stem}"' in text for text in texts)
        is_offered = name.startswith("components/") and f"`{path.name}`" in handbook
        if not (is_used or is_mail or is_offered or name in LOADED_BY_DJANGO):
            unused.append(name)
    assert unused == []


def test_loads_stand_alone_and_sorted() -> None:
    wrong = []
    for path in templates():
        loads = re.findall(r"\{%\s*load\s+([^%]+?)\s*%\}", text_of(path))
        if loads != sorted(loads) or any(" " in load for load in loads):
            wrong.append(f"{named(path)}: {loads}")
    assert wrong == []


def test_scripts_evaluate_nothing() -> None:
    pattern = re.compile(r"\beval\(|new Function\(|document\.write|https?://(?!www\.w3\.org)")
    scripts = files("static", ending=".js")
    assert scripts
    assert [named(path) for path in scripts if pattern.search(text_of(path))] == []


def test_styles_fetch_nothing_from_elsewhere() -> None:
    pattern = re.compile(r"@import|url\(\s*['\"]?(https?:)?//")
    assert [named(p) for p in files("static", ending=".css") if pattern.search(text_of(p))] == []


# --- words ------------------------------------------------------------------------------------------

LOCALE = "locale/zh_Hans/LC_MESSAGES/django.po"


@pytest.fixture(scope="module")
def extracted(tmp_path_factory: pytest.TempPathFactory) -> set[tuple[str | None, str, str]]:
    """Every message of code and templates as Django's own extraction finds it."""
    folder = tmp_path_factory.mktemp("words")
    for name in (*APPS, "templates"):
        (folder / name).symlink_to(ROOT / name)
    (folder / "locale").mkdir()
    code = (
        "from django.core.management import call_command\n"
        "call_command('makemessages', locale=['zh_Hans'], verbosity=0, symlinks=True)\n"
    )
    setup = (
        "import django\nfrom django.conf import settings\n"
        "settings.configure(LOCALE_PATHS=['locale'])\ndjango.setup()\n"
    )
    env = {"PATH": os.environ.get("PATH", ""), "LANG": "C.UTF-8"}
    subprocess.run([sys.executable, "-c", setup + code], cwd=folder, env=env, check=True)
    found = polib.pofile(str(folder / "locale/zh_Hans/LC_MESSAGES/django.po"))
    return {(entry.msgctxt, entry.msgid, entry.msgid_plural) for entry in found}


def test_every_word_is_translated(extracted: set[tuple[str | None, str, str]]) -> None:
    known = {
        (entry.msgctxt, entry.msgid)
        for entry in polib.pofile(str(ROOT / LOCALE))
        if entry.translated() and not entry.obsolete
    }
    assert len(extracted) > 500
    assert sorted(msgid for context, msgid, _p in extracted if (context, msgid) not in known) == []


def test_words_are_marked_by_names_the_extraction_knows() -> None:
    """A gettext under another name is passed over, and its words are never translated."""
    other = re.compile(r"gettext(?:_lazy)? as (?!_\b)\w+")
    assert [path.name for path in files(*APPS) if other.search(text_of(path))] == []


def test_translations_keep_their_placeholders() -> None:
    pattern = re.compile(r"%\([a-z_0-9]+\)[sd]|\{[a-z_0-9]*\}")
    wrong = []
    for entry in polib.pofile(str(ROOT / LOCALE)):
        for text in entry.msgstr_plural.values() if entry.msgid_plural else [entry.msgstr]:
            base = set(pattern.findall(entry.msgid)) | set(pattern.findall(entry.msgid_plural))
            if set(pattern.findall(text)) - base or (
                not entry.msgid_plural and base - set(pattern.findall(text))
            ):
                wrong.append(entry.msgid)
    assert wrong == []


def test_no_translation_is_a_guess() -> None:
    assert [entry.msgid for entry in polib.pofile(str(ROOT / LOCALE)) if entry.fuzzy] == []


# --- the repository ---------------------------------------------------------------------------------


def test_every_runtime_package_has_its_reason() -> None:
    lines = [
        line for line in text_of(ROOT / "requirements.txt").splitlines() if line and line[0] != "#"
    ]
    assert [
        line for line in lines if not re.fullmatch(r"[a-z0-9\[\]-]+==[0-9.]+  # .{8,}", line)
    ] == []
    assert len(lines) <= RUNTIME_PACKAGES


def test_the_top_level_is_the_agreed_one() -> None:
    found = {name.split("/")[0] for name in tracked()}
    assert found >= TOP
    folders = {name for name in found if (ROOT / name).is_dir()}
    assert folders <= {
        *APPS,
        "templates",
        "static",
        "tests",
        "docs",
        "locale",
        "tools",
        "docker",
        ".ci",
    }


def forbidden_words() -> re.Pattern[str]:
    """Paths of a machine, hosts packages came from. Spelt in pieces: this file is searched, too."""
    paths = ["/wo" + "rk/", "/ro" + "ot/", "/ho" + "me/[a-z]"]
    hosts = [
        "files.python" + "hosted.org",
        "registry.npm" + "js.org",
        "py" + "pi.org/simple",
        "arti" + "factory",
        "ne" + "xus",
    ]
    return re.compile("|".join([*paths, *(host.replace(".", r"\.") for host in hosts)]))


def test_no_file_names_a_machine_or_a_package_host() -> None:
    pattern = forbidden_words()
    found = []
    for name in tracked():
        raw = (ROOT / name).read_bytes()
        if b"\x00" not in raw[:4096] and (hit := pattern.search(raw.decode("utf-8", "replace"))):
            found.append(f"{name}: {hit.group()}")
    assert found == []
