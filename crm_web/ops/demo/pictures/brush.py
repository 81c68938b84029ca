"""A canvas of 1200 x 900 points, drawn half as large again and shrunk, so that every edge is smooth."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from random import Random

from PIL import Image, ImageDraw, ImageFilter, ImageFont

WIDE = (1200, 900)
TALL = (900, 1200)
FINER = 1.5
COARSE = 0.25
Colour = str | tuple[int, ...]
Point = tuple[float, float]


class Canvas:
    """Shapes in points of the finished picture. `shade` blurs what is drawn inside it."""

    def __init__(
        self, size: tuple[int, int] = WIDE, ground: Colour = "white", mode: str = "RGB", finer: float = FINER
    ) -> None:
        self.size, self.finer = size, finer
        self.image = Image.new(mode, (round(size[0] * finer), round(size[1] * finer)), ground)
        self.pen = ImageDraw.Draw(self.image, mode)

    def box(self, x: float, y: float, wide: float, high: float, fill: Colour, round_by: float = 0) -> None:
        self.pen.rounded_rectangle(self._at(x, y, x + wide, y + high), round_by * self.finer, fill)

    def frame(self, x: float, y: float, wide: float, high: float, colour: Colour, width: float = 4) -> None:
        self.pen.rectangle(self._at(x, y, x + wide, y + high), None, colour, round(width * self.finer))

    def oval(self, x: float, y: float, wide: float, high: float, fill: Colour) -> None:
        self.pen.ellipse(self._at(x, y, x + wide, y + high), fill)

    def shape(self, points: Sequence[Point], fill: Colour) -> None:
        self.pen.polygon([(x * self.finer, y * self.finer) for x, y in points], fill)

    def line(self, points: Sequence[Point], colour: Colour, width: float = 4) -> None:
        joined = [(x * self.finer, y * self.finer) for x, y in points]
        self.pen.line(joined, colour, round(width * self.finer), joint="curve")

    def arc(  # noqa: PLR0917 - a shape has that many numbers
        self, x: float, y: float, size: float, start: int, end: int, colour: Colour, width: float = 2
    ) -> None:
        self.pen.arc(self._at(x, y, x + size, y + size), start, end, colour, round(width * self.finer))

    def words(
        self,
        x: float,
        y: float,
        text: str,
        size: float,
        colour: Colour = "#222",
        anchor: str = "mm",
        *,
        bold: bool = False,
    ) -> None:
        """The font that Pillow brings along knows no accents: unaccented words only."""
        font = ImageFont.load_default(size * self.finer)
        place = (x * self.finer, y * self.finer)
        self.pen.text(
            place, text, colour, font, anchor, stroke_width=round(size * self.finer / 26) if bold else 0
        )

    def fade(
        self, top: tuple[int, int, int], bottom: tuple[int, int, int], y: float = 0, high: float = 900
    ) -> None:
        """A sky, or a wall in the light: one colour passing into another, downwards."""
        column = Image.new("RGB", (1, 256))
        column.putdata([_between(top, bottom, step / 255) for step in range(256)])
        wide = self.image.width
        self.image.paste(column.resize((wide, round(high * self.finer))), (0, round(y * self.finer)))

    def shade(self, draw: Callable[[Canvas], None], blur: float = 12) -> None:
        """Lay soft shapes over the picture: light on a floor, a shadow, a stain. They need few pixels to be soft."""
        veil = Canvas(self.size, (0, 0, 0, 0), "RGBA", self.finer * COARSE)
        draw(veil)
        plain = veil.image.convert("RGBa").filter(ImageFilter.GaussianBlur(blur * veil.finer))
        veil.image = plain.convert("RGBA")
        left, top, right, bottom = veil.image.getbbox() or (0, 0, 1, 1)
        up = round(1 / COARSE)
        soft = veil.image.crop((left, top, right, bottom)).resize(
            ((right - left) * up, (bottom - top) * up), Image.Resampling.BILINEAR
        )
        self.image.paste(soft, (left * up, top * up), soft)

    def jpeg(self) -> bytes:
        out = io.BytesIO()
        self.finished().save(out, "JPEG", quality=84)
        return out.getvalue()

    def webp(self) -> bytes:
        out = io.BytesIO()
        self.finished().save(out, "WEBP", quality=86, method=4)
        return out.getvalue()

    def _at(self, *numbers: float) -> tuple[float, ...]:
        return tuple(number * self.finer for number in numbers)

    def finished(self) -> Image.Image:
        return self.image.resize(self.size, Image.Resampling.LANCZOS)


def _between(one: tuple[int, int, int], other: tuple[int, int, int], part: float) -> tuple[int, ...]:
    return tuple(round(a + (b - a) * part) for a, b in zip(one, other, strict=True))


# -- what several pictures have ------------------------------------------------------------------------------


def hills(canvas: Canvas, chance: Random, y: float, colours: Sequence[Colour]) -> None:
    """The mountains east of the city, one ridge behind the other."""
    for depth, colour in enumerate(colours):
        base = y + depth * 45
        points: list[Point] = [(-10, 900)]
        points += [(x, base - chance.randint(0, 70)) for x in range(-10, 1260, 105)]
        canvas.shape([*points, (1210, 900)], colour)


def cloud(canvas: Canvas, x: float, y: float, size: float, colour: Colour = "#ffffff") -> None:
    for dx, dy, part in ((0, 12, 0.5), (0.28, -8, 0.62), (0.62, 4, 0.55)):
        canvas.oval(x + dx * size, y + dy, size * part, size * part * 0.55, colour)
    canvas.box(x + 8, y + size * 0.17, size * 1.08, size * 0.16, colour, size * 0.08)


def tree(canvas: Canvas, x: float, y: float, size: float, leaf: Colour, shade: Colour) -> None:
    canvas.box(x - size * 0.05, y - size * 0.5, size * 0.1, size * 0.5, "#6b4a35", 3)
    canvas.oval(x - size * 0.36, y - size * 1.15, size * 0.72, size * 0.82, shade)
    canvas.oval(x - size * 0.34, y - size * 1.2, size * 0.56, size * 0.66, leaf)


def plant(
    canvas: Canvas, x: float, y: float, size: float, pot: Colour = "#c9805b", leaf: Colour = "#3f7d5c"
) -> None:
    for lean in (-0.42, -0.2, 0.02, 0.24, 0.44):
        tip = (x + lean * size * 1.5, y - size * (1.5 - abs(lean)))
        middle = (x + lean * size * 0.6, y - size * 0.7)
        canvas.shape([(x - 4, y - size * 0.4), (middle[0] - size * 0.12, middle[1]), tip,
                      (middle[0] + size * 0.12, middle[1]), (x + 4, y - size * 0.4)], leaf)  # fmt: skip
    canvas.shape([(x - size * 0.3, y - size * 0.45), (x + size * 0.3, y - size * 0.45),
                  (x + size * 0.22, y), (x - size * 0.22, y)], pot)  # fmt: skip
