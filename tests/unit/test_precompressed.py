"""Content negotiation of precompressed files."""

from __future__ import annotations

from pathlib import Path

import pytest

from progress_service.precompressed import PrecompressedFiles, choose_coding

BOTH = ("br", "gzip")


@pytest.mark.parametrize(
    ("accept_encoding", "coding"),
    [
        ([], "identity"),
        ([""], "identity"),
        (["br"], "br"),
        (["gzip, deflate, br, zstd"], "br"),
        (["gzip, deflate"], "gzip"),
        (["GZIP"], "gzip"),
        (["x-gzip"], "gzip"),
        (["gzip", "br"], "br"),
        (["br;q=0.5, gzip;q=0.8"], "gzip"),
        (["br ; q=0, gzip ; q=0.1"], "gzip"),
        (["br;q=0, gzip;q=0"], "identity"),
        (["*"], "br"),
        (["br;q=0, *"], "gzip"),
        (["*;q=0"], "identity"),
        (["identity"], "identity"),
        (["identity;q=0.5, br;q=0.4"], "identity"),
        (["identity;q=0.5, br;q=0.5"], "br"),
        (["identity, br;q=0.9"], "identity"),
        (["identity;q=0"], "identity"),
        (["br;q=x, gzip;q=2"], "identity"),
        (["zstd, deflate"], "identity"),
        ([", ,"], "identity"),
    ],
)
def test_coding_is_the_best_that_is_accepted(accept_encoding: list[str], coding: str):
    assert choose_coding(BOTH, accept_encoding) == coding


def test_coding_of_a_file_without_forms_is_identity(tmp_path: Path):
    (tmp_path / "icon.svg").write_text("<svg/>")
    files = PrecompressedFiles(tmp_path)

    assert files.coding_for("/icon.svg", ["br"]) == "identity"
    assert not files.varies("/icon.svg")


def test_forms_in_subfolders_are_found_but_are_not_files_themselves(tmp_path: Path):
    (tmp_path / "assets").mkdir()
    for name in ("app.js", "app.js.br", "app.js.gz"):
        (tmp_path / "assets" / name).touch()
    files = PrecompressedFiles(tmp_path)

    assert "/assets/app.js" in files
    assert "/assets/app.js.br" not in files
    assert files.is_form("/assets/app.js.gz")
    assert files.coding_for("/assets/app.js", ["gzip"]) == "gzip"


def test_missing_folder_has_no_files(tmp_path: Path):
    assert "/index.html" not in PrecompressedFiles(tmp_path / "missing")
