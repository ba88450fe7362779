"""API of the disputes app: the pages' operations and permissions."""

from rest_framework.routers import SimpleRouter

from disputes.api.disputes import DisputeViewSet
from disputes.api.hardship import urlpatterns as hardships
from disputes.api.plans import PlanViewSet

router = SimpleRouter()
router.register("disputes", DisputeViewSet, basename="dispute")
router.register("plans", PlanViewSet, basename="plan")
urlpatterns = [*router.urls, *hardships]
