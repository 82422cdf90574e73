"""Routes of the kernel: signing in, start page, people, organisations, jobs, files, audit."""

from django.urls import path

from portal.views import (
    accounts,
    audit,
    files,
    home,
    import_urls,
    jobs,
    notice_urls,
    organisations,
    people,
    units,
)

app_name = "portal"
urlpatterns = [
    path("", home.show_home, name="home"),
    path("sign-in/", accounts.sign_in, name="sign-in"),
    path("sign-out/", accounts.sign_out, name="sign-out"),
    path("membership/", accounts.switch_membership, name="membership-switch"),
    path("password/", accounts.change_password, name="password-change"),
    path("password/reset/", accounts.ask_reset, name="password-reset"),
    path("password/reset/sent/", accounts.reset_asked, name="password-reset-done"),
    path("password/reset/done/", accounts.reset_done, name="password-reset-complete"),
    path(
        "password/reset/<str:uid>/<str:token>/",
        accounts.confirm_reset,
        name="password-reset-confirm",
    ),
    path("people/", people.list_people, name="people-list"),
    path("people/new/", people.new_person, name="people-new"),
    path("people/<int:pk>/", people.show_person, name="people-detail"),
    path("people/<int:pk>/edit/", people.edit_person, name="people-edit"),
    path("people/<int:pk>/deactivate/", people.deactivate_person, name="people-deactivate"),
    path("people/<int:pk>/password/", people.new_password, name="people-password"),
    path("people/<int:pk>/unlock/", people.unlock_person, name="people-unlock"),
    path("people/<int:pk>/memberships/", people.add_membership, name="membership-add"),
    path("memberships/<int:pk>/end/", people.end_membership, name="membership-end"),
    path("organisations/", organisations.list_organisations, name="organisation-list"),
    path("organisations/new/", organisations.new_organisation, name="organisation-new"),
    path("organisations/own/", organisations.show_own, name="organisation-own"),
    path("organisations/<int:pk>/", organisations.show_organisation, name="organisation-detail"),
    path("organisations/<int:pk>/edit/", organisations.edit_organisation, name="organisation-edit"),
    path("organisations/<int:pk>/units/new/", units.new_unit, name="unit-new"),
    path("units/<int:pk>/", units.edit_unit, name="unit-edit"),
    path("audit/", audit.list_entries, name="audit-list"),
    path("jobs/", jobs.list_jobs, name="job-list"),
    path("jobs/<int:pk>/", jobs.show_job, name="job-detail"),
    path("jobs/<int:pk>/cancel/", jobs.cancel_job, name="job-cancel"),
    path("files/<int:pk>/", files.download_file, name="file-download"),
    *import_urls.urlpatterns,
    *notice_urls.urlpatterns,
]
