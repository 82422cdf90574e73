"""The formats, links and badges every template uses."""

import datetime as dt
from decimal import Decimal

import pytest
from django import forms
from django.template import RequestContext, Template
from django.test import RequestFactory
from django.utils import translation

from portal.choices import JobState
from portal.models import Job
from portal.templatetags import portal_tags as tags


class Filters(forms.Form):
    q = forms.CharField(label="Title", required=False)
    state = forms.MultipleChoiceField(
        label="State", choices=[("draft", "Draft"), ("completed", "Complete")], required=False
    )
    late = forms.BooleanField(label="Late only", required=False)


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


def render(source, path="/", **context):
    request = RequestFactory().get(path)
    text = "{% load portal_tags %}" + source
    return Template(text).render(RequestContext(request, context))


@pytest.mark.parametrize(
    ("amount", "written"),
    [
        (None, "—"),
        (Decimal("0"), "0.00 万元"),
        (Decimal("12.5"), "12.50 万元"),
        (Decimal("1234567.005"), "1,234,567.01 万元"),
    ],
)
def test_money(amount, written):
    assert tags.money(amount) == written


@pytest.mark.parametrize(
    ("share", "written"), [(None, "—"), (0, "0.0%"), (Decimal("0.4567"), "45.7%"), (1, "100.0%")]
)
def test_percent(share, written):
    assert tags.percent(share) == written


def test_whole_separates_thousands_and_keeps_zero():
    assert [tags.whole(number) for number in (None, 0, 11100)] == ["—", "0", "11,100"]


def test_day_is_the_day_in_shanghai():
    late_evening = dt.datetime(2024, 9, 10, 16, 30, tzinfo=dt.UTC)

    assert tags.day(late_evening) == "2024-09-11"
    assert tags.day(dt.date(2024, 9, 11)) == "2024-09-11"
    assert tags.day(None) == "—"


def test_moment_is_the_clock_in_shanghai():
    assert tags.moment(dt.datetime(2024, 9, 11, 2, 32, tzinfo=dt.UTC)) == "2024-09-11 10:32"


def test_query_with_replaces_and_removes():
    source = "{% query_with order='-number' cursor=None %}"

    written = render(source, "/?q=a%26b&state=draft&state=completed&cursor=x&order=number")

    assert written == "?q=a%26b&amp;state=draft&amp;state=completed&amp;order=-number"


def test_badge_has_shape_word_and_tone():
    written = tags.badge("dossier", "completed", "Complete")

    assert 'class="state state-success"' in written
    assert "#circle-check" in written
    assert "<span>Complete</span>" in written


def test_badge_escapes_words_and_knows_no_unknown_state():
    written = tags.badge("dossier", "unheard_of", "<b>")

    assert "state-neutral" in written
    assert "<span>&lt;b&gt;</span>" in written


def test_stars_are_said_in_words():
    assert 'aria-label="4 of 5 stars">★★★★<' in tags.stars(4)
    assert tags.stars(None) == "—"


def test_rate_is_a_dash_without_denominator():
    assert tags.rate(None) == "—"
    assert 'width="45.7"' in tags.rate(Decimal("0.4567"))


def test_sorting_turns_the_direction():
    source = "{% sorting 'number' as head %}{{ head.direction }} {{ head.url|safe }}"

    assert render(source, "/?cursor=x") == "none ?order=number"
    assert render(source, "/?order=number") == "ascending ?order=-number"
    assert render(source, "/?order=-number") == "descending ?order=number"


def test_an_order_that_begins_at_the_top_is_shown_falling():
    source = (
        "{% sorting 'newest' 'newest' falls=True as head %}{{ head.direction }} {{ head.url|safe }}"
    )

    assert render(source, "/") == "descending ?order=-newest"
    assert render(source, "/?order=-newest") == "ascending ?order=newest"


def test_active_filters_say_label_value_and_the_way_out():
    form = Filters(
        RequestFactory().get("/?q=pump&state=draft&state=completed&order=x&cursor=y").GET
    )
    source = (
        "{% active_filters form as used %}"
        "{% for each in used %}{{ each.label }}={{ each.value }} {{ each.url|safe }};{% endfor %}"
    )

    written = render(source, "/?q=pump&state=draft&state=completed&order=x&cursor=y", form=form)

    assert written == (
        "Title=pump ?state=draft&state=completed&order=x;State=Draft、Complete ?q=pump&order=x;"
    )


def test_nothing_chosen_is_one_dash():
    class Form(forms.Form):
        goal = forms.ChoiceField(choices=[("", "---------"), ("filed", "Filed")])

    assert '<option value="" selected>—</option>' in tags.control(Form()["goal"])


def test_control_marks_errors_and_makes_days_native():
    class Form(forms.Form):
        on = forms.DateField()

    written = tags.control(Form({"on": "soon"})["on"])

    assert 'type="date"' in written
    assert 'class="form-control is-invalid"' in written
    assert 'aria-invalid="true"' in written


def test_csrf_field_works_in_an_isolated_include():
    source = "{% include 'components/progress.html' with job=job cancel_url='/x/' only %}"

    written = render(source, job=Job(pk=1, state=JobState.RUNNING))

    assert 'name="csrfmiddlewaretoken"' in written
