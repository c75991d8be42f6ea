"""Help texts, a person's own requests, and the requests at the desk."""

from django.urls import path

from scoreport.web.help.views import answering, asking, canned, queue, texts, threads

_OWN = "help/requests/<int:number>/"
_DESK = "desk/requests/<int:number>/"
_KEPT = "desk/requests/answers/"

urlpatterns = [
    path("help/", texts.home, name="help"),
    path("help/search/", texts.search, name="help_search"),
    path("help/changes/", texts.changes, name="help_changes"),
    path("help/requests/", threads.mine, name="help_requests"),
    path("help/requests/new/", asking.new, name="help_ask"),
    path(_OWN, threads.thread, name="help_request"),
    path(f"{_OWN}reply/", threads.reply, name="help_reply"),
    path(f"{_OWN}close/", threads.close, name="help_close"),
    path(f"{_OWN}reopen/", threads.reopen, name="help_reopen"),
    path(f"{_OWN}files/<int:file_id>/", threads.file, name="help_file"),
    path("help/<slug:slug>/", texts.article, name="help_article"),
    path("desk/requests/", queue.queue, name="desk_requests"),
    path(_KEPT, canned.answers, name="desk_answers"),
    path(f"{_KEPT}new/", canned.new, name="desk_answer_new"),
    path(f"{_KEPT}<int:answer_id>/", canned.change, name="desk_answer"),
    path(f"{_KEPT}<int:answer_id>/delete/", canned.delete, name="desk_answer_delete"),
    path(_DESK, answering.request_page, name="desk_request"),
    path(f"{_DESK}answer/", answering.answer, name="desk_request_answer"),
    path(f"{_DESK}note/", answering.note, name="desk_request_note"),
    path(f"{_DESK}assign/", answering.assign, name="desk_request_assign"),
    path(f"{_DESK}close/", answering.close, name="desk_request_close"),
    path(f"{_DESK}reopen/", answering.reopen, name="desk_request_reopen"),
    path(f"{_DESK}files/<int:file_id>/", answering.file, name="desk_request_file"),
]
