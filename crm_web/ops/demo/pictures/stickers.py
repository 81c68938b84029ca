"""Stickers of 512 x 512 on nothing, with the white border that stickers have."""

from __future__ import annotations

from random import Random

from crm_web.ops.demo.pictures.brush import Canvas, Colour

SQUARE = (512, 512)
NOTHING = (0, 0, 0, 0)


def _sticker() -> Canvas:
    return Canvas(SQUARE, NOTHING, "RGBA")


def thanks(_chance: Random) -> Canvas:
    canvas = _sticker()
    for grow, colour in ((22, "#ffffff"), (0, "#d6412f")):
        _heart(canvas, grow, colour)
    canvas.words(256, 232, "GRACIAS", 62, "#ffffff", bold=True)
    return canvas


def _heart(canvas: Canvas, grow: float, colour: Colour) -> None:
    canvas.oval(66 - grow, 76 - grow, 214 + 2 * grow, 214 + 2 * grow, colour)
    canvas.oval(232 - grow, 76 - grow, 214 + 2 * grow, 214 + 2 * grow, colour)
    canvas.shape([(84 - grow, 236), (428 + grow, 236), (256, 448 + grow * 1.5)], colour)


def house(_chance: Random) -> Canvas:
    canvas = _sticker()
    canvas.shape([(20, 262), (256, 36), (492, 262), (450, 300), (450, 480), (62, 480), (62, 300)], "#ffffff")
    canvas.shape([(52, 256), (256, 62), (460, 256)], "#0f766e")
    canvas.box(90, 250, 332, 208, "#f4d9a8")
    for x in (190, 298):
        canvas.oval(x, 300, 28, 36, "#2b211b")
    canvas.arc(196, 300, 120, 25, 155, "#2b211b", 9)
    for x in (150, 330):
        canvas.oval(x, 348, 40, 26, "#f0a08a")
    canvas.box(338, 92, 46, 90, "#0b5e57")
    return canvas


def key(_chance: Random) -> Canvas:
    canvas = _sticker()
    for grow, colour in ((20, "#ffffff"), (0, "#e3b341")):
        canvas.oval(46 - grow, 146 - grow, 220 + 2 * grow, 220 + 2 * grow, colour)
        canvas.box(230 - grow, 232 - grow, 246 + 2 * grow, 48 + 2 * grow, colour, 12)
        for x in (350, 420):
            canvas.box(x - grow, 270, 40 + 2 * grow, 70 + grow, colour, 8)
    canvas.oval(106, 206, 100, 100, "#ffffff")
    canvas.words(360, 180, "LISTO", 60, "#0f766e", bold=True)
    return canvas


def tooth(_chance: Random) -> Canvas:
    canvas = _sticker()
    for grow, colour in ((20, "#cfe6ea"), (0, "#ffffff")):
        canvas.oval(90 - grow, 60 - grow, 190 + 2 * grow, 230 + 2 * grow, colour)
        canvas.oval(232 - grow, 60 - grow, 190 + 2 * grow, 230 + 2 * grow, colour)
        canvas.shape(
            [(98 - grow, 200), (262 + grow, 240), (210 + grow, 452 + grow), (150 - grow, 440 + grow)], colour
        )
        canvas.shape(
            [(250 - grow, 240), (414 + grow, 200), (362 + grow, 440 + grow), (302 - grow, 452 + grow)], colour
        )
    for x in (182, 296):
        canvas.oval(x, 178, 32, 42, "#1f4e57")
    canvas.arc(186, 180, 140, 25, 155, "#1f4e57", 9)
    for x in (140, 336):
        canvas.oval(x, 232, 40, 24, "#f4b5ac")
    return canvas
