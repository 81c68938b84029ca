"""What the two businesses sell, as the words that scenes need: homes of an agency, treatments of a clinic."""

from __future__ import annotations

from random import Random
from typing import NamedTuple

Words = dict[str, str]
MILLION = 1_000_000
NUMBERS = ("cero", "un", "dos", "tres", "cuatro", "cinco")
ORDINALS = (
    "",
    "primer",
    "segundo",
    "tercer",
    "cuarto",
    "quinto",
    "sexto",
    "séptimo",
    "octavo",
    "noveno",
    "décimo",
)


class Home(NamedTuple):
    code: str
    kind: str
    district: str
    street: str
    area: int
    rooms: int
    baths: int
    cars: int
    floor: int
    stratum: int
    price: int
    fee: int
    place: str

    @property
    def for_rent(self) -> bool:
        return self.price < 50 * MILLION


# Prices and fees in pesos; a price under fifty millions is a month's rent.
HOMES = (
    Home("NG-214", "apartamento", "Usaquén", "la carrera 6 # 117-42", 104, 3, 3, 2, 5, 6, 640_000_000, 780_000, "usaquen"),
    Home("NG-118", "apartamento", "Cedritos", "la calle 146 # 13-58", 71, 3, 2, 1, 4, 4, 498_000_000, 395_000, "cedritos"),
    Home("NG-305", "apartamento", "Cedritos", "la carrera 11 # 140-25", 84, 3, 2, 2, 7, 4, 560_000_000, 430_000, "cedritos"),
    Home("NG-221", "apartamento", "Chapinero Alto", "la carrera 4 # 63-19", 92, 2, 2, 1, 6, 5, 620_000_000,
    610_000, "chapinero"),
    Home("NG-402", "apartamento", "Santa Bárbara", "la calle 122 # 18-30", 96, 3, 3, 2, 3, 6, 715_000_000, 690_000, "usaquen"),
    Home("NG-330", "apartamento", "Niza", "la calle 127 # 71-15", 118, 3, 3, 2, 8, 5, 590_000_000, 520_000, "niza"),
    Home("NG-505", "apartamento", "Chapinero", "la calle 57 # 9-47", 58, 2, 1, 1, 9, 4, 415_000_000, 340_000, "chapinero"),
    Home("NG-610", "oficina", "Chicó", "la carrera 15 # 93-60", 76, 2, 2, 2, 4, 6, 690_000_000, 820_000, "chico"),
    Home("NG-127", "casa", "La Calera", "la vereda San Rafael, lote 12", 210, 4, 4, 3, 1, 5, 980_000_000, 450_000, "calera"),
    Home("NG-133", "casa", "Colina Campestre", "la calle 138 # 55-20", 168, 4, 3, 2, 2, 5, 870_000_000, 560_000, "colina"),
    Home("NG-140", "apartamento", "Salitre", "la carrera 68B # 24-39", 79, 3, 2, 1, 6, 4, 468_000_000, 360_000, "salitre"),
    Home("NG-151", "apartamento", "Teusaquillo", "la carrera 24 # 39-54", 88, 3, 2, 1, 3, 4, 452_000_000, 310_000, "parkway"),
    Home("NG-166", "apartaestudio", "Chapinero", "la calle 53 # 7-31", 38, 1, 1, 1, 5, 4, 285_000_000, 260_000, "chapinero"),
    Home("NG-172", "apartamento", "Rosales", "la carrera 2 # 71-80", 132, 3, 4, 2, 4, 6, 1_190_000_000, 1_150_000, "rosales"),
    Home("NG-180", "casa", "Chía", "la vereda Fonquetá, casa 8", 185, 4, 4, 2, 1, 5, 820_000_000, 480_000, "chia"),
    Home("NG-193", "apartamento", "Modelia", "la calle 24F # 74-12", 67, 3, 2, 1, 5, 4, 372_000_000, 255_000, "salitre"),
    Home("NG-701", "apartamento", "Cedritos", "la calle 142 # 17-08", 62, 2, 2, 1, 6, 4, 2_400_000, 0, "cedritos"),
    Home("NG-712", "apartamento", "Chapinero Alto", "la carrera 3 # 65-33", 54, 1, 1, 1, 7, 5, 2_850_000, 0, "chapinero"),
    Home("NG-725", "apartamento", "Usaquén", "la calle 119 # 7-14", 90, 3, 2, 2, 3, 6, 4_600_000, 0, "usaquen"),
    Home("NG-733", "apartaestudio", "Teusaquillo", "la calle 34 # 19-22", 36, 1, 1, 1, 4, 4, 1_650_000, 0, "parkway"),
    Home("NG-748", "apartamento", "Salitre", "la calle 25B # 69-50", 76, 3, 2, 1, 8, 4, 2_950_000, 0, "salitre"),
    Home("NG-756", "casa", "Niza", "la calle 118 # 65-41", 140, 4, 3, 2, 2, 5, 5_200_000, 0, "niza"),
)  # fmt: skip
PLACES: dict[str, tuple[float, float, str, str]] = {
    "usaquen": (4.69512, -74.03074, "Plaza de Usaquén", "Carrera 6A con calle 118, Bogotá"),
    "cedritos": (4.72461, -74.04288, "Parque de Cedritos", "Calle 140 con carrera 13, Bogotá"),
    "chapinero": (4.64861, -74.06323, "Plaza de Lourdes", "Carrera 13 con calle 63, Bogotá"),
    "chico": (4.67674, -74.04830, "Parque de la 93", "Calle 93A con carrera 12, Bogotá"),
    "niza": (4.70612, -74.07217, "Humedal Córdoba", "Avenida Suba con calle 127, Bogotá"),
    "calera": (4.72083, -73.96948, "Parque principal de La Calera", "La Calera, Cundinamarca"),
    "colina": (4.73395, -74.06682, "Parque de la Colina", "Calle 138 con carrera 58, Bogotá"),
    "salitre": (4.65833, -74.09389, "Parque Simón Bolívar", "Calle 63 con carrera 60, Bogotá"),
    "parkway": (4.62902, -74.07492, "Park Way", "Carrera 24 con calle 39, Bogotá"),
    "rosales": (4.65310, -74.05015, "Quebrada La Vieja", "Calle 71 con carrera 1, Bogotá"),
    "chia": (4.86167, -74.05861, "Parque principal de Chía", "Carrera 9 con calle 11, Chía"),
    "notaria": (4.67052, -74.05594, "Notaría", "Carrera 13 # 82-20, Bogotá"),
    "clinica": (4.69844, -74.03352, "Clínica Altamira", "Calle 116 # 15-22, consultorio 304, Bogotá"),
}
TREATMENTS = (
    ("ortodoncia con brackets", 6_200_000, 14), ("ortodoncia invisible", 9_800_000, 14), ("un implante", 4_850_000, 12),
    ("diseño de sonrisa", 7_400_000, 12), ("blanqueamiento", 650_000, 3), ("la corona", 1_350_000, 6),
    ("las cordales", 1_900_000, 6), ("periodoncia", 2_100_000, 6),
)  # fmt: skip
ADS = (
    "Agenda tu visita esta semana y recibe el plano con medidas.", "Cerca de todo, lejos del ruido. Entrega inmediata.",
    "Te acompañamos con el crédito, sin costo.", "Fotos, plano y recorrido en video por WhatsApp.",
)  # fmt: skip
CLINIC_ADS = ("Valoración con escáner 3D. Hasta 14 cuotas.", "Agenda tu valoración esta semana.")
DOCTORS = ("la doctora Salazar", "la doctora Quintero", "el doctor Pinzón")


def money(pesos: float) -> str:
    """`$ 1.250.000`, its space not breaking."""
    return f"$\u00a0{round(pesos):,}".replace(",", ".")


def short(pesos: float) -> str:
    """As people say it: `620 millones`, `2.850.000`."""
    if pesos >= 50 * MILLION:
        return f"{round(pesos / MILLION):,} millones".replace(",", ".")
    return f"{round(pesos, -4):,.0f}".replace(",", ".")


def home_words(home: Home, other: Home, chance: Random) -> Words:
    """Everything scenes say about a home, and a little about another one."""
    offer, counter = home.price * chance.choice((0.94, 0.95, 0.96)), home.price * chance.choice((0.97, 0.98))
    it = _it(home)
    return {
        "inmueble": it, "Inmueble": it[0].upper() + it[1:], "un_inmueble": _one(home), "un_inmueble_corto": _one(home, "de"),
        "lo": "la" if home.kind in ("casa", "oficina") else "lo", "barrio": home.district, "direccion": home.street,
        "area": f"{home.area}\u00a0m²", "habitaciones": _counted(home.rooms, "una alcoba", "alcobas"),
        "banos": _counted(home.baths, "un baño", "baños"),
        "parqueaderos": _counted(home.cars, "un parqueadero", "parqueaderos"),
        "piso": f"el {ORDINALS[home.floor]} piso", "estrato": str(home.stratum), "admin": money(home.fee or home.price * 0.11),
        "codigo": home.code, "precio": money(home.price), "corto": short(home.price), "oferta": short(_round(offer)),
        "contra": short(_round(counter)), "cuota": money(round(home.price * 0.7 * 0.0108, -4)),
        "inicial": money(home.price * 0.3),
        "separacion": money(_round(home.price * 0.03)), "canon_bajo": money(round(home.price * 0.0047, -5)),
        "canon_alto": money(round(home.price * 0.0054, -5)), "lugar": home.place, "otro": _it(other),
        "otro_precio": money(other.price), "otro_barrio": other.district, "otra_area": f"{other.area}\u00a0m²",
        "otro_corto": short(other.price),
        "anuncio": f"{home.kind.capitalize()} en {home.district}, $\u00a0{short(home.price)}",
        "anuncio_texto": chance.choice(ADS),
    }  # fmt: skip


def treatment_words(chance: Random) -> Words:
    name, price, parts = chance.choice(TREATMENTS)
    doctor = chance.choice(DOCTORS)
    return {
        "tratamiento": name, "precio": money(price), "cuotas": str(parts),
        "separacion": money(round(price / parts, -3)), "doctora": doctor,
        "anuncio": f"{name[0].upper()}{name[1:]}", "anuncio_texto": chance.choice(CLINIC_ADS),
        "Doctora": doctor[0].upper() + doctor[1:], "inmueble": name, "lugar": "clinica", "barrio": "Altamira",
    }  # fmt: skip


def choose_homes(chance: Random, *, rent: bool, code: str | None = None) -> tuple[Home, Home]:
    """A home to talk about, and another for comparison."""
    fitting = [home for home in HOMES if home.for_rent == rent and home.kind != "oficina"]
    home = next((home for home in HOMES if home.code == code), None) or chance.choice(fitting)
    return home, chance.choice([other for other in fitting if other.code != home.code])


def _it(home: Home) -> str:
    return f"{'la' if home.kind in ('casa', 'oficina') else 'el'} {home.kind} de {home.district}"


def _one(home: Home, more: str = "") -> str:
    one = f"{'una' if home.kind in ('casa', 'oficina') else 'un'} {home.kind}"
    return (
        f"{home.kind} de {_counted(home.rooms, 'una alcoba', 'alcobas')}"
        if more
        else f"{one} en {home.district}"
    )


def _counted(count: int, one: str, many: str) -> str:
    return one if count == 1 else f"{NUMBERS[count]} {many}"


def _round(pesos: float) -> float:
    return round(pesos, -6) if pesos > 10 * MILLION else round(pesos, -4)
