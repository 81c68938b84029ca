"""Pictures of things to read: a floor plan, a transfer's receipt on a telephone, a card that shows nothing private."""

from __future__ import annotations

from random import Random

from crm_web.ops.demo.pictures.brush import TALL, Canvas, Colour

WALL, THIN, INK = "#2f3336", "#9aa1a4", "#5c6468"


def plan(chance: Random) -> Canvas:
    """A flat seen from above, furnished."""
    canvas = Canvas(ground="#fbfaf7")
    for x in range(0, 1200, 40):
        canvas.line([(x, 0), (x, 900)], "#f0eeea", 1.5)
        canvas.line([(0, x), (1200, x)], "#f0eeea", 1.5)
    wet, warm = chance.choice((("#e3eef2", "#f5efe4"), ("#e6efe9", "#f6eee8")))
    split = chance.choice((620, 660))
    canvas.box(150, 110, 900, 640, "#ffffff")
    canvas.box(150, 110, split - 150, 330, warm)
    canvas.box(split, 110, 1050 - split, 300, "#faf7f0")
    canvas.box(150, 440, 250, 310, wet)
    canvas.box(410, 600, split - 410, 150, wet)
    canvas.box(split, 410, 1050 - split, 340, warm)
    _walls(canvas, split)
    _furniture(canvas, split)
    _labels(canvas, split, chance)
    return canvas


def _walls(canvas: Canvas, split: int) -> None:
    canvas.frame(142, 102, 916, 656, WALL, 14)
    walls = (
        (split - 6, 104, 12, 210), (split - 6, 400, 12, 356), (split, 404, 120, 12), (split + 210, 404, 848 - split, 12),
        (150, 434, 110, 12), (350, 434, 60, 12), (400, 434, 12, 40), (400, 560, 12, 196), (410, 594, 70, 12),
        (560, 594, split - 560, 12),
    )  # fmt: skip
    for x, y, wide, high in walls:
        canvas.box(x, y, wide, high, WALL)
    for x in (240, 470, split + 120):
        canvas.box(x, 102, 150, 14, "#bcd6e0")
    canvas.box(1044, 500, 14, 150, "#bcd6e0")
    canvas.box(142, 560, 14, 110, "#bcd6e0")
    for x, y, start in ((split - 86, 314, 0), (split + 120, 324, 90), (260, 354, 0), (480, 520, 0)):
        canvas.arc(x, y, 172 if start else 160, start, start + 90, THIN, 2.5)
    canvas.box(560, 744, 110, 18, "#fbfaf7")
    canvas.arc(560, 640, 220, 180, 270, THIN, 2.5)


def _furniture(canvas: Canvas, split: int) -> None:
    pieces = (
        (190, 150, 60, 190), (190, 320, 210, 70), (300, 200, 110, 80), (450, 200, 120, 150), (split + 60, 150, 170, 200),
        (split + 60, 500, 180, 200), (910, 690, 130, 50), (160, 460, 60, 270), (430, 620, 60, 60), (split - 90, 620, 70, 110),
    )  # fmt: skip
    for x, y, wide, high in pieces:
        canvas.box(x, y, wide, high, "#ffffff", 8)
        canvas.frame(x, y, wide, high, THIN, 2.5)
    for x, y in ((split + 74, 166), (split + 158, 166), (split + 74, 516), (split + 160, 516)):
        canvas.box(x, y, 64, 44, "#eef0ef", 8)
    for y in (490, 560, 630):
        canvas.arc(172, y, 36, 0, 360, THIN, 2.5)
    for y in (210, 270, 320):
        canvas.box(424, y - 12, 22, 34, "#eef0ef", 5)
        canvas.box(574, y - 12, 22, 34, "#eef0ef", 5)


def _labels(canvas: Canvas, split: int, chance: Random) -> None:
    for x, y, name, area in (
        (500, 388, "Sala comedor", "27,4 m2"), (965, 360, "Alcoba 2", "11,2 m2"),
        (965, 590, "Principal", "16,8 m2"), (305, 640, "Cocina", "9,6 m2"), (520, 690, "WC", "4,1 m2"),
    ):  # fmt: skip
        canvas.words(x, y, name, 24, "#2f3336", bold=True)
        canvas.words(x, y + 30, area, 20, INK)
    canvas.line([(150, 800), (1050, 800)], INK, 2)
    for x in (150, split, 1050):
        canvas.line([(x, 790), (x, 810)], INK, 2)
    canvas.words((150 + split) / 2, 824, f"{chance.choice(('7,20', '7,65'))} m", 20, INK)
    canvas.words((1050 + split) / 2, 824, "4,35 m", 20, INK)
    canvas.words(1100, 60, "N", 26, INK, bold=True)
    canvas.shape([(1100, 78), (1112, 116), (1100, 106), (1088, 116)], INK)


def receipt(chance: Random) -> Canvas:
    """The screen of a telephone after a transfer, of a bank that does not exist."""
    canvas = Canvas(TALL, "#f4f6f5")
    colour = chance.choice(("#0f766e", "#5b3fa0", "#b4551d"))
    canvas.box(0, 0, 900, 320, colour)
    canvas.words(60, 40, f"{chance.randint(8, 11)}:{chance.randint(10, 59)}", 28, "white", "lm", bold=True)
    canvas.box(800, 28, 50, 24, "#ffffff", 6)
    canvas.oval(385, 90, 130, 130, "#ffffff")
    canvas.line([(418, 156), (442, 182), (486, 128)], colour, 14)
    canvas.words(450, 268, "Transferencia exitosa", 42, "white", bold=True)
    canvas.shade(lambda veil: veil.box(60, 366, 780, 700, (0, 0, 0, 50)), 16)
    canvas.box(60, 360, 780, 700, "#ffffff", 22)
    canvas.words(
        450,
        440,
        f"$ {chance.choice(('18.600.000', '3.200.000', '12.400.000', '1.850.000', '404.000'))}",
        68,
        "#1e1c1a",
        bold=True,
    )
    rows = (
        ("Para", "Encargo fiduciario 0412"), ("Desde", f"Cuenta **** {chance.randint(1000, 9999)}"),
        ("Concepto", chance.choice(("Separacion", "Primer canon", "Cuota inicial", "Pago cuota"))),
        ("Comprobante", f"{chance.randint(10**9, 10**10 - 1)}"), ("Costo", "$ 0"),
    )  # fmt: skip
    for index, (name, value) in enumerate(rows):
        y = 560 + index * 98
        canvas.line([(110, y - 50), (790, y - 50)], "#e7eae8", 2)
        canvas.words(110, y, name, 32, "#67635c", "lm")
        canvas.words(790, y, value, 32, "#1e1c1a", "rm")
    canvas.box(60, 1100, 380, 70, "#ffffff", 35)
    canvas.box(460, 1100, 380, 70, colour, 35)
    canvas.words(250, 1135, "Compartir", 30, colour, bold=True)
    canvas.words(650, 1135, "Listo", 30, "white", bold=True)
    return canvas


def card(chance: Random) -> Canvas:
    """An identity card on a desk, everything on it unreadable."""
    canvas = Canvas(ground="#7a6450")
    for y in range(0, 900, 120):
        canvas.box(0, y, 1200, 116, "#816a55" if y % 240 else "#7a6450")
    canvas.shade(lambda veil: veil.box(170, 170, 900, 580, (0, 0, 0, 140)), 24)
    tint: Colour = chance.choice(("#e9eef4", "#f2ece0"))
    canvas.box(150, 150, 900, 580, tint, 34)
    for step in range(14):
        canvas.arc(430 + step * 14, 130 + step * 6, 420, 20, 150, "#d5dfe8", 3)
    canvas.box(150, 150, 900, 84, "#c8d5e3", 34)
    canvas.box(190, 182, 420, 22, "#8fa3b8", 6)
    canvas.box(200, 290, 250, 320, "#cfd8dd", 10)
    canvas.oval(270, 340, 110, 130, "#9fb0ba")
    canvas.shape([(220, 610), (250, 500), (400, 500), (430, 610)], "#9fb0ba")
    for y, wide in ((300, 220), (350, 380), (430, 180), (480, 330), (560, 240), (610, 300)):
        canvas.box(500, y, wide, 24, "#a9b7c4", 6)
    canvas.line([(500, 690), (560, 660), (600, 700), (660, 650), (720, 690)], "#5d6f82", 5)
    canvas.box(880, 540, 120, 140, "#b9c6d2", 12)
    return canvas
