"""The addresses of the program desk. What changes something is confirmed on a page of its own."""

from django.urls import path

from scoreport.web.desk.views import (
    acts,
    files,
    handling,
    jobs,
    lists,
    match_answers,
    matching,
    upload,
    waiting,
    withdrawals,
)

urlpatterns = [
    path("desk/", files.desk, name="desk"),
    path("desk/jobs/", jobs.jobs, name="desk_jobs"),
    path("desk/jobs/<uuid:job_id>/retry/", jobs.try_again, name="desk_job_retry"),
    path("desk/upload/", upload.upload, name="desk_upload"),
    path("desk/waiting/", waiting.waiting, name="desk_waiting"),
    path("desk/withdrawals/", withdrawals.withdrawals, name="desk_withdrawals"),
    path("desk/withdrawals/new/", withdrawals.withdraw, name="desk_withdraw"),
    path("desk/withdrawals/<int:number>/", withdrawals.withdrawal, name="desk_withdrawal"),
    path("desk/more-rows/", handling.more, name="desk_more_rows"),
    path("desk/files/<int:file_id>/", files.file, name="desk_file"),
    path("desk/files/<int:file_id>/accept/", acts.accept, name="desk_accept"),
    path("desk/files/<int:file_id>/check/", acts.check_again, name="desk_check"),
    path("desk/files/<int:file_id>/repair/", acts.repair, name="desk_repair"),
    path("desk/files/<int:file_id>/discard/", acts.discard, name="desk_discard"),
    path("desk/files/<int:file_id>/undo/", acts.undo_file, name="desk_undo_file"),
    path("desk/files/<int:file_id>/take-over/", handling.take_over, name="desk_take_over"),
    path("desk/files/<int:file_id>/reasons.csv", lists.reasons, name="desk_reasons"),
    path("desk/files/<int:file_id>/<slug:kind>/", lists.rows, name="desk_rows"),
    path("desk/files/<int:file_id>/<slug:kind>/whole/", lists.whole, name="desk_rows_whole"),
    path("matching/", matching.queue, name="matching"),
    path("matching/answer/", match_answers.answer, name="matching_answer"),
    path("matching/<int:case_id>/undo/", match_answers.undo, name="matching_undo"),
]
