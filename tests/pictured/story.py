"""What happened at Nordwind Logistics and around it, chapter by chapter; times are UTC."""

from pathlib import Path
from typing import Final

from orgward.store.audit import write_anchor
from tests.empty_store import copy_to
from tests.pictured.company import OWN, Company
from tests.pictured.people import CROWD, NAMED, address_of
from tests.world import Clock, World

NORDWIND: Final = "Nordwind Logistics"
_WEBKIT: Final = "AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.0"
MAC: Final = f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {_WEBKIT} Safari/605.1.15"
PHONE: Final = f"Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) {_WEBKIT} Mobile/15E148 Safari/604.1"
_TRACKING: Final = (
    "Elif Demir",
    "Katarzyna Zielinska",
    "Nadia Petrova",
    "Sofia Lindgren",
    "Mateo Ruiz",
    "Henrik Vogel",
)


def told(folder: Path) -> Company:
    """Return the company as it stands on Sunday, 22 November 2026, at 9:21 in Berlin, on a store in `folder`."""
    copy_to(folder)
    company = Company(World.open(folder, clock=Clock(0)))
    company.world.store._writing.execute("PRAGMA synchronous = OFF")  # noqa: SLF001 - as tests/empty_store.py
    for chapter in (
        _beginning,
        _people,
        _teams,
        _elsewhere,
        _summer,
        _autumn,
        _november,
        _last_week,
        _friday,
        _weekend,
        _sunday,
        _now,
    ):
        chapter(company)
    return company


def _beginning(company: Company) -> None:
    company.at("2026-01-08 08:00")
    company.found(NORDWIND, address_of("Henrik Vogel"))
    company.set_up("Henrik Vogel")
    company.at("08:30")
    company.enrol(["Grace Nakamura", "Jonas Weber"], NORDWIND, ["ORG_OWNER"])
    company.set_up("Grace Nakamura", "Jonas Weber")
    company.at("2026-01-09 09:00")
    company.project("Grace Nakamura", NORDWIND, "prod", environment="production", cost_center="4100")
    company.project("Grace Nakamura", NORDWIND, "staging", environment="staging", cost_center="4100")
    company.project("Grace Nakamura", NORDWIND, "dev", environment="development")
    company.project("Henrik Vogel", NORDWIND, "data-lake", environment="production", cost_center="4200")
    company.project("Henrik Vogel", NORDWIND, "warehouse-prod", environment="production", cost_center="4300")
    company.project("Henrik Vogel", NORDWIND, "warehouse-staging", environment="staging", cost_center="4300")
    company.project("Henrik Vogel", NORDWIND, "billing", environment="production", cost_center="4400")
    company.project("Jonas Weber", NORDWIND, "tracking-api", environment="production")
    company.project("Jonas Weber", NORDWIND, "customs", environment="production")
    company.project("Henrik Vogel", NORDWIND, "analytics", cost_center="4200")
    company.project("Henrik Vogel", NORDWIND, "archive")


def _people(company: Company) -> None:
    company.at("2026-01-10 10:00")
    company.enrol(["Carla Rossi"], NORDWIND, ["ORG_READ_ONLY"], data_lake=["GROUP_OWNER"])
    company.enrol(["Ann Keller"], NORDWIND, ["ORG_READ_ONLY"])
    company.enrol(["David Lindqvist"], NORDWIND, ["ORG_BILLING_ADMIN", "ORG_GROUP_CREATOR"], billing=["GROUP_OWNER"])
    company.enrol(["Elif Demir"], NORDWIND, ["ORG_MEMBER"], prod=["GROUP_OWNER"], dev=["GROUP_OWNER"])
    company.enrol(["Farid Haddad"], NORDWIND, ["ORG_STREAM_PROCESSING_ADMIN"], prod=["GROUP_BACKUP_MANAGER"])
    company.enrol(["Ines Almeida"], NORDWIND, ["ORG_BILLING_READ_ONLY", "ORG_GROUP_CREATOR"])
    company.enrol(["Katarzyna Zielinska"], NORDWIND, ["ORG_MEMBER"], prod=["GROUP_CLUSTER_MANAGER"])
    invited = {"Petra Novák"}
    company.enrol([name for name in NAMED if name not in {*company.people, *invited}], NORDWIND, ["ORG_MEMBER"])
    company.set_up(*[name for name in NAMED if name in company.people][3:])
    for number, project in enumerate(("dev", "warehouse_prod", "customs", "analytics", "billing", "tracking_api")):
        company.enrol(CROWD[number::6], NORDWIND, ["ORG_MEMBER"], **{project: ["GROUP_READ_ONLY"]})
    company.set_up(*CROWD)


def _teams(company: Company) -> None:
    grace, henrik = "Grace Nakamura", "Henrik Vogel"
    company.at("2026-01-11 09:00")
    company.team(
        grace, NORDWIND, "Tracking", [*_TRACKING, "Jonas Weber"], prod=["GROUP_OWNER"], tracking_api=["GROUP_OWNER"]
    )
    company.ask(company.of(grace), "DELETE", f"/groups/{company.projects['prod']}/users/{company.people[grace]}")
    company.team(
        grace,
        NORDWIND,
        "Platform",
        ["Elif Demir", "Lukas Brandt", "Ben Okafor", *CROWD[:11]],
        prod=["GROUP_READ_ONLY"],
        dev=["GROUP_OWNER"],
        staging=["GROUP_OWNER"],
    )
    company.team(
        henrik,
        NORDWIND,
        "On-call",
        ["Elif Demir", *CROWD[:5]],
        prod=["GROUP_CLUSTER_MANAGER"],
        staging=["GROUP_CLUSTER_MANAGER"],
    )
    company.team(henrik, NORDWIND, "Data", ["Farid Haddad", *CROWD[12:18]], data_lake=["GROUP_DATA_ACCESS_READ_ONLY"])
    company.team(
        henrik, NORDWIND, "Finance", ["David Lindqvist", "Ines Almeida", *CROWD[21:24]], billing=["GROUP_READ_ONLY"]
    )
    company.team(
        henrik,
        NORDWIND,
        "Warehouse",
        ["Maximiliane von Hohenstein-Rautenberg", *CROWD[24:34]],
        warehouse_prod=["GROUP_DATA_ACCESS_READ_WRITE"],
        warehouse_staging=["GROUP_OWNER"],
    )
    company.team(
        henrik, NORDWIND, "Customs", ["Maximiliane von Hohenstein-Rautenberg", *CROWD[34:40]], customs=["GROUP_OWNER"]
    )
    company.team(grace, NORDWIND, "Security", ["Ann Keller", "Amina Diallo"], staging=["GROUP_OBSERVABILITY_VIEWER"])
    company.team(grace, NORDWIND, "Autumn interns", CROWD[43:])
    interns = f"/orgs/{company.orgs[NORDWIND]}/teams/{company.teams['Autumn interns']}"
    company.ask(company.of(grace), "POST", f"{interns}:removeUser", {"id": company.people[CROWD[43]]})
    company.ask(company.of(grace), "DELETE", f"/groups/{company.projects['prod']}/users/{company.people['Elif Demir']}")
    company.at("2026-02-02 08:10")
    company.into_team(henrik, "On-call", "Ines Almeida")
    company.at("2026-03-03 08:20")
    company.into_team(henrik, "On-call", "Ann Keller")


def _elsewhere(company: Company) -> None:
    company.at("2026-03-05 12:00")
    company.found("Kranich Labs", "jo.kranich@kranich.example")
    company.found("Hafenwerk Data", "lena.brandt@hafenwerk.example")
    company.found("Strandgut Research", "m.ito@strandgut.example")
    company.set_up(
        Jo_Kranich="jo.kranich@kranich.example",
        Lena_Brandt="lena.brandt@hafenwerk.example",
        Mika_Ito="m.ito@strandgut.example",
    )
    company.project("Jo Kranich", "Kranich Labs", "crane-telemetry")
    company.project("Jo Kranich", "Kranich Labs", "field-tests")
    company.project("Lena Brandt", "Hafenwerk Data", "quay-records")
    company.enrol(["Grace Nakamura"], "Kranich Labs", ["ORG_MEMBER"], field_tests=["GROUP_READ_ONLY"])


def _summer(company: Company) -> None:
    company.at("2026-05-04 09:00")
    company.project("Ines Almeida", NORDWIND, "sandbox", environment="development")
    company.at("2026-05-05 09:00")
    path = f"/orgs/{company.orgs[NORDWIND]}/users/{company.people['Ines Almeida']}"
    company.ask(company.of("Henrik Vogel"), "PATCH", path, {"roles": {"orgRoles": ["ORG_BILLING_READ_ONLY"]}})
    company.at("2026-05-31 10:00")
    company.invite("Mika Ito", "Strandgut Research", address_of("Grace Nakamura"), "ORG_READ_ONLY")
    company.at("2026-07-01 07:00")
    company.key("Jonas Weber", "terraform", ["ORG_OWNER"], listed=["10.20.8.0/24", "10.20.9.15"])
    company.key("Elif Demir", "ci-deploy", ["GROUP_OWNER"], project="dev", listed=["192.0.2.41"])
    path = f"/groups/{company.projects['warehouse-prod']}/apiKeys/{company.key_ids['ci-deploy']}"
    company.ask(company.of("Henrik Vogel"), "POST", path, [{"roles": ["GROUP_READ_ONLY"]}])
    company.at("2026-07-14 08:00")
    company.key(
        "Henrik Vogel",
        "billing-report",
        ["ORG_BILLING_READ_ONLY"],
        listed=["198.51.100.0/27", "198.51.100.40", "203.0.113.8"],
    )
    company.key("Henrik Vogel", "grafana-metrics", ["ORG_READ_ONLY"], listed=["10.20.0.0/16"])
    company.key("Elif Demir", "load-test", ["GROUP_CLUSTER_MANAGER"], project="prod")
    company.key("Henrik Vogel", "warehouse-sync", ["ORG_MEMBER"], listed=["10.20.6.0/24"])
    text, there = "Reads stock levels for the shop", ["GROUP_READ_ONLY"]
    company.account("Henrik Vogel", "inventory-reader", text, ["ORG_MEMBER"], on="data-lake", there=there)
    company.at("2026-09-09 08:00")
    company.into_team("Henrik Vogel", "Data", "Ines Almeida")


def _autumn(company: Company) -> None:
    henrik, carla = "Henrik Vogel", "Carla Rossi"
    company.at("2026-10-02 09:00")
    company.of("Maximiliane von Hohenstein-Rautenberg")
    company.at("2026-10-08 09:00")
    company.invite(henrik, NORDWIND, address_of("Petra Novák"), "ORG_READ_ONLY", analytics="GROUP_READ_ONLY")
    company.at("2026-10-10 09:00")
    body = {"username": "external.dba@steuerwald-consulting.example", "roles": ["GROUP_BACKUP_MANAGER"]}
    company.ask(company.of(carla), "POST", f"/groups/{company.projects['data-lake']}/users", body)
    company.invite(henrik, NORDWIND, "hiring@steuerwald-consulting.example", "ORG_MEMBER")
    company.at("2026-10-12 08:40")
    company.set_up("Petra Novák")
    company.answer("Petra Novák", "accept")
    company.at("2026-10-24 08:30")
    company.found("Küstenfunk", "tove.iversen@kuestenfunk.example")
    company.set_up(Tove_Iversen="tove.iversen@kuestenfunk.example")
    company.project("Tove Iversen", "Küstenfunk", "beacons")
    asked = {"username": address_of("Grace Nakamura"), "roles": ["GROUP_BACKUP_MANAGER"]}
    company.ask(company.of("Tove Iversen"), "POST", f"/groups/{company.projects['beacons']}/users", asked)


def _november(company: Company) -> None:
    grace, henrik = "Grace Nakamura", "Henrik Vogel"
    nordwind = company.orgs[NORDWIND]
    company.at("2026-11-02 07:30")
    company.of("Jonas Weber")
    company.at("2026-11-03 09:00")
    jonas = f"/orgs/{nordwind}/users/{company.people['Jonas Weber']}"
    company.ask(company.of(henrik), "PATCH", jonas, {"roles": {"orgRoles": ["ORG_MEMBER"]}})
    company.give(henrik, "Jonas Weber", "prod", "GROUP_ALERTS_MANAGER")
    company.ask(company.of(henrik), "POST", f"{OWN}{jonas}:suspend")
    company.give(henrik, "Ben Okafor", "prod", "GROUP_READ_ONLY")
    company.at("2026-11-04 10:00")
    company.ask_to_join(grace, "field-tests", "Reading the load tests of the new crane.", "GROUP_DATA_ACCESS_READ_ONLY")
    company.at("2026-11-12 09:00")
    company.answer_request("Jo Kranich", grace, "field-tests", "deny")
    company.at("2026-11-14 11:00")
    company.invite(
        "Henrik Vogel", NORDWIND, "o.marchetti@nordwind.example", "ORG_MEMBER", warehouse_prod="GROUP_READ_ONLY"
    )


def _last_week(company: Company) -> None:
    grace, henrik, carla = "Grace Nakamura", "Henrik Vogel", "Carla Rossi"
    company.at("2026-11-16 08:00")
    company.set_up(Oskar_Marchetti="o.marchetti@nordwind.example")
    company.answer("Oskar Marchetti", "decline")
    company.give(grace, "Ann Keller", "prod", "GROUP_DATA_ACCESS_READ_WRITE")
    company.until(grace, "Ann Keller", "prod", "GROUP_DATA_ACCESS_READ_WRITE", "2026-11-30T22:59:00Z")
    company.at("2026-11-17 08:00")
    company.give(carla, "Ines Almeida", "data-lake", "GROUP_BACKUP_RECOVERY_OPERATOR")
    company.until(carla, "Ines Almeida", "data-lake", "GROUP_BACKUP_RECOVERY_OPERATOR", "2026-11-30T22:59:00Z")
    company.give(carla, "Farid Haddad", "data-lake", "GROUP_BACKUP_RECOVERY_OPERATOR")
    company.until(carla, "Farid Haddad", "data-lake", "GROUP_BACKUP_RECOVERY_OPERATOR", "2026-11-21T22:59:00Z")
    farid = (
        f"{OWN}/orgs/{company.orgs[NORDWIND]}/users/{company.people['Farid Haddad']}/roles/ORG_STREAM_PROCESSING_ADMIN"
    )
    company.ask(company.of(henrik), "PUT", farid, {"endsAt": "2026-11-30T22:59:00Z"})
    company.invite(henrik, NORDWIND, "li.wei@nordwind.example", "ORG_GROUP_CREATOR", teams=["Data"])
    company.at("2026-11-18 13:05")
    company.of("Ines Almeida", "10.20.4.31")
    company.at("2026-11-19 09:40")
    company.of("David Lindqvist", "10.20.4.52")
    company.invite(henrik, NORDWIND, "audit@kpm-partner.example", "ORG_BILLING_READ_ONLY")
    company.deliver()
    company.ask_to_join(
        "Lukas Brandt",
        "prod",
        "Reading the slow queries of the last incident.",
        "GROUP_OBSERVABILITY_VIEWER",
        end="2026-12-04T12:00:00Z",
    )
    company.at("13:02")
    company.invite(
        "Lena Brandt", "Hafenwerk Data", address_of(grace), "ORG_READ_ONLY", quay_records="GROUP_DATA_ACCESS_READ_ONLY"
    )


def _friday(company: Company) -> None:
    grace = "Grace Nakamura"
    company.at("2026-11-20 09:12")
    company.add_passkey("Henrik Vogel", "Security key")
    company.add_passkey("Carla Rossi")
    company.add_app("Ben Okafor")
    company.add_app("Farid Haddad")
    company.add_app("Ines Almeida")
    company.add_app("Elif Demir")
    company.add_passkey("Ann Keller")
    company.add_app(grace)
    company.add_passkey(grace, "MacBook")
    company.at("14:00")
    company.invite(grace, NORDWIND, "greta.wallin@nordwind.example", "ORG_MEMBER", prod="GROUP_OBSERVABILITY_VIEWER")
    company.ask_to_join("Tomás Rojas", "prod", "I would like to see the clusters.", "GROUP_CLUSTER_MANAGER")
    company.ask_to_join("Amina Diallo", "prod", "Audit of who may restore backups.", "GROUP_ACCESS_MANAGER")


def _weekend(company: Company) -> None:
    henrik, elif_ = "Henrik Vogel", "Elif Demir"
    company.at("2026-11-21 10:03")
    company.answer_request(elif_, "Tomás Rojas", "prod", "deny")
    company.of("Carla Rossi", "10.20.4.9")
    company.at("16:20")
    carla = f"/orgs/{company.orgs[NORDWIND]}/users/{company.people['Carla Rossi']}"
    company.ask(company.of(henrik), "PATCH", carla, {"roles": {"orgRoles": ["ORG_OWNER"]}})
    company.at("17:22")
    company.use("terraform", "10.20.8.15")


def _sunday(company: Company) -> None:
    henrik, elif_ = "Henrik Vogel", "Elif Demir"
    company.at("2026-11-22 03:00")
    company.use("billing-report", "198.51.100.7")
    company.at("05:00")
    write_anchor(company.world.store)
    company.at("06:15")
    company.of("Farid Haddad", "10.20.4.60")
    company.at("06:40")
    company.of(elif_, "10.20.9.112")
    company.at("07:05")
    company.of("Oskar Marchetti", "198.51.100.201")
    company.of("Lukas Brandt", "10.20.4.70")
    company.of("Ines Almeida", "10.20.4.31")
    company.at("07:30")
    company.of(henrik, "10.20.4.7")
    company.into_team(henrik, "On-call", "Nadia Petrova")
    company.at("07:41")
    company.of("Ben Okafor", "10.20.4.23")
    company.at("07:52")
    ci = company.keys["ci-deploy"]
    ci.address = "192.0.2.41"
    body = {"username": address_of("Ben Okafor"), "roles": ["GROUP_READ_ONLY"]}
    refused = ci.post(f"/groups/{company.projects['warehouse-prod']}/users", body)
    assert refused.status == 401
    company.use("ci-deploy", "192.0.2.41")


def _now(company: Company) -> None:
    grace, henrik = "Grace Nakamura", "Henrik Vogel"
    company.at("08:02")
    company.invite(
        henrik,
        NORDWIND,
        "t.sorensen@nordwind.example",
        "ORG_MEMBER",
        teams=["Platform"],
        prod="GROUP_READ_ONLY",
        dev="GROUP_CLUSTER_MANAGER",
    )
    company.at("08:09")
    company.of("Ann Keller", "10.20.4.40")
    company.sign_in(grace, "10.20.17.3", PHONE)
    company.at("08:10")
    company.sessions[grace, "2026-11-22"] = company.sign_in(grace, "10.20.4.18", MAC)
    preferences = {"timeZone": "Europe/Berlin", "theme": "light", "language": "en"}
    company.ask(company.of(grace), "PUT", f"{OWN}/me/preferences", preferences)
    company.at("08:14")
    path = f"/groups/{company.projects['prod']}/users/{company.people['Ben Okafor']}"
    company.ask(company.of(grace), "PUT", f"{path}/roles", {"groupRoles": ["GROUP_CLUSTER_MANAGER"]})
    company.at("08:16")
    company.of("Yara Haddou", "10.20.5.31")
    company.of("Willem Mori", "10.20.5.32")
    company.at("08:20")
    company.use("grafana-metrics", "10.20.7.3")
    company.deliver()
    company.at("08:21")
