"""What an audited act is called: a word for each verb that is recorded, and for the groups that one filters by."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

GROUPS: dict[str, str | Promise] = {
    "contact.": _("Personal data"),
    "account.": _("Accounts"),
    "post.": _("Posts"),
    "organisation.": _("Organisations"),
    "catalogue.": _("Catalogue"),
    "session.": _("Signing in"),
    "token.": _("Keys of programs"),
    "calendar.": _("Calendar"),
    "case.": _("Cases"),
    "suggestion.": _("Suggestions"),
    "webhook.": _("Webhooks"),
}
ACTS: dict[str, str | Promise] = {
    "account.close": _("Closed an account"),
    "account.create": _("Made an account"),
    "account.created": _("Made an account"),
    "account.password": _("Set a password"),
    "account.password_changed": _("Changed a password"),
    "account.identity_link": _("Linked an account of the sign-in provider"),
    "account.identity_unlink": _("Unlinked an account of the sign-in provider"),
    "account.read": _("Read an account"),
    "account.recovery_code": _("Signed in with a recovery code"),
    "account.recovery_codes": _("Made new recovery codes"),
    "account.second_factor_add": _("Added a second factor"),
    "account.second_factor_remove": _("Removed a second factor"),
    "calendar.load": _("Loaded a calendar"),
    "catalogue.give_up": _("Gave a category up"),
    "catalogue.propose": _("Proposed a change of the catalogue"),
    "contact.read": _("Read personal data"),
    "demo.seed": _("Made the demonstration"),
    "organisation.create": _("Made an organisation"),
    "organisation.created": _("Made an organisation"),
    "organisation.end": _("Ended an organisation"),
    "organisation.change": _("Changed an organisation"),
    "organisation.revive": _("Took a dissolution back"),
    "organisation.load": _("Read organisations from a file"),
    "organisation.export": _("Took the register of organisations out"),
    "organisation.export_coverage": _("Took coverage figures out"),
    "organisation.drive": _("Began a drive"),
    "organisation.drive_end": _("Ended a drive"),
    "organisation.step_undo": _("Took a step of a drive back"),
    "organisation.type_made": _("Added a type of organisation"),
    "organisation.rule_set": _("Ruled where a type of organisation belongs"),
    "organisation.rules_loaded": _("Loaded rules of organisation types"),
    "post.appoint": _("Appointed somebody"),
    "post.end": _("Ended a post"),
    "post.switch": _("Switched to another post"),
    "session.become": _("Became somebody of the demonstration"),
    "session.end": _("Signed a device out"),
    "session.provider": _("Signed in by the provider"),
    "statement.read": _("Read sealed words"),
    "suggestion.train": _("Asked for a training of the suggestions"),
    "token.end": _("Ended a key"),
    "token.issue": _("Issued a key"),
    "moderation.configure": _("Set how words become public"),
    "words.decide": _("Decided on an objection to public words"),
    "words.publish": _("Made words public"),
    "words.take_back": _("Took a decision on words back"),
    "words.withhold": _("Kept words out of the public"),
}


def act_word(verb: str) -> str:
    """What was done, in words; the verb itself where it has none here."""
    if verb in ACTS:
        return str(ACTS[verb])
    group = GROUPS.get(verb.partition(".")[0] + ".")
    return f"{group} · {verb.partition('.')[2]}" if group else verb
