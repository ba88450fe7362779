"""API of the collection app."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from collection.api.cases import CaseViewSet, ContactViewSet, PromiseViewSet, WorkView
from collection.api.corrections import CorrectionViewSet
from collection.api.notices import NoticeViewSet
from collection.api.people import AbsenceViewSet, HandOverView
from collection.api.posters import PosterViewSet
from collection.api.runs import PlanView, RollBackView, RunView
from collection.api.schedule import CalendarView, TimetableView, WorkloadView
from collection.api.scripts import ScriptViewSet
from collection.api.strategies import StrategyViewSet
from collection.api.why import WhyView

router = SimpleRouter()
router.register("cases", CaseViewSet, basename="case")
router.register("contacts", ContactViewSet, basename="contact")
router.register("promises", PromiseViewSet, basename="promise")
router.register("notices", NoticeViewSet, basename="notice")
router.register("corrections", CorrectionViewSet, basename="correction")
router.register("posters", PosterViewSet, basename="poster")
router.register("strategies", StrategyViewSet, basename="strategy")
router.register("absences", AbsenceViewSet, basename="absence")
router.register("scripts", ScriptViewSet, basename="script")

urlpatterns = [
    path("schedule/", CalendarView.as_view(), name="schedule"),
    path("accounts/<int:account_id>/schedule/", TimetableView.as_view(), name="timetable"),
    path("workload/", WorkloadView.as_view(), name="workload"),
    path("workload/hand-over/", HandOverView.as_view(), name="hand-over"),
    path("work/", WorkView.as_view(), name="work"),
    path("accounts/<int:account_id>/why/", WhyView.as_view(), name="why"),
    path("runs/", RunView.as_view(), name="runs"),
    path("runs/plan/", PlanView.as_view(), name="run-plan"),
    path("runs/<int:sweep_id>/roll-back/", RollBackView.as_view(), name="run-roll-back"),
    *router.urls,
]
