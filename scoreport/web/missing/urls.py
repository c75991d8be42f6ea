"""The addresses of missing scores. A name or ticket that is looked for never stands in one."""

from django.urls import path

from scoreport.web.missing.views import desk, finder

urlpatterns = [
    path("missing/", finder.missing, name="missing_scores"),
    path("missing/<str:address>/claim/<str:key>/", finder.claim, name="missing_claim"),
    path("desk/claims/", desk.queue, name="desk_claims"),
    path("desk/claims/<int:number>/", desk.claim, name="desk_claim"),
    path("desk/claims/<int:number>/undo/", desk.undo, name="desk_claim_undo"),
]
