"""Who is in the demo: the two teams of the contract, and customers who do not exist.

Names are drawn from common ones; every Colombian number has 555 in the middle, every address in `mail.test`.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, replace
from random import Random
from typing import NamedTuple

PASSWORD = "demo-2026-crm"  # noqa: S105 - printed on the sign-in page


class Colleague(NamedTuple):
    """A member of a team. `part` is what the scenes call them; `tone` says whether they write tú or usted."""

    part: str
    email: str
    role: str
    first_name: str
    last_name: str
    job_title: str
    tone: str
    availability: str = "offline"
    reason: str | None = None


ACME_TEAM = (
    Colleague("duena", "owner@acme.test", "owner", "Olga", "Nogal", "Directora", "usted"),
    Colleague("jefe", "manager@acme.test", "manager", "Mateo", "Rincón", "Gerente comercial", "usted", "available"),
    Colleague("asesora", "seller@acme.test", "seller", "Sofía", "Ríos", "Asesora de ventas", "tú", "available"),
    Colleague("companero", "seller2@acme.test", "seller", "Simón", "Díaz", "Asesor de ventas", "usted", "busy"),
    Colleague("agenda", "setter@acme.test", "setter", "Sara", "Téllez", "Coordinadora de citas", "tú", "paused", "Almuerzo"),
    Colleague("calidad", "quality@acme.test", "quality", "Quintín", "Mora", "Calidad y servicio", "usted", "available"),
    Colleague("auditora", "auditor@acme.test", "auditor", "Aura", "Torres", "Auditoría", "usted"),
)  # fmt: skip
RIVAL_TEAM = (
    Colleague("jefe", "owner@rival.test", "owner", "Óscar", "Rivas", "Director médico", "usted", "available"),
    Colleague("asesora", "seller@rival.test", "seller", "Rita", "Rivera", "Asesora de pacientes", "tú", "available"),
)  # fmt: skip

HER_NAMES = (
    "Adriana Alejandra Ana Andrea Ángela Angélica Antonia Beatriz Camila Carmenza Carolina Catalina"
    " Claudia Constanza Daniela Diana"
    " Elena Elsa Estefanía Gabriela Gloria Isabel Jimena Johana Juliana Laura Leidy Liliana Lina Lorena Lucía Luisa Luz Manuela"
    " Marcela Margarita María Mariana Martha Milena Mónica Nancy Natalia Nubia Olga Paola Patricia"
    " Paula Pilar Rocío Sandra Sara"
    " Silvia Sonia Stella Tatiana Valentina Vanessa Verónica Viviana Ximena Yaneth Yolanda Yuliana"
).split()  # fmt: skip
HIS_NAMES = (
    "Alberto Alejandro Alonso Álvaro Andrés Armando Arturo Camilo Carlos César Cristian Daniel David Diego Edgar Edwin Emilio"
    " Ernesto Esteban Fabián Felipe Fernando Francisco Gabriel Germán Giovanny Guillermo Gustavo"
    " Héctor Hernán Hugo Humberto Iván"
    " Jaime Jairo Javier Joaquín Jorge José Juan Julián Julio Leonardo Luis Manuel Marcos Mario Martín Mauricio Miguel Néstor"
    " Nicolás Orlando Óscar Pablo Rafael Ramiro Raúl Ricardo Rodrigo Rubén Samuel Santiago Sebastián Sergio Tomás Wilson"
).split()  # fmt: skip
SECOND_HERS = (
    "María Lucía Isabel Fernanda Marcela Patricia Milena Cristina Alejandra Paola Elena Teresa Inés".split()
)
SECOND_HIS = "Andrés Camilo Felipe David Fernando Eduardo Alberto Manuel Esteban Ignacio Enrique".split()
SURNAMES = (
    "Acosta Agudelo Aldana Amaya Arango Arias Ávila Barrera Becerra Beltrán Bohórquez Buitrago Cabrera Calle Camacho Cárdenas"
    " Carvajal Castaño Castellanos Castro Ceballos Cifuentes Contreras Correa Cuéllar Delgado Echeverri Espinosa Forero Franco"
    " Gaitán Galvis Garzón Giraldo Gómez Guerrero Guzmán Henao Hoyos Hurtado Jaramillo Jiménez Ladino Leal León Londoño Lozano"
    " Marín Martínez Medina Mejía Mendoza Molano Monroy Montoya Morales Moreno Muñoz Naranjo Niño Ochoa Ordóñez Orozco Ortega"
    " Ospina Palacios Pardo Parra Patiño Pedraza Peña Pinzón Prieto Quintero Quiroga Ramírez"
    " Restrepo Rincón Rojas Romero Rubiano"
    " Rueda Salazar Salcedo Sandoval Sarmiento Serrano Sierra Silva Suárez Tamayo Toro Trujillo Valencia Vanegas Vargas Vega"
    " Velandia Vélez Villamil Zambrano Zapata Zuluaga"
).split()  # fmt: skip


class Land(NamedTuple):
    """Where a customer lives. `number` makes the digits WhatsApp knows somebody by from four digits of ours."""

    name: str
    code: str
    number: str
    cities: tuple[str, ...]


NEAR = ("Bogotá", "Bogotá", "Bogotá", "Bogotá, Usaquén", "Bogotá, Suba", "Chía", "Cajicá", "Soacha")
FAR = ("La Calera", "Medellín", "Cali", "Bucaramanga", "Zipaquirá", "Ibagué")
COLOMBIA = Land("Colombia", "CO", "", NEAR + FAR)
ABROAD = (
    Land("México", "MX", "521555550{:04}", ("Ciudad de México", "Guadalajara")),
    Land("Argentina", "AR", "549115555{:04}", ("Buenos Aires", "Córdoba")),
    Land("Perú", "PE", "5195550{:04}", ("Lima", "Arequipa")),
    Land("Ecuador", "EC", "59399555{:04}", ("Quito", "Guayaquil")),
    Land("Brasil", "BR", "551195555{:04}", ("São Paulo",)),
    Land("España", "ES", "3460055{:04}", ("Madrid",)),
)
PREFIXES = (*range(300, 306), *range(310, 325), 350, 351)
COMPANIES = (
    "Ferretería El Tornillo", "Panadería La Espiga", "Textiles del Norte", "Café Las Lomas", "Estudio Parábola",
    "Transportes Andinos", "Colegio Monteverde", "Óptica Claridad", "Jardines del Sol", "Consultora Meridiano",
)  # fmt: skip
SOURCES = ("ad", "ad", "ad", "ad", "whatsapp", "whatsapp", "whatsapp", "web", "web", "referral", "referral", "instagram",
           "facebook", "import", "email")  # fmt: skip
FLOWERS = ("🌸", "✨", "🐾", "🌿", "☀️", "💙")


@dataclass(frozen=True)
class Customer:
    first_name: str
    last_name: str
    profile_name: str
    is_her: bool
    digits: str | None
    bsuid: str
    username: str | None
    email: str | None
    company: str | None
    city: str | None
    country: str
    source: str

    @property
    def calling_name(self) -> str:
        """What one calls them in a message."""
        words = re.sub(r"<[^>]*>", "", self.first_name or self.profile_name).split()
        return words[0][:1].upper() + words[0][1:] if words else ""

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip() or self.profile_name


class Crowd:
    """Customers without end, no two with one number or address."""

    def __init__(self, chance: Random) -> None:
        self.chance = chance
        self.count: Counter[str] = Counter()
        self.addresses: set[str] = set()

    def next(self, source: str | None = None) -> Customer:
        chance = self.chance
        is_her = chance.random() < 0.55
        land = chance.choice(ABROAD) if chance.random() < 0.09 else COLOMBIA
        first, last = self._name(is_her)
        hidden = chance.random() < 0.025
        digits = self._digits(land)
        customer = Customer(
            first, last, self._profile(first, last), is_her, None if hidden else digits,
            f"{land.code}.{chance.randrange(10**18, 10**19)}", self._username(first, last) if hidden else None, None,
            chance.choice(COMPANIES) if chance.random() < 0.08 else None,
            chance.choice(land.cities) if chance.random() < 0.86 else None, land.name, source or chance.choice(SOURCES),
        )  # fmt: skip
        if chance.random() < 0.2:
            return replace(customer, first_name="", last_name="")
        return replace(customer, email=self.address(first, last)) if chance.random() < 0.41 else customer

    def named(self, name: str, *, is_her: bool, **known: str | None) -> Customer:
        """Somebody of whom the script says more: `First · Last`, or only what they call themselves."""
        first, _, last = name.partition(" · ")
        country = known.get("country") or "Colombia"
        land = next((land for land in ABROAD if land.name == country), COLOMBIA)
        bsuid = f"{land.code}.{self.chance.randrange(10**18, 10**19)}"
        customer = Customer(
            first if last else "", last, name.replace(" · ", " "), is_her, self._digits(land), bsuid, None, None, None,
            known.get("city") or land.cities[0], country, known.get("source") or "whatsapp",
        )  # fmt: skip
        return replace(customer, email=self.address(first, last)) if known.get("email") else customer

    def address(self, first: str, last: str) -> str:
        plain = _plain(f"{first.split()[0]}.{last.split()[0]}")
        address, number = f"{plain}@mail.test", 1
        while address in self.addresses:
            number += 1
            address = f"{plain}{number}@mail.test"
        self.addresses.add(address)
        return address

    def _name(self, is_her: bool) -> tuple[str, str]:
        chance = self.chance
        first = chance.choice(HER_NAMES if is_her else HIS_NAMES)
        second = chance.choice(SECOND_HERS if is_her else SECOND_HIS)
        surnames = chance.sample(SURNAMES, 2)
        given = f"{first} {second}" if second != first and chance.random() < 0.3 else first
        return given, " ".join(surnames) if chance.random() < 0.4 else surnames[0]

    def _profile(self, first: str, last: str) -> str:
        """What people call themselves on WhatsApp."""
        short, letter = first.split()[0], last[0]
        return self.chance.choice(
            (f"{first} {last.split()[0]}", f"{short} {letter}.", short, f"{short} {self.chance.choice(FLOWERS)}",
             f"{short.lower()} {last.split()[0].lower()}")
        )  # fmt: skip

    def _digits(self, land: Land) -> str:
        """The next number; multiplying by a prime spreads neighbours over the country without ever repeating."""
        self.count[land.code] += 1
        place = self.count[land.code] * 7919
        if land.number:
            return land.number.format(place % 10_000)
        place %= len(PREFIXES) * 10_000
        return f"57{PREFIXES[place // 10_000]}555{place % 10_000:04}"

    def _username(self, first: str, last: str) -> str:
        return _plain(f"{first.split()[0]}.{last.split()[0]}{self.chance.randint(2, 99)}")


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKD", text.lower()).encode("ascii", "ignore").decode()
