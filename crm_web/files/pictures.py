"""Pictures: their true format and size, and the small copy that lists show. Bombs are told by the header, unopened."""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass
from typing import BinaryIO

from PIL import Image, ImageOps

# More than any telephone's camera makes of one picture. Whole, they would take 200 MB of memory.
MAX_PIXELS = 50_000_000
# A JPEG is decoded at an eighth of its size; anything else is decoded whole, and only up to this size.
MAX_WHOLE_PIXELS = 24_000_000
WIDEST = 640
FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP", "image/gif": "GIF"}
SIDEWAYS = (5, 6, 7, 8)
ORIENTATION = 0x0112

Image.MAX_IMAGE_PIXELS = MAX_PIXELS
warnings.simplefilter("error", Image.DecompressionBombWarning)


class BrokenPicture(ValueError):
    """It says that it is a picture, and cannot be read as one."""


class TooManyPixels(ValueError):
    """A small file that would be an enormous picture."""


@dataclass(frozen=True)
class Look:
    """What the header says, in the orientation in which it is shown."""

    width: int
    height: int
    mode: str
    animated: bool


def look(file: BinaryIO, mime: str) -> Look:
    """Read the header; raises BrokenPicture or TooManyPixels."""
    with _opened(file, mime) as picture:
        width, height = picture.size
        if _orientation(picture) in SIDEWAYS:
            width, height = height, width
        animated = mime == "image/webp" and bool(getattr(picture, "is_animated", False))
        return Look(width, height, picture.mode, animated)


def thumbnail(file: BinaryIO, mime: str) -> bytes | None:
    """At most 640 pixels wide and high, upright, as WebP without any metadata; None when it would cost too much.

    Raises BrokenPicture when the file is cut off or damaged.
    """
    with _opened(file, mime) as picture:
        if mime != "image/jpeg" and picture.width * picture.height > MAX_WHOLE_PIXELS:
            return None
        try:
            return _shrunk(picture)
        except Exception as error:
            raise BrokenPicture(type(error).__name__) from error


def _opened(file: BinaryIO, mime: str) -> Image.Image:
    """Whatever a hostile file makes of the library, it is one of two errors for us."""
    file.seek(0)
    try:
        picture = Image.open(file, formats=(FORMATS[mime],))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise TooManyPixels from None
    except Exception as error:
        raise BrokenPicture(type(error).__name__) from error
    return picture


def _orientation(picture: Image.Image) -> int | None:
    """Asked only when it stands in the header: a PNG would be decoded whole to look for it."""
    return picture.getexif().get(ORIENTATION) if "exif" in picture.info else None


def _shrunk(picture: Image.Image) -> bytes:
    if picture.format == "JPEG":
        picture.draft("RGB", (WIDEST, WIDEST))
    small = picture.convert("RGBA" if picture.has_transparency_data else "RGB")
    small.thumbnail((WIDEST, WIDEST))
    ImageOps.exif_transpose(small, in_place=True)
    out = io.BytesIO()
    small.save(out, "WEBP", quality=80, method=4)
    return out.getvalue()
