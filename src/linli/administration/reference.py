"""Reference pages that are printed from the rules themselves, so that they cannot say something else."""

from __future__ import annotations

from linli.catalog import rules
from linli.kernel.trust import Role, policy
from linli.people.queries import functions

_SHORT = {
    Role.ANONYMOUS: "anonymous",
    Role.MICRO_GRID_MEMBER: "micro-grid member",
    Role.GRID_MEMBER: "grid member",
    Role.COMMUNITY_WORKER: "community worker",
    Role.SUBDISTRICT_OFFICER: "subdistrict officer",
    Role.DEPARTMENT_CLERK: "department clerk",
    Role.CALL_TAKER: "call taker",
    Role.DATA_PROTECTION_OFFICER: "data protection",
    Role.SYSTEM_ADMINISTRATOR: "system admin.",
    Role.SECURITY_ADMINISTRATOR: "security admin.",
    Role.AUDIT_ADMINISTRATOR: "audit admin.",
}

ROLES_HEAD = """# Roles: who may do what

Printed by `linli reference` from `src/linli/kernel/trust/policy.csv`; edit that file, never this page.

A person acts through a *post*: person × role × organisation × area × term. The table says how far a role reaches with a verb:

- `own`: what the person reported or takes part in;
- `area`: whatever lies in the subtree of the post's area;
- `org`: what is in the hands of the post's organisation;
- `city`: everything;
- `any`: needs no subject, or any.

Several are joined by `+`; an empty cell is a no. What a post may not even see is answered as if it did not exist (404).
The administrators of the system, of security and of audit are three separate people: nobody holds two of these posts at a time.
"""

CATALOGUE_HEAD = """# Catalogue: the default categories

Printed by `linli reference` from `src/linli/catalog/rules/`; administrators change the catalogue in the interface, dated, with a
difference and a preview. Limits are defaults of the package, in hours of the clock named: `calendar` runs round the clock,
`working` counts eight hours a working day. `basis` says where a limit comes from (catalogue's README); K is unverified.
"""


def _table(heads: list[str], rows: list[list[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines) + "\n"


def roles() -> str:
    """``docs/reference/roles.md``."""
    shown = [role for role in Role if role != Role.SYSTEM]
    parts, table = [ROLES_HEAD], policy.table()
    for subject in dict.fromkeys(verb.partition(".")[0] for verb in table):
        verbs = [verb for verb in table if verb.partition(".")[0] == subject]
        used = [role for role in shown if any(role in table[verb] for verb in verbs)]
        rows = [[f"`{verb}`", *("+".join(sorted(table[verb].get(role, ()))) for role in used)] for verb in verbs]
        parts.append(f"## {subject}\n\n" + _table(["verb", *(_SHORT.get(role, role.value) for role in used)], rows))
    return "\n".join(parts)


def catalogue() -> str:
    """``docs/reference/catalogue.md``."""
    parts = [CATALOGUE_HEAD]
    listed = rules.categories()
    for group in rules.rows("groups.csv"):
        rows = [
            [
                identity["code"],
                f"{fields['name_zh']} · {fields['name_en']}",
                str(fields["severity"]),
                f"{fields['respond_minutes'] / 60:g} / {fields['resolve_minutes'] / 60:g} {fields['clock']}",
                fields["first_handler"].replace("_", " "),
                functions()[fields["lead_function"]].name_en,
                fields["call_first_en"],
                fields["basis"],
            ]
            for identity, fields in listed
            if identity["group"] == group["code"]
        ]
        heads = ["code", "category", "severity", "respond / resolve", "first handler", "lead", "call first", "basis"]
        parts.append(f"## {group['name_zh']} · {group['name_en']}\n\n" + _table(heads, rows))
    return "\n".join(parts)


PAGES = {"roles.md": roles, "catalogue.md": catalogue}
