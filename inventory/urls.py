"""Routes of stock-taking."""

from django.urls import path

from inventory import bulk
from inventory.views import (
    campaigns,
    cells,
    classification,
    confirmations,
    dossiers,
    entries,
    exclusions,
    exports,
    key_industries,
    milestones,
    mine,
    participations,
    patents,
    pool,
    pool_review,
    review,
    revisions,
    urges,
    writing,
)
from portal.views.bulk import start_run

app_name = "inventory"
urlpatterns = [
    # work list
    path("entries/", entries.entry_list, name="entry-list"),
    path("entries/assign/", start_run, {"act": bulk.ASSIGN}, name="assign"),
    path("entries/edit/", start_run, {"act": bulk.EDIT}, name="dossier-bulk"),
    path("entries/confirm/", start_run, {"act": bulk.CONFIRM}, name="entries-confirm"),
    path("export/", exports.dossier_export, name="dossier-export"),
    # review
    path("review/", review.review_queue, name="review-queue"),
    path("review/approve/", review.review_decide, {"act": "approve"}, name="review-approve"),
    path("review/return/", review.review_decide, {"act": "return"}, name="review-return"),
    path("dossiers/<int:pk>/approve/", review.dossier_approve, name="dossier-approve"),
    path("dossiers/<int:pk>/return/", review.dossier_return, name="dossier-return"),
    path("dossiers/<int:pk>/revise/", review.dossier_revise, name="dossier-revise"),
    path("dossiers/<int:pk>/confirm/", revisions.dossier_confirm, name="dossier-confirm"),
    path("dossiers/<int:pk>/withdraw/", revisions.dossier_withdraw, name="dossier-withdraw"),
    # confirmation sheets
    path("confirmations/", confirmations.confirmation_list, name="confirmation-list"),
    path("confirmations/new/", confirmations.confirmation_new, name="confirmation-new"),
    path("confirmations/<int:pk>/", confirmations.confirmation_detail, name="confirmation-detail"),
    path("confirmations/<int:pk>/scan/", confirmations.confirmation_scan, name="confirmation-scan"),
    # campaigns
    path("campaigns/", campaigns.campaign_list, name="campaign-list"),
    path("campaigns/new/", campaigns.campaign_new, name="campaign-new"),
    path("campaigns/<int:pk>/", campaigns.campaign_detail, name="campaign-detail"),
    path("campaigns/<int:pk>/edit/", campaigns.campaign_edit, name="campaign-edit"),
    path("campaigns/<int:pk>/open/", campaigns.campaign_open, name="campaign-open"),
    path("campaigns/<int:pk>/close/", campaigns.campaign_close, name="campaign-close"),
    path("campaigns/<int:pk>/milestones/", milestones.milestone_new, name="milestone-new"),
    path(
        "participations/<int:pk>/", participations.participation_detail, name="participation-detail"
    ),
    path(
        "participations/<int:pk>/edit/",
        participations.participation_edit,
        name="participation-edit",
    ),
    path("participations/<int:pk>/plan/", participations.plan_add, name="plan-add"),
    path("plans/<int:pk>/", participations.plan_file, name="plan-file"),
    path("participations/<int:pk>/milestones/", milestones.milestone_own, name="milestone-own"),
    path("milestones/<int:pk>/", milestones.milestone_edit, name="milestone-edit"),
    path("milestones/<int:pk>/remove/", milestones.milestone_remove, name="milestone-remove"),
    path("milestones/<int:pk>/earlier/", milestones.milestone_earlier, name="milestone-earlier"),
    # urging
    path("urges/", urges.urge_list, name="urge-list"),
    path("urges/late/", urges.urge_targets, name="urge-targets"),
    path("urges/send/", urges.urge_send, name="urge-send"),
    path("urges/<int:pk>/", urges.urge_detail, name="urge-detail"),
    path("urges/<int:pk>/read/", urges.urge_read, name="urge-read"),
    path("urges/<int:pk>/answer/", urges.urge_answer, name="urge-answer"),
    # exclusions
    path("exclusions/", exclusions.exclusion_list, name="exclusion-list"),
    path("entries/<int:pk>/exclude/", exclusions.exclusion_new, name="exclusion-new"),
    path("exclusions/<int:pk>/", exclusions.exclusion_detail, name="exclusion-detail"),
    path("exclusions/<int:pk>/decide/", exclusions.exclusion_decide, name="exclusion-decide"),
    path("exclusions/<int:pk>/evidence/", exclusions.exclusion_evidence, name="exclusion-evidence"),
    # what comes first, and the tables behind it
    path("key-industries/", key_industries.key_industry_list, name="key-industry-list"),
    path("key-industries/new/", key_industries.key_industry_new, name="key-industry-new"),
    path("key-industries/<int:pk>/", key_industries.key_industry_edit, name="key-industry-edit"),
    path("classifications/", classification.classification_list, name="classification-list"),
    path(
        "classifications/<int:pk>/",
        classification.classification_detail,
        name="classification-detail",
    ),
    path(
        "classifications/<int:pk>/in-force/",
        classification.classification_force,
        name="classification-force",
    ),
    path(
        "industries/<int:pk>/confirm/",
        classification.industry_decide,
        {"act": "confirm"},
        name="industry-confirm",
    ),
    path(
        "industries/<int:pk>/reject/",
        classification.industry_decide,
        {"act": "reject"},
        name="industry-reject",
    ),
    # city pool
    path("pool/", pool.pool_list, name="pool-list"),
    path("pool/nominate/", pool.pool_preview, name="pool-preview"),
    path("pool/rule/", pool.pool_rule, name="pool-rule"),
    path("pool/admit/", pool_review.pool_admit, name="pool-admit"),
    path("pool/decline/", pool_review.pool_decline, name="pool-decline"),
    path("pool/take-out/", pool_review.pool_take_out, name="pool-take-out"),
    path("pool/<int:pk>/", pool.pool_detail, name="pool-detail"),
    # dossiers and patents
    path("mine/", mine.my_patents, name="my-patents"),
    path("patents/<int:pk>/", patents.patent_detail, name="patent-detail"),
    path("dossiers/<int:pk>/", dossiers.dossier_detail, name="dossier-detail"),
    path("dossiers/<int:pk>/edit/", dossiers.dossier_edit, name="dossier-edit"),
    path("dossiers/<int:pk>/cell/", cells.dossier_cell, name="dossier-cell"),
    path("dossiers/<int:pk>/save/", dossiers.dossier_save, name="dossier-save"),
    path("dossiers/<int:pk>/submit/", dossiers.dossier_submit, name="dossier-submit"),
    path("dossiers/<int:pk>/copy-last/", dossiers.dossier_copy_last, name="dossier-copy-last"),
    path("dossiers/<int:pk>/comment/", dossiers.dossier_comment, name="dossier-comment"),
    path("comments/<int:pk>/answer/", dossiers.comment_answer, name="comment-answer"),
    path("dossiers/<int:pk>/draft/", writing.draft_new, name="draft-new"),
    path("drafts/<int:pk>/take/", writing.draft_take, name="draft-take"),
    path("drafts/<int:pk>/discard/", writing.draft_discard, name="draft-discard"),
    path("dossiers/<int:pk>/similar/", writing.similar, name="dossier-similar"),
    path("dossiers/<int:pk>/similar/copy/", writing.similar_copy, name="dossier-similar-copy"),
    path("phrases/", writing.phrase_list, name="phrase-list"),
    path("phrases/new/", writing.phrase_new, name="phrase-new"),
    path("phrases/<int:pk>/remove/", writing.phrase_remove, name="phrase-remove"),
    path("dossiers/<int:pk>/pdf/", exports.dossier_pdf, name="dossier-pdf"),
    path("dossiers/<int:pk>/history/", dossiers.dossier_history, name="dossier-history"),
]
