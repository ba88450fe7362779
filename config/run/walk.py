"""A first walk through a demo that has just started: everyone it offers signs in and opens their first page."""

import re
import urllib.error
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar

from config.demo import PASSWORD
from config.demo.cast import CUIHU, HUATING
from config.run.places import CannotRun

_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
_PAGES = ("", "arrears/", "dashboard/")  # where each is led, and two that stand on everything the demo's days did


def walk(address: str) -> int:
    """Sign in as each of the demo's people and open their first pages; how many there were.

    Raises `CannotRun` naming who was not let in or which page answers with a fault. A page that somebody's role does
    not include may refuse (403); that is an answer.
    """
    people = [login for cast in (HUATING, CUIHU) for login, _name, _role in cast.people]
    for login in people:
        browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        sign_in = f"{address}login/"
        token = _TOKEN.search(_open(browser, sign_in, login))
        filled = {"username": login, "password": PASSWORD, "csrfmiddlewaretoken": token[1] if token else ""}
        asked = urllib.request.Request(sign_in, urllib.parse.urlencode(filled).encode(), {"Referer": sign_in})
        with browser.open(asked, timeout=30) as answer:
            if answer.url.startswith(sign_in):
                raise CannotRun(f"{login} is not let in at {sign_in}.")
        for page in _PAGES:
            _open(browser, address + page, login)
    return len(people)


def _open(browser: urllib.request.OpenerDirector, url: str, login: str) -> str:
    try:
        with browser.open(url, timeout=30) as answer:
            return answer.read().decode()
    except urllib.error.HTTPError as fault:
        if fault.code != 403:
            raise CannotRun(f"{url} answers {login} with {fault.code}; the web server's log says why.") from fault
        return ""
