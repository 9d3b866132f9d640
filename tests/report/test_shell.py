"""The built page and what is put into it."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mackinder.errors import RunError
from mackinder.report.markup import Markup, el
from mackinder.report.shell import app_page, content_policy, fill_shell, island, read_island

SHELL = (
    "<html><head><!--mk:policy--><title>mackinder</title><!--mk:head--><script type=\"module\">let a = '<b>';</script>"
    "</head><body><!--mk:body--><!--mk:data--></body></html>"
)
TEXTS = st.dictionaries(
    st.text(), st.one_of(st.text(), st.integers(-9, 9), st.lists(st.text(), max_size=3)), max_size=5
)


def filled(payload, title="t", body="b"):
    return fill_shell(SHELL, title=title, head=Markup(""), body=el("main", body), payload=payload)


@settings(max_examples=60, deadline=None)
@given(payload=TEXTS, title=st.text(max_size=30), body=st.text(max_size=30))
def test_whatever_a_run_says_it_adds_no_element_and_comes_back_whole(payload, title, body):
    """Convention C113: text of a run is text in the page, be it markup, a mark of the page or the end of a script."""
    page = filled(payload, title, body)
    assert read_island(page) == payload
    assert len(re.findall(r"<script", page)) == 2
    assert page.count("<main") == 1


@pytest.mark.parametrize(
    "text", ["<!--mk:data-->", "</script><script>x()</script>", "\\1 \\g<0>", "<title>mackinder</title>"]
)
def test_text_that_looks_like_the_page_stays_text(text):
    page = filled({"a": text}, title=text, body=text)
    assert page.count('id="mk-data"') == 1
    assert read_island(page) == {"a": text}


def test_the_policy_names_the_scripts_of_the_page_and_no_origin():
    policy = content_policy(SHELL)
    assert "unsafe-eval" not in policy
    assert not re.search(r"script-src[^;]*unsafe-inline", policy)
    assert "http" not in policy
    other = content_policy(SHELL.replace("let a", "let b"))
    assert other != policy
    assert content_policy(filled({"x": 1})) == policy  # data is no script


def test_not_a_number_becomes_null_and_bytes_do_not_depend_on_the_day():
    assert read_island(island({"a": float("nan"), "b": (1, float("inf"))})) == {"a": None, "b": [1, None]}
    assert island({"a": 1}) == island({"a": 1})


def test_a_page_of_another_version_is_refused():
    with pytest.raises(RunError, match="mk:data"):
        fill_shell(SHELL.replace("<!--mk:data-->", ""), title="t", head=Markup(""), body=Markup(""), payload={})
    with pytest.raises(RunError, match="plain report"):
        read_island("<html></html>")


def test_the_app_has_no_data_and_says_what_it_needs():
    page = app_page(SHELL, "Case <b>")
    assert "mk-data" not in page
    assert "<noscript>" in page
    assert "mackinder: Case &lt;b&gt;" in page
