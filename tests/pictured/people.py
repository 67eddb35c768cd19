"""Who works at Nordwind Logistics: names as they are told, and the addresses that follow from them."""

NAMED = (
    "Henrik Vogel", "Grace Nakamura", "Jonas Weber", "Carla Rossi", "Ann Keller", "Ben Okafor", "David Lindqvist",
    "Elif Demir", "Farid Haddad", "Ines Almeida", "Katarzyna Zielinska", "Nadia Petrova", "Sofia Lindgren",
    "Tomás Rojas", "Mateo Ruiz", "Maximiliane von Hohenstein-Rautenberg", "Lukas Brandt", "Amina Diallo",
    "Petra Novák",
)  # fmt: skip
"""Those of whom something is told."""

CROWD = (
    "Niels Holm", "Noor Jansen", "Nora Nyström", "Octavio Molina", "Olga Mazur", "Olivia Hart", "Omar Saleh",
    "Paolo Ricci", "Paula Vidal", "Pedro Pinto", "Pia Sipilä", "Quentin Roy", "Rania Kaya", "Rasmus Lund",
    "Renata Lopes", "Robin Castel", "Rosa Galli", "Ruben de Boer", "Ruth Mbeki", "Saga Björk", "Salma Arslan",
    "Samuel Conti", "Sanna Laine", "Selma Dahl", "Simon Aubry", "Sonja Krüger", "Stefan Huber", "Sven Thorsen",
    "Tadeo Moreau", "Tarik Nwosu", "Teodora Horvat", "Teresa Costa", "Thea Solberg", "Theo Bernard", "Timo Koskinen",
    "Ulla Fischer", "Valentin Dvořák", "Vera Traoré", "Viktor Szabó", "Wanda Nowak", "Willem Mori", "Yara Haddou",
    "Yusuf Byrne", "Zoë Peters",
)  # fmt: skip
"""Those who make the lists as long as lists are."""

_PLAIN = str.maketrans("áâãäåčçéèëíñóôöøřšúüýžő", "aaaaacceeeinoooorsuuyzo")
_SHORTENED = {"Maximiliane von Hohenstein-Rautenberg": "m.hohenstein-rautenberg", "Grace Nakamura": "grace"}


def address_of(name: str) -> str:
    """Return the address of somebody at Nordwind."""
    local = _SHORTENED.get(name) or name.lower().translate(_PLAIN).replace(" ", ".")
    return f"{local}@nordwind.example"


def halves_of(name: str) -> tuple[str, str]:
    """Return the first name and what follows it."""
    first, _, last = name.partition(" ")
    return first, last
