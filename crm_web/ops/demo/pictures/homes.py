"""What one sees of a home from the street, from its terrace, or on a sign."""

from __future__ import annotations

from random import Random

from crm_web.ops.demo.pictures.brush import Canvas, Colour, cloud, hills, plant, tree

# Walls, their shaded side, balconies, frames: the brick of the city, and its plaster.
WALLS: tuple[tuple[Colour, Colour, Colour, Colour], ...] = (
    ("#b5654a", "#98523c", "#e9ddd0", "#5b3a2e"),
    ("#d9cbb8", "#c2b29c", "#7d8b8c", "#4d5557"),
    ("#8f9aa0", "#77838a", "#d7dde0", "#3d474c"),
    ("#c47f57", "#a86743", "#f0e3d2", "#61402c"),
    ("#efe9df", "#d8d0c2", "#9c6b4f", "#6a5748"),
    ("#a3543f", "#884432", "#d8c4a8", "#4a2e25"),
)
SKIES = (
    ((142, 190, 226), (226, 238, 244)),
    ((110, 168, 214), (210, 230, 240)),
    ((233, 190, 152), (250, 232, 208)),
    ((168, 186, 202), (226, 229, 230)),
)
GLASS: tuple[Colour, ...] = ("#bcd6e0", "#a9c8d6", "#cfe2e8", "#f3dfae")


def facade(chance: Random) -> Canvas:
    """A block of flats between its neighbours, with trees on the pavement."""
    canvas = Canvas()
    canvas.fade(*chance.choice(SKIES), high=700)
    cloud(canvas, chance.randint(60, 300), chance.randint(60, 140), 190)
    cloud(canvas, chance.randint(700, 950), chance.randint(40, 120), 150)
    hills(canvas, chance, 470, ("#8fb09a", "#6f9a80", "#5a8a6e"))
    _neighbour(canvas, chance, 40, 250, 480)
    _neighbour(canvas, chance, 900, 290, 430)
    _block(canvas, chance)
    _street(canvas)
    for x, size in ((120, 190), (1070, 220), (940, 130)):
        tree(canvas, x, 790, size, "#5f9b6a", "#4b8358")
    return canvas


def _neighbour(canvas: Canvas, chance: Random, x: int, wide: int, top: int) -> None:
    wall, _shade, _balcony, frame = chance.choice(WALLS)
    canvas.box(x, top, wide, 780 - top, wall)
    canvas.box(x, top, wide, 14, frame)
    for row in range((760 - top) // 90):
        for column in range(wide // 80):
            canvas.box(x + 24 + column * 80, top + 46 + row * 90, 44, 52, chance.choice(GLASS), 2)


def _block(canvas: Canvas, chance: Random) -> None:
    wall, shade, balcony, frame = chance.choice(WALLS)
    floors, left, wide = chance.choice((5, 6)), 300, 560
    top = 780 - floors * 96 - 60
    canvas.box(left, top, wide, 780 - top, wall)
    canvas.box(left + wide - 120, top, 120, 780 - top, shade)
    canvas.box(left - 14, top - 18, wide + 28, 24, frame, 3)
    canvas.box(left + 70, top - 70, 110, 54, shade, 3)
    for floor in range(floors):
        y = top + 34 + floor * 96
        _floor(canvas, chance, left, y, wide, balcony, frame)
    _entrance(canvas, left + wide / 2 - 70, frame)


def _floor(  # noqa: PLR0917 - what a floor is made of
    canvas: Canvas, chance: Random, left: float, y: float, wide: float, balcony: Colour, frame: Colour
) -> None:
    for x in (left + 40, left + 250):
        canvas.box(x, y, 150, 64, frame, 3)
        canvas.box(x + 5, y + 5, 67, 54, chance.choice(GLASS))
        canvas.box(x + 78, y + 5, 67, 54, chance.choice(GLASS))
        canvas.box(x - 12, y + 52, 174, 24, balcony, 3)
        canvas.line([(x - 12, y + 46), (x + 162, y + 46)], frame, 3)
        if chance.random() < 0.4:
            canvas.oval(x + 8, y + 30, 34, 26, "#4f8a5d")
    canvas.box(left + wide - 92, y, 64, 56, frame, 3)
    canvas.box(left + wide - 87, y + 5, 54, 46, chance.choice(GLASS))


def _entrance(canvas: Canvas, x: float, frame: Colour) -> None:
    canvas.box(x - 40, 690, 220, 18, frame, 3)
    canvas.box(x - 24, 708, 188, 76, "#2f3a3d")
    canvas.box(x - 16, 716, 82, 68, "#f1d9a0")
    canvas.box(x + 74, 716, 82, 68, "#e8cf95")


def _street(canvas: Canvas) -> None:
    canvas.box(0, 780, 1200, 34, "#cfc9bf")
    canvas.box(0, 812, 1200, 88, "#6f7274")
    for x in range(20, 1200, 170):
        canvas.box(x, 852, 90, 8, "#e9e4d6", 3)
    canvas.shade(lambda veil: veil.box(0, 770, 1200, 26, (20, 20, 30, 90)), 10)


def terrace(chance: Random) -> Canvas:
    """The city at the end of the day, over a railing with two chairs."""
    canvas = Canvas()
    canvas.fade(
        *chance.choice((((244, 176, 124), (253, 232, 200)), ((120, 168, 212), (240, 226, 210)))), high=640
    )
    canvas.oval(840, 250, 120, 120, "#fff3d6")
    hills(canvas, chance, 430, ("#8a9db0", "#6f8799"))
    for x in range(-20, 1220, 62):
        high, colour = chance.randint(70, 230), chance.choice(("#5c6c7a", "#6d7d8a", "#7d8b95"))
        canvas.box(x, 640 - high, 56, high, colour)
        for y in range(640 - high + 14, 626, 26):
            for dx in (10, 32):
                canvas.box(x + dx, y, 12, 12, "#f7d794" if chance.random() < 0.35 else "#8a98a3")
    canvas.box(0, 640, 1200, 260, "#b98a63")
    for y in range(668, 900, 34):
        canvas.line([(0, y), (1200, y)], "#a67850", 3)
    _railing(canvas)
    for x in (250, 560):
        _chair(canvas, x)
    canvas.box(440, 720, 120, 12, "#4a4038", 4)
    canvas.box(494, 730, 12, 90, "#4a4038")
    canvas.oval(468, 690, 26, 30, "#f2f2f2")
    plant(canvas, 120, 810, 130)
    plant(canvas, 1050, 820, 150, "#7d6b5a", "#4a8a5f")
    return canvas


def _railing(canvas: Canvas) -> None:
    canvas.shade(lambda veil: veil.box(0, 470, 1200, 200, (220, 235, 240, 60)), 2)
    canvas.box(0, 462, 1200, 10, "#3d4448")
    for x in range(0, 1201, 200):
        canvas.box(x - 4, 462, 8, 200, "#3d4448")


def _chair(canvas: Canvas, x: float) -> None:
    canvas.shade(lambda veil: veil.oval(x - 20, 810, 220, 40, (30, 15, 5, 110)), 8)
    canvas.shape([(x, 590), (x + 46, 585), (x + 66, 740), (x + 20, 745)], "#e8e2d8")
    canvas.box(x + 18, 728, 150, 30, "#f4efe6", 12)
    for leg in (x + 30, x + 146):
        canvas.line([(leg, 756), (leg + 6, 832)], "#5a4a3c", 8)


def sign(chance: Random) -> Canvas:
    """A sign in a window, as somebody walking by took it."""
    canvas = Canvas(ground="#b5654a")
    for row in range(0, 900, 36):
        canvas.line([(0, row), (1200, row)], "#9a523b", 3)
        for x in range(-60 if row % 72 else 0, 1220, 120):
            canvas.line([(x, row), (x, row + 36)], "#9a523b", 3)
    canvas.box(150, 90, 900, 720, "#4c3328", 6)
    canvas.box(180, 120, 410, 660, "#a9c3cd")
    canvas.box(610, 120, 410, 660, "#9db9c4")
    canvas.shade(
        lambda veil: veil.shape([(180, 500), (590, 140), (590, 300), (180, 660)], (255, 255, 255, 90)), 6
    )
    colour = chance.choice(("#0f766e", "#b42318", "#1d4ed8"))
    canvas.shade(lambda veil: veil.box(296, 252, 620, 420, (0, 0, 0, 120)), 14)
    canvas.box(290, 240, 620, 420, "#fffdf8", 8)
    canvas.box(290, 240, 620, 120, colour, 8)
    canvas.words(600, 302, chance.choice(("SE VENDE", "VENDO", "SE VENDE")), 74, "white", bold=True)
    canvas.words(600, 424, "Apartamento", 58, "#222", bold=True)
    canvas.words(
        600, 496, f"{chance.choice((64, 71, 84, 96))} m2 - {chance.choice((2, 3))} alcobas", 44, "#444"
    )
    canvas.words(600, 590, "601 555 0190", 64, colour, bold=True)
    canvas.box(0, 846, 1200, 54, "#8d8379")
    return canvas


def keys(_chance: Random) -> Canvas:
    """Keys on a table, with a small house on the ring."""
    canvas = Canvas(ground="#c89a6a")
    for y in range(0, 900, 90):
        canvas.box(0, y, 1200, 86, "#cfa274" if y % 180 else "#c59563")
        canvas.line([(0, y + 87), (1200, y + 87)], "#a87a4d", 4)
    canvas.shade(lambda veil: veil.oval(330, 300, 620, 400, (60, 30, 10, 110)), 26)
    for size, colour in ((230, "#9aa1a6"), (190, "#c89a6a")):
        canvas.oval(470 - size / 2, 390 - size / 2, size, size, colour)
    _key(canvas, 560, 460, "#d9b44a", 0)
    _key(canvas, 520, 500, "#b9bec2", 70)
    canvas.shape([(250, 420), (350, 330), (450, 420)], "#0f766e")
    canvas.box(270, 420, 160, 130, "#14897f", 6)
    canvas.box(328, 478, 44, 72, "#eaf5f3", 4)
    return canvas


def _key(canvas: Canvas, x: float, y: float, colour: Colour, fall: float) -> None:
    canvas.oval(x - 52, y - 52 + fall, 104, 104, colour)
    canvas.oval(x - 20, y - 20 + fall, 40, 40, "#c89a6a")
    canvas.shape([(x + 40, y + 6 + fall), (x + 330, y + 96 + fall), (x + 320, y + 128 + fall),
                  (x + 30, y + 38 + fall)], colour)  # fmt: skip
    for step in (220, 262, 300):
        canvas.shape([(x + step, y + 86 + fall), (x + step + 22, y + 92 + fall), (x + step + 12, y + 140 + fall),
                      (x + step - 10, y + 134 + fall)], colour)  # fmt: skip
