"""Routes of the intake, part of the kernel's."""

from django.urls import path

from portal.views import corrections, import_rows, import_sheets, import_undo, imports

urlpatterns = [
    path("imports/", imports.list_imports, name="import-list"),
    path("imports/new/", imports.new_import, name="import-new"),
    path("imports/rows/", import_rows.list_rows, name="import-rows"),
    path("imports/issues/", import_rows.list_issues, name="import-issues"),
    path("imports/taken-back/", import_rows.list_undone, name="import-undo-list"),
    path("imports/<int:pk>/", imports.show_import, name="import-detail"),
    path("imports/<int:pk>/columns/", imports.map_columns, name="import-columns"),
    path("imports/<int:pk>/confirm/", imports.confirm_import, name="import-confirm"),
    path("imports/<int:pk>/discard/", imports.discard_import, name="import-discard"),
    path("imports/<int:pk>/undo/", import_undo.undo_import, name="import-undo"),
    path("imports/<int:pk>/undo/rows/", import_undo.ask_for_kept, name="import-undo-rows"),
    path("imports/<int:pk>/errors/", imports.ask_for_errors, name="import-errors"),
    path("imports/<int:pk>/correct/", corrections.correct_rows, name="import-correct"),
    path("imports/<int:pk>/replace/", corrections.replace_value, name="import-replace"),
    path("imports/<int:pk>/sheet/", import_sheets.read_sheet, name="import-sheet"),
    path("imports/<int:pk>/take-up/", corrections.take_up, name="import-take-up"),
]
