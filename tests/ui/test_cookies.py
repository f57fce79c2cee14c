"""Cookies are read whatever other programs on this host have left, and are kept from scripts."""
from __future__ import annotations

import pytest
from starlette.responses import Response

from ui.cookies import cookie_of, keep

ODD = ["", "a=1; ", "not:a,cookie[1]=x; ", 'tok={"a": [1, 2]}; ', "\u00fc=1; ", ";;=; "]


@pytest.mark.parametrize("others", ODD)
def test_ours_is_found_beside_any_others(others: str) -> None:
    assert cookie_of({"cookie": f"{others}ours=abc; last=1"}, "ours") == "abc"


@pytest.mark.parametrize("header", ["", "other=1", ";", "="])
def test_a_missing_one_is_empty(header: str) -> None:
    assert cookie_of({"cookie": header}, "ours") == ""
    assert cookie_of({}, "ours") == ""


@pytest.mark.parametrize("is_https", [True, False])
def test_a_kept_one_is_hidden_from_scripts_and_over_https_never_in_the_clear(is_https: bool) -> None:
    told = keep(Response(), "ours", "abc", is_https, "/booth").headers["set-cookie"].lower()
    assert told.startswith("ours=abc;") and "httponly" in told and "path=/booth" in told
    assert ("secure" in told) is is_https
