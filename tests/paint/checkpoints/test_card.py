import pytest

from jaxsoundart.paint.checkpoints.card import licence_of
from jaxsoundart.paint.checkpoints.folder import locate


@pytest.mark.parametrize(
    ("text", "licence"),
    [
        (
            "---\nlicense: creativeml-openrail-m\ntags:\n- art\n---\n# A",
            "creativeml-openrail-m",
        ),
        ("---\r\nlicense: mit\r\n---\r\n", "mit"),
        ('---\ntags: [a]\nlicense: "apache-2.0"\n---\n', "apache-2.0"),
        ("---\nlicense: openrail++\n---\n", "openrail++"),
        ("---\nlicense_name: own\n---\n", None),
        ("---\nlicense:\n- mit\n- own\n---\n", None),
        ("# A\n---\nlicense: mit\n---\n", None),
        ("---\nlicense: mit\n", None),
        ("license: mit\n", None),
        ("", None),
    ],
)
def test_the_licence_is_the_cards(text, licence, tmp_path):
    (tmp_path / "README.md").write_bytes(text.encode())
    assert licence_of(tmp_path) == licence


def test_no_card_names_no_licence(tmp_path):
    assert licence_of(tmp_path) is None
    (tmp_path / "README.md").write_bytes(b"---\nlicense: \xff\n---\n")
    assert licence_of(tmp_path) is None


def test_the_bundled_painter_names_its_licence():
    assert licence_of(locate("bundled")) == "apache-2.0"
