"""What one sees inside: a living room, a kitchen, a bedroom, a bathroom, a store room, and a stain on a wall."""

from __future__ import annotations

from functools import partial
from random import Random

from crm_web.ops.demo.pictures.brush import Canvas, Colour, hills, plant

FLOORS: tuple[tuple[Colour, Colour], ...] = (
    ("#c69c6d", "#b58a5b"),
    ("#a77c55", "#966c47"),
    ("#d7c4a8", "#c7b294"),
)
WALLS: tuple[Colour, ...] = ("#efe9e0", "#e3e7e4", "#f2ebdf", "#dfe3e8")
BOXES: tuple[tuple[int, int, int, int, Colour], ...] = (
    (150, 130, 190, 110, "#c89f6c"),
    (370, 160, 140, 80, "#b98a58"),
    (540, 120, 220, 120, "#5f8f86"),
    (150, 330, 240, 120, "#8896b0"),
    (430, 350, 160, 100, "#c89f6c"),
    (620, 330, 150, 120, "#d98a5b"),
    (160, 550, 160, 110, "#b98a58"),
    (350, 530, 260, 130, "#c89f6c"),
)
SOFAS: tuple[tuple[Colour, Colour], ...] = (
    ("#4f7a78", "#3f6664"),
    ("#a8674c", "#8f543c"),
    ("#7a7f8c", "#666b78"),
)


def _room(chance: Random, floor_at: float = 640) -> Canvas:
    canvas = Canvas(ground=chance.choice(WALLS))
    light, dark = chance.choice(FLOORS)
    canvas.box(0, floor_at, 1200, 900 - floor_at, light)
    for index, x in enumerate(range(-300, 1600, 110)):
        canvas.line([(600 + (x - 600) * 0.8, floor_at), (600 + (x - 600) * 1.35, 900)], dark, 3 + index % 2)
    canvas.box(0, floor_at - 16, 1200, 18, "#ffffff")
    canvas.shade(lambda veil: veil.box(0, floor_at, 1200, 40, (40, 25, 10, 70)), 16)
    return canvas


def _window(canvas: Canvas, chance: Random, x: float, y: float, wide: float, high: float) -> None:
    view = Canvas()
    view.fade((150, 198, 230), (228, 240, 245), high=620)
    hills(view, chance, 520, ("#8db29b", "#6d9b80"))
    for place in range(0, 1200, 150):
        view.box(
            place, 900 - chance.randint(90, 240), 120, 300, chance.choice(("#c47f57", "#d9cbb8", "#a3543f"))
        )
    size = (round(wide * 1.5), round(high * 1.5))
    canvas.image.paste(view.image.resize(size), (round(x * 1.5), round(y * 1.5)))
    canvas.frame(x - 6, y - 6, wide + 12, high + 12, "#ffffff", 12)
    for part in (1 / 3, 2 / 3):
        canvas.box(x + wide * part - 4, y, 8, high, "#ffffff")


def _sunlight(canvas: Canvas, x: float, floor_at: float) -> None:
    points = [(x, floor_at + 10), (x + 330, floor_at + 10), (x + 520, 890), (x + 60, 890)]
    canvas.shade(lambda veil: veil.shape(points, (255, 244, 205, 120)), 14)


def _picture(canvas: Canvas, chance: Random, x: float, y: float, wide: float, high: float) -> None:
    canvas.shade(lambda veil: veil.box(x + 4, y + 8, wide, high, (0, 0, 0, 70)), 6)
    canvas.box(x, y, wide, high, "#3d3a36")
    canvas.box(x + 8, y + 8, wide - 16, high - 16, "#faf6ee")
    colours = ("#d98a5b", "#5f8f86", "#e3b96a", "#8896b0")
    canvas.oval(x + wide * 0.24, y + high * 0.22, wide * 0.4, wide * 0.4, chance.choice(colours))
    canvas.box(x + wide * 0.2, y + high * 0.6, wide * 0.6, high * 0.14, chance.choice(colours))


def living(chance: Random) -> Canvas:
    canvas = _room(chance)
    _window(canvas, chance, 690, 130, 440, 400)
    _sunlight(canvas, 560, 640)
    for x, size in ((130, 130), (290, 160)):
        _picture(canvas, chance, x, 180, size, size + 30)
    canvas.shade(lambda veil: veil.oval(90, 760, 760, 90, (30, 20, 10, 90)), 18)
    canvas.oval(140, 730, 760, 150, chance.choice(("#e6d7bf", "#d9dfdc", "#e8cdbb")))
    _sofa(canvas, chance)
    canvas.oval(470, 752, 300, 60, "#5c4634")
    canvas.oval(470, 744, 300, 56, "#7c6048")
    for leg in (510, 720):
        canvas.line([(leg, 790), (leg - 6, 846)], "#4b3828", 9)
    canvas.box(600, 728, 60, 34, "#e9e2d4", 5)
    plant(canvas, 1060, 720, 170)
    canvas.line([(60, 700), (60, 330)], "#3d3a36", 7)
    canvas.shape([(14, 330), (106, 330), (86, 250), (34, 250)], "#f3dfae")
    return canvas


def _sofa(canvas: Canvas, chance: Random) -> None:
    body, shade = chance.choice(SOFAS)
    canvas.box(130, 480, 560, 180, shade, 36)
    canvas.box(100, 560, 620, 170, body, 34)
    canvas.box(100, 520, 96, 210, shade, 34)
    canvas.box(624, 520, 96, 210, shade, 34)
    for x in (200, 416):
        canvas.box(x, 590, 208, 84, body, 20)
        canvas.line([(x + 10, 672), (x + 198, 672)], shade, 5)
    canvas.shape(
        [(220, 600), (300, 520), (352, 590), (290, 650)], chance.choice(("#e3b96a", "#f0e3d2", "#d98a5b"))
    )
    for leg in (150, 660):
        canvas.box(leg, 728, 14, 30, "#3d2d20")


def kitchen(chance: Random) -> Canvas:
    canvas = _room(chance, 700)
    doors, top = chance.choice((("#5f7d78", "#f1ede6"), ("#f4f1ea", "#3c3c3c"), ("#b98a63", "#ece6dc")))
    canvas.box(0, 320, 1200, 160, "#e4e0d8")
    for x in range(0, 1200, 60):
        canvas.line([(x, 320), (x, 480)], "#d3cec3", 2)
    for y in (360, 400, 440):
        canvas.line([(0, y), (1200, y)], "#d3cec3", 2)
    for x in range(40, 1100, 190):
        if not 400 < x < 640:
            _cupboard(canvas, x, 90, 182, 220, doors)
    canvas.shape([(440, 310), (600, 310), (560, 200), (480, 200)], "#aeb4b6")
    canvas.box(496, 60, 48, 145, "#aeb4b6")
    for x in range(30, 1170, 190):
        _cupboard(canvas, x, 510, 182, 200, doors)
    canvas.box(0, 476, 1200, 38, top)
    canvas.box(426, 516, 190, 190, "#2f3336", 6)
    canvas.box(446, 560, 150, 100, "#171a1c", 6)
    for x in (452, 498, 544, 590):
        canvas.oval(x - 8, 528, 16, 16, "#c9cccd")
    canvas.box(440, 468, 160, 12, "#17191b", 4)
    canvas.line([(820, 476), (820, 400), (862, 400), (862, 424)], "#9aa1a4", 10)
    canvas.box(984, 420, 30, 56, "#d98a5b", 6)
    plant(canvas, 1090, 478, 62, "#f1ede6")
    for x in (300, 760):
        canvas.line([(x, 0), (x, 70)], "#3d3a36", 4)
        canvas.shape([(x - 44, 120), (x + 44, 120), (x + 16, 66), (x - 16, 66)], "#e3b96a")
    return canvas


def _cupboard(canvas: Canvas, x: float, y: float, wide: float, high: float, colour: Colour) -> None:
    canvas.box(x, y, wide, high, colour, 4)
    canvas.frame(
        x + 10, y + 10, wide - 20, high - 20, (0, 0, 0, 40) if canvas.image.mode == "RGBA" else "#00000022", 2
    )
    canvas.box(x + wide - 22, y + high / 2 - 24, 6, 48, "#c8b27a", 3)


def bedroom(chance: Random) -> Canvas:
    canvas = _room(chance, 660)
    _window(canvas, chance, 90, 130, 300, 360)
    cover, shade = chance.choice((("#7f99a8", "#6c8696"), ("#c89f7a", "#b48a64"), ("#8fa58d", "#7b927a")))
    for x in (58, 392):
        canvas.shape([(x, 100), (x + 40, 100), (x + 52, 640), (x - 8, 640)], "#f6f1e7")
    canvas.box(40, 92, 410, 14, "#8a6a4d", 6)
    _picture(canvas, chance, 700, 120, 220, 150)
    canvas.box(500, 330, 620, 260, "#8a6a4d", 22)
    canvas.shade(lambda veil: veil.oval(450, 790, 740, 90, (30, 20, 10, 110)), 18)
    canvas.box(520, 500, 580, 300, "#f7f4ee", 26)
    for x in (560, 820):
        canvas.box(x, 470, 220, 110, "#ffffff", 34)
        canvas.line([(x + 26, 562), (x + 196, 562)], "#e2ddd2", 4)
    canvas.box(508, 610, 604, 210, cover, 26)
    canvas.box(508, 610, 604, 40, shade, 18)
    for x in (420, 1126):
        canvas.box(x - 4, 600, 80, 130, "#7a5a3f", 5)
        canvas.box(x + 4, 612, 64, 44, "#8d6b4d", 3)
        canvas.box(x + 32, 540, 10, 60, "#c8b27a")
        canvas.shape([(x + 4, 546), (x + 70, 546), (x + 56, 488), (x + 18, 488)], "#f3dfae")
    canvas.shade(lambda veil: veil.oval(360, 440, 220, 220, (255, 225, 150, 70)), 40)
    return canvas


def bathroom(chance: Random) -> Canvas:
    tile, joint = chance.choice((("#dfe7e6", "#cbd6d5"), ("#e9e3da", "#d8d0c3"), ("#cfdbe0", "#bccad0")))
    canvas = Canvas(ground=tile)
    for x in range(0, 1201, 100):
        canvas.line([(x, 0), (x, 700)], joint, 3)
    for y in range(0, 701, 100):
        canvas.line([(0, y), (1200, y)], joint, 3)
    canvas.box(0, 700, 1200, 200, "#9aa3a5")
    for x in range(-200, 1500, 160):
        canvas.line([(600 + (x - 600) * 0.8, 700), (600 + (x - 600) * 1.3, 900)], "#8a9395", 3)
    canvas.shade(lambda veil: veil.oval(232, 112, 300, 300, (0, 0, 0, 80)), 12)
    canvas.oval(220, 90, 310, 310, "#c8b27a")
    canvas.oval(232, 102, 286, 286, "#d9eaf0")
    canvas.shade(
        lambda veil: veil.shape([(270, 330), (420, 120), (470, 150), (320, 370)], (255, 255, 255, 130)), 8
    )
    canvas.box(120, 500, 520, 34, "#f7f5f0", 6)
    canvas.box(140, 534, 480, 200, "#8d6b4d", 6)
    canvas.line([(380, 540), (380, 730)], "#765639", 4)
    canvas.oval(270, 456, 220, 70, "#ffffff")
    canvas.line([(380, 470), (380, 410), (420, 410)], "#9aa1a4", 10)
    canvas.box(560, 430, 44, 70, "#f0e3d2", 6)
    plant(canvas, 180, 500, 70, "#f1ede6")
    _shower(canvas)
    canvas.box(40, 770, 330, 90, chance.choice(("#5f8f86", "#d98a5b", "#8896b0")), 16)
    return canvas


def _shower(canvas: Canvas) -> None:
    canvas.shade(lambda veil: veil.box(760, 80, 400, 700, (190, 220, 228, 110)), 3)
    canvas.frame(756, 76, 408, 708, "#b4babc", 8)
    canvas.box(1090, 110, 10, 400, "#9aa1a4")
    canvas.box(1000, 110, 100, 10, "#9aa1a4")
    canvas.oval(962, 112, 80, 24, "#9aa1a4")
    canvas.box(772, 420, 10, 110, "#6f7679", 5)


def storeroom(_chance: Random) -> Canvas:
    canvas = Canvas(ground="#d4d1cb")
    canvas.box(0, 740, 1200, 160, "#a9a6a0")
    canvas.shade(lambda veil: veil.oval(420, -120, 420, 360, (255, 250, 225, 200)), 60)
    canvas.box(540, 0, 130, 26, "#f6f2e4", 6)
    for y in (240, 450, 660):
        canvas.box(110, y, 700, 18, "#8d6b4d")
    for x in (110, 794):
        canvas.box(x, 160, 16, 600, "#765639")
    for x, y, wide, high, colour in BOXES:
        canvas.box(x, y, wide, high, colour, 4)
        canvas.box(x + wide / 2 - 14, y, 28, high, "#e8dcc6")
    for x in (930, 1060):
        canvas.oval(x - 70, 640, 140, 140, "#2f3336")
        canvas.oval(x - 52, 658, 104, 104, "#d4d1cb")
    canvas.line([(930, 710), (990, 600), (1060, 710)], "#b42318", 10)
    canvas.line([(990, 600), (1040, 590), (1060, 560)], "#b42318", 9)
    return canvas


def stain(chance: Random) -> Canvas:
    """Damp on a bathroom wall."""
    canvas = Canvas(ground="#e6e8e4")
    for y in range(520, 900, 95):
        canvas.line([(0, y), (1200, y)], "#c9cfcc", 4)
    for x in range(0, 1201, 120):
        canvas.line([(x, 520), (x, 900)], "#c9cfcc", 4)
    for size, tone in ((420, (196, 176, 134, 150)), (300, (168, 142, 96, 150)), (180, (122, 98, 62, 150))):
        canvas.shade(partial(_patch, chance=chance, size=size, tone=tone), 22)
    for _ in range(70):
        canvas.oval(
            chance.gauss(560, 120),
            chance.gauss(300, 80),
            chance.randint(3, 10),
            chance.randint(3, 9),
            "#6d6a55",
        )
    canvas.line([(470, 0), (500, 120), (480, 210), (530, 330)], "#b8b4a6", 4)
    return canvas


def _patch(veil: Canvas, chance: Random, size: int, tone: tuple[int, ...]) -> None:
    for _ in range(9):
        wide = size * chance.uniform(0.5, 1)
        veil.oval(
            chance.gauss(560, size / 5) - wide / 2,
            chance.gauss(300, size / 8) - wide / 3,
            wide,
            wide * 0.66,
            tone,
        )
