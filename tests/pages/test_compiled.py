"""Compiled templates save time and change nothing."""

import sys

import pytest
from jinja2 import DictLoader, Environment

from feedpub.pages.compiled import compiled_templates


@pytest.fixture(autouse=True)
def _keeping_bytecode(monkeypatch):
    monkeypatch.setattr(sys, "dont_write_bytecode", False)


def rendered(folder, template):
    loader, cache = DictLoader({"a.html": template}), compiled_templates(folder)
    return Environment(loader=loader, bytecode_cache=cache, autoescape=True).get_template("a.html")


def test_template_is_compiled_once(tmp_path, monkeypatch):
    assert rendered(tmp_path, "{{ a }}").render(a="<") == "&lt;"
    assert list(tmp_path.iterdir())
    monkeypatch.setattr(Environment, "_compile", None)
    assert rendered(tmp_path, "{{ a }}").render(a="<") == "&lt;"


def test_edited_template_is_compiled_anew(tmp_path):
    rendered(tmp_path, "old")
    assert rendered(tmp_path, "new").render() == "new"


def test_damaged_file_is_compiled_anew(tmp_path):
    rendered(tmp_path, "text")
    for file in tmp_path.iterdir():
        file.write_bytes(file.read_bytes()[:10])
    assert rendered(tmp_path, "text").render() == "text"


def test_folder_that_cannot_be_made_costs_nothing(tmp_path):
    (tmp_path / "file").write_text("")
    assert compiled_templates(tmp_path / "file") is None


def test_folder_that_is_gone_costs_nothing(tmp_path):
    cache = compiled_templates(tmp_path / "kept")
    (tmp_path / "kept").rmdir()
    environment = Environment(loader=DictLoader({"a": "text"}), bytecode_cache=cache)
    assert environment.get_template("a").render() == "text"


def test_nothing_is_kept_where_python_keeps_no_bytecode(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert compiled_templates(tmp_path) is None
