"""The clinic's pictures: a panoramic X-ray, a smile before and after, a swollen cheek."""

from __future__ import annotations

import math
from functools import partial
from random import Random

from crm_web.ops.demo.pictures.brush import WIDE, Canvas, Colour

TEETH = 15


def xray(chance: Random) -> Canvas:
    """Two arches of teeth in a dark jaw, a filling or two shining."""
    canvas = Canvas(ground="#0b0d0f")
    for size, glow in ((1.0, 26), (0.86, 20), (0.7, 16)):
        canvas.shade(partial(_jaw, size=size, glow=glow), 34)
    filled = {(chance.randrange(2), chance.randrange(2, TEETH - 2)) for _ in range(3)}
    for row in range(2):
        for index in range(TEETH):
            _tooth(canvas, chance, row, index, (row, index) in filled)
    canvas.shade(lambda veil: veil.box(80, 440, 1040, 16, (5, 6, 8, 190)), 7)
    canvas.words(90, 70, "R", 34, "#aab2b6", bold=True)
    canvas.words(1110, 70, "L", 34, "#aab2b6", bold=True)
    return canvas


def _jaw(veil: Canvas, size: float, glow: int) -> None:
    wide, high = 1160 * size, 760 * size
    veil.oval(600 - wide / 2, 470 - high / 2, wide, high, (190, 200, 205, glow + 14))


def _tooth(canvas: Canvas, chance: Random, row: int, index: int, filled: bool) -> None:
    """A crown at the bite line and its roots; the arch bends away at both ends."""
    away = (index - (TEETH - 1) / 2) / (TEETH / 2)
    x, bend = 600 + away * 470, 74 * away * away
    wide = 40 + 26 * abs(away) + chance.uniform(-3, 3)
    tall, up = 118 + chance.uniform(-10, 10), -1 if row == 0 else 1
    y = 448 - bend + up * 10

    def draw(veil: Canvas) -> None:
        veil.shape([(x - wide * 0.46, y), (x + wide * 0.46, y), (x + wide * 0.3, y + up * tall * 1.5),
                    (x, y + up * tall * 1.15), (x - wide * 0.3, y + up * tall * 1.5)], (206, 214, 218, 120))  # fmt: skip
        veil.box(x - wide / 2, min(y, y + up * tall * 0.55), wide, tall * 0.55, (226, 232, 234, 190), 12)

    canvas.shade(draw, 3)
    if filled:
        canvas.box(x - wide * 0.2, y + up * 24 - 10, wide * 0.4, 22, "#ffffff", 8)


def smile(chance: Random) -> Canvas:
    """Half before, half after."""
    skin: Colour = chance.choice(("#e3b08e", "#c98d68", "#f0c7aa"))
    canvas = Canvas(ground=skin)
    canvas.shade(lambda veil: veil.oval(150, 120, 900, 660, (120, 60, 40, 60)), 60)
    canvas.shape(_lips(470, 300), "#b5565a")
    canvas.shape(_lips(400, 226), "#4a1d20")
    for index in range(10):
        x, wide = 228 + index * 75, 70
        after = x >= 600
        drop = 0 if after else chance.randint(-8, 10)
        edge = abs(x + wide / 2 - 600) / 400
        tall = 190 * (1 - 0.5 * edge * edge)
        canvas.box(x, 362 + drop + 40 * edge, wide, tall, "#fbfaf6" if after else "#e6d3a8", 22)
    canvas.box(596, 0, 8, 900, "#ffffff")
    for x, text in ((300, "ANTES"), (900, "DESPUES")):
        canvas.box(x - 110, 800, 220, 60, "#ffffff", 30)
        canvas.words(x, 830, text, 30, "#0f766e", bold=True)
    return canvas


def _lips(wide: float, high: float) -> list[tuple[float, float]]:
    points = []
    for step in range(61):
        turn = math.pi * step / 30
        dip = 46 * max(0.0, 1 - abs(turn - 1.5 * math.pi) / 0.32)
        points.append((600 + wide * math.cos(turn), 460 + (high + 30) / 2 * math.sin(turn) * 1.1 + dip))
    return points


def cheek(chance: Random) -> Canvas:
    """A face with one round cheek."""
    canvas = Canvas(WIDE, chance.choice(("#dfe9e8", "#efe6da")))
    skin, shade = chance.choice((("#e3b08e", "#d29a76"), ("#c98d68", "#b57a56")))
    canvas.box(520, 640, 160, 200, shade, 30)
    canvas.box(300, 770, 600, 240, "#5f8f86", 120)
    canvas.oval(390, 190, 420, 540, skin)
    canvas.oval(380, 440, 200, 210, skin)
    canvas.shade(lambda veil: veil.oval(380, 460, 170, 160, (210, 90, 80, 130)), 26)
    canvas.shape(
        [(372, 380), (400, 190), (600, 120), (800, 190), (828, 400), (770, 300), (600, 260), (430, 300)],
        "#3d2b20",
    )
    for x in (500, 680):
        canvas.oval(x - 16, 410, 32, 36, "#2b211b")
        canvas.line([(x - 34, 372), (x + 30, 366)], "#3d2b20", 9)
    canvas.line([(590, 450), (578, 520), (604, 528)], shade, 7)
    canvas.line([(540, 612), (600, 600), (680, 616)], "#a0484a", 10)
    return canvas
