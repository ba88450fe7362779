"""Addresses of the offices app."""

from django.contrib.auth.views import LogoutView
from django.urls import path

from offices.views import office, session, working_days

app_name = "offices"
urlpatterns = [
    path("", session.home, name="home"),
    path("login/", session.SignIn.as_view(), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("no-office/", session.none, name="none"),
    path("office/", session.switch, name="switch"),
    path("me/", session.me, name="me"),
    path("settings/", office.settings_page, name="settings"),
    path("settings/communities/", office.communities, name="communities"),
    path("settings/calendar/", working_days.calendar_page, name="calendar"),
    path("settings/calendar/notice/", working_days.take_notice, name="calendar-notice"),
    path("settings/calendar/remove/", working_days.remove, name="calendar-remove"),
    path("settings/people/", office.people_page, name="people"),
    path("settings/people/<int:pk>/", office.person, name="person"),
    path("settings/tokens/", office.tokens_page, name="tokens"),
    path("settings/tokens/<int:pk>/revoke/", office.revoke, name="token-revoke"),
    path("jobs/<int:pk>/", office.job, name="job"),
]
