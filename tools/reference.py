"""Write the generated pages of docs/reference/ from what they describe.

Without an argument they are rewritten; with ``--check`` nothing is changed and a page that is out of date fails.
"""

import os
import re
import sys
from argparse import SUPPRESS, Action, ArgumentParser, _SubParsersAction
from collections.abc import Iterable, Iterator
from pathlib import Path

import django
from django.core.management import load_command_class
from django.core.management.base import DjangoHelpFormatter

ROOT = Path(__file__).resolve().parent.parent
REFERENCE = ROOT / "docs" / "reference"
COMMANDS = ROOT / "scoreport" / "cli" / "management" / "commands"
NOTICE = "<!-- Written by tools/reference.py (`make fix`); do not edit. -->\n"


def table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """Lay out a Markdown table; a bar inside a cell would end it, so it is escaped."""
    lines = [heads, tuple("---" for _ in heads), *rows]
    return "".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |\n" for line in lines)


def command_page() -> str:
    """Describe each of our commands: what for, how it is called, its options."""
    parts = [NOTICE, "# Commands\n", "`scoreport COMMAND --help` says the same in the terminal.\n"]
    for path in sorted(COMMANDS.glob("[a-z]*.py")):
        name = path.stem.replace("_", "-")
        command = load_command_class("scoreport.cli", path.stem)
        parser = command.create_parser("scoreport", name)
        parts.append(f"\n## {name}\n\n{command.help}\n")
        acts = acts_of(parser)
        if not acts:
            parts.append(call_of(name, parser))
        for act, (told, its_own) in acts.items():
            parts.append(f"\n### {name} {act}\n\n{told}\n{call_of(f'{name} {act}', its_own)}")
    return "".join(parts)


def acts_of(parser: ArgumentParser) -> dict[str, tuple[str, ArgumentParser]]:
    """Return the acts of a command such as ``access-code issue``: what each is for, and its own parser."""
    found: dict[str, tuple[str, ArgumentParser]] = {}
    for action in parser._actions:  # noqa: SLF001 – argparse lists them nowhere else
        if isinstance(action, _SubParsersAction):
            told = {choice.dest: choice.help or "" for choice in action._choices_actions}  # noqa: SLF001 – likewise
            found |= {name: (told.get(name, ""), its_own) for name, its_own in action.choices.items()}
    return found


def call_of(name: str, parser: ArgumentParser) -> str:
    """Show how a command, or an act of one, is called, and what its options do."""
    own = [action for action in parser._actions if is_own(action)]  # noqa: SLF001 – likewise
    usage = " ".join(["scoreport", name, *map(usage_of, own)])
    text = f"\n```\n{usage}\n```\n"
    if own:
        rows = [(f"`{', '.join(action.option_strings) or metavar(action)}`", help_of(action)) for action in own]
        text += "\n" + table(("option", "what it does"), rows)
    return text


def is_own(action: Action) -> bool:
    """Tell our options from those that every Django command has."""
    common = DjangoHelpFormatter.show_last | {"--help"}
    return action.help != SUPPRESS and not common & set(action.option_strings)


def metavar(action: Action) -> str:
    name = action.metavar or (action.dest.upper().replace("_", "-"))
    return name if isinstance(name, str) else " ".join(name)


def usage_of(action: Action) -> str:
    """Write an option as a call shows it."""
    many = "..." if action.nargs in {"+", "*"} else ""
    if not action.option_strings:
        return f"[{metavar(action)}{many}]" if action.nargs in {"?", "*"} else metavar(action) + many
    flag = action.option_strings[-1]
    text = flag if action.nargs == 0 else f"{flag} {metavar(action)}{many}"
    return text if action.required else f"[{text}]"


def help_of(action: Action) -> str:
    """Return what an option does, with its default unless that is nothing."""
    default = bool(action.default) and action.default != SUPPRESS and action.option_strings
    return f"{action.help or ''}{f' Default: `{action.default}`.' if default else ''}".strip()


def settings_of(text: str) -> Iterator[tuple[str, str, str, str]]:
    """Read .env.example: section, name, default and explanation of each setting."""
    section, comment = "", ""
    for line in text.splitlines():
        if heading := re.fullmatch(r"# --- (.+) ---", line):
            section = heading[1]
        elif line.startswith("# "):
            comment = f"{comment} {line[2:]}".strip()
        elif setting := re.fullmatch(r"([A-Z][A-Z0-9_]*)=(.*)", line):
            yield section, setting[1], setting[2], comment
        else:
            comment = ""


def settings_page() -> str:
    """Describe each setting as .env.example does, in tables by section."""
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    parts = [
        NOTICE,
        "# Settings\n",
        "Read from the environment at the start. `NAME_FILE` may name a file that holds the value of `NAME`.\n",
    ]
    rows: dict[str, list[tuple[str, ...]]] = {}
    for section, name, default, comment in settings_of(text):
        rows.setdefault(section, []).append((f"`{name}`", f"`{default}`" if default else "", comment))
    for section, lines in rows.items():
        parts.append(f"\n## {section}\n\n" + table(("setting", "default", "meaning"), lines))
    return "".join(parts)


def permission_page() -> str:
    """Show which role carries which permission, from the table that decides."""
    from scoreport.access.roles import ROLE_PERMISSIONS, Permission, Role

    heads = ("permission", *(role.label for role in Role))
    rows = [(f"`{p}`", *("yes" if p in ROLE_PERMISSIONS[role] else "" for role in Role)) for p in Permission]
    return (
        f"{NOTICE}# Permissions\n\nA role at a district or a state reaches every organization under it. "
        f"Roles are independent and add up.\n\n{table(heads, rows)}"
    )


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "scoreport.settings")
    django.setup()
    pages = {"commands.md": command_page(), "permissions.md": permission_page(), "settings.md": settings_page()}
    stale = []
    for name, text in pages.items():
        path = REFERENCE / name
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        stale.append(name)
        if "--check" not in sys.argv[1:]:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            print(f"docs/reference/{name} was rewritten.")
    if "--check" in sys.argv[1:] and stale:
        print(f"Out of date in docs/reference: {', '.join(stale)}. Run `make fix`.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
