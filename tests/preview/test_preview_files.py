import pytest

from feedpub.preview.files import media_type, read


@pytest.mark.parametrize(
    ("name", "expected"),
    [("logo.png", "image/png"), ("other.xml", "application/xml"),
     ("LICENCE", "application/octet-stream")],
)  # fmt: skip
def test_media_type_of_a_file_that_feedpub_did_not_write(name, expected):
    assert media_type(name) == expected


def test_output_may_itself_be_a_link(output):
    output.rename(output.with_name("elsewhere"))
    output.symlink_to("elsewhere")
    assert read(output, "/all/").data == b"<p>All</p>"


@pytest.mark.parametrize("path", ["", "all/rss.xml", "*", "/all/\0", "/../feeds/all/rss.xml"])
def test_what_is_no_path_of_a_file_is_not_there(output, path):
    with pytest.raises(FileNotFoundError):
        read(output, path)


def test_folder_without_slash_is_told_from_what_is_not_there(output):
    with pytest.raises(IsADirectoryError):
        read(output, "/all")
