"""The page's HTML is made once for each address, and never kept where it could be another's."""
from __future__ import annotations

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from ui.kept_page import MOST, KeptPage


class Made:
    """A page that counts how often it was made."""

    def __init__(self, answer: Response | None = None) -> None:
        self.n = 0
        self.answer = answer
        routes = [Route("/", self.page), Route("/other", self.page)]
        self.client = TestClient(KeptPage(Starlette(routes=routes)), base_url="http://127.0.0.1:7860")

    async def page(self, request: Request) -> Response:
        """What is seen at this address."""
        self.n += 1
        made = {"x-made": str(self.n)}
        return self.answer or HTMLResponse(f"<p>{self.n}</p> at {request.url}", headers=made)


def test_the_same_address_gets_the_same_page_without_making_it_again() -> None:
    made = Made()
    first, second = made.client.get("/"), made.client.get("/")
    assert (first.text, dict(first.headers)) == (second.text, dict(second.headers)) and made.n == 1
    assert "<p>1</p> at http://127.0.0.1:7860/" in first.text


@pytest.mark.parametrize("headers", [
    {"host": "localhost:7860"}, {"x-forwarded-host": "voice.example"}, {"x-forwarded-proto": "https"},
    {"x-gradio-server": "http://elsewhere"}])
def test_another_address_gets_its_own(headers: dict[str, str]) -> None:
    made = Made()
    made.client.get("/")
    assert "<p>2</p>" in made.client.get("/", headers=headers).text
    assert "<p>1</p>" in made.client.get("/").text


@pytest.mark.parametrize(("method", "path"), [("HEAD", "/"), ("GET", "/?deep_link=x"), ("GET", "/other")])
def test_what_is_not_the_plain_page_is_made_each_time(method: str, path: str) -> None:
    made = Made()
    for _ in range(2):
        made.client.request(method, path)
    assert made.n == 2


@pytest.mark.parametrize("answer", [
    HTMLResponse("sorry", 503), HTMLResponse("mine", headers={"set-cookie": "who=me"}), JSONResponse({})])
def test_what_may_be_for_one_asker_is_not_kept(answer: Response) -> None:
    made = Made(answer)
    for _ in range(2):
        assert made.client.get("/").content == answer.body
    assert made.n == 2


def test_invented_addresses_do_not_fill_the_memory() -> None:
    made = Made()
    for n in range(MOST + 1):
        made.client.get("/", headers={"host": f"h{n}"})
    made.client.get("/", headers={"host": f"h{MOST}"})
    assert made.n == MOST + 1, "the newest is kept"
    made.client.get("/", headers={"host": "h0"})
    assert made.n == MOST + 2, "the oldest is not"
