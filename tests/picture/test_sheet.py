import numpy as np
import PIL.Image
import pytest

from jaxsoundart.errors import PictureError
from jaxsoundart.picture.sheet import contact_sheet, write_sheet


def pictures(count, height=6, width=5):
    rng = np.random.default_rng(0)
    return list(rng.integers(100, 256, (count, height, width, 3), np.uint8))


@pytest.mark.parametrize(
    ("count", "columns", "rows_and_columns"),
    [(1, None, (1, 1)), (4, None, (2, 2)), (5, None, (2, 3)), (3, 9, (1, 3))],
)
def test_every_picture_stands_once_in_reading_order(count, columns, rows_and_columns):
    images = pictures(count)
    page = contact_sheet(images, columns=columns, gap_px=2)
    rows, across = rows_and_columns
    assert page.shape == (2 + rows * 8, 2 + across * 7, 3)
    rest = page.copy()
    for index, image in enumerate(images):
        top, left = 2 + index // across * 8, 2 + index % across * 7
        np.testing.assert_array_equal(page[top : top + 6, left : left + 5], image)
        rest[top : top + 6, left : left + 5] = 24
    # Nothing but paper around them.
    assert (rest == 24).all()


def test_no_pictures_or_unequal_ones_are_told():
    with pytest.raises(PictureError, match="at least one picture"):
        contact_sheet([])
    with pytest.raises(PictureError, match="one size, got 5×6, 5×7"):
        contact_sheet([*pictures(2), *pictures(1, height=7)])


def test_the_sheet_is_written_as_it_is(tmp_path):
    images = pictures(4)
    write_sheet(tmp_path / "sheet.png", images, columns=4, gap_px=1)
    with PIL.Image.open(tmp_path / "sheet.png") as file:
        page = np.array(file)
    np.testing.assert_array_equal(page, contact_sheet(images, columns=4, gap_px=1))
