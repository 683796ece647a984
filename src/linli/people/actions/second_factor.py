"""The second factor: set up with an authenticator app, proved when signing in, renewed, taken away.

Codes are RFC 6238's, six figures of thirty seconds, with one step's leeway for clocks that differ; none is taken twice. Who must
have one is said by ``LINLI_SECOND_FACTOR`` and kept by the session (:mod:`linli.people.sessions`).
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from uuid import UUID

import pyotp
from django.db import transaction
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext_lazy as _

from linli.kernel import crypto, ids, time
from linli.kernel.errors import Conflict, Invalid, NotFound, SignInNeeded
from linli.kernel.trust import ANONYMOUS, Actor, audit, policy
from linli.people import limits
from linli.people.models import Account, RecoveryCode, SecondFactor

STEP_SECONDS = 30
LEEWAY_STEPS = 1
RECOVERY_CODES = 10
RECOVERY_BITS = 50
ISSUER = "Linli"
_SEALED_AS = "people_secondfactor.secret"


@dataclass(frozen=True, slots=True)
class SetUp:
    """What an authenticator app needs: the secret in Base32 to type, and the address to scan."""

    secret: str
    uri: str


def begin_second_factor(actor: Actor, *, name: str = "") -> SetUp:
    """Make the secret of one's own second factor; asking again before it is confirmed gives the same one.

    Args:
        name: what the app shows beside the house's name; the login unless told.

    Raises:
        Conflict: there is one already.
    """
    with transaction.atomic():
        account = _own(actor)
        factor = SecondFactor.objects.filter(account=account).first()
        if factor is not None and factor.confirmed_at is not None:
            raise Conflict(
                "second_factor.there",
                _("Your second factor is set up already."),
                mend=_("Remove it first to set up another phone."),
            )
        if factor is None:
            factor = SecondFactor(id=ids.new_id(), account=account, created_at=time.now())
            secret = base64.b32encode(ids.random_bits(160).to_bytes(20)).decode()
            factor.secret_enc = crypto.seal(_SEALED_AS, factor.id, secret)
            factor.save(force_insert=True)
    return SetUp(
        secret=_opened(factor),
        uri=pyotp.TOTP(_opened(factor)).provisioning_uri(name=name or account.login, issuer_name=ISSUER),
    )


def confirm_second_factor(actor: Actor, *, code: str, network: str = "") -> list[str]:
    """Put the second factor in force with a first code from the app.

    Returns:
        Ten recovery codes in clear: they are shown once and never kept.

    Raises:
        Invalid: the code does not fit.
        Conflict: nothing is being set up.
        TooMany: ten tries an account, or sixty a network, in fifteen minutes.
    """
    account_id = _signed_in(actor)
    _count(account_id, network)
    with transaction.atomic():
        account = _own(actor)
        factor = SecondFactor.objects.select_for_update().filter(account=account, confirmed_at__isnull=True).first()
        if factor is None:
            raise Conflict("second_factor.none", _("There is nothing to confirm."), mend=_("Begin the set-up again."))
        step = _step_of(factor, code)
        if step is None:
            raise _wrong()
        factor.confirmed_at, factor.last_step = time.now(), step
        factor.save(update_fields=["confirmed_at", "last_step"])
        codes = _new_codes(factor)
        _note(actor, account.id, "account.second_factor_add")
    limits.clear(limits.SECOND_BY_ACCOUNT, str(account_id))
    return codes


def prove_second_factor(account_id: UUID, *, code: str, network: str = "") -> bool:
    """Prove the second factor of an account with the app's code, or use up a recovery code.

    Returns:
        Whether it was a recovery code.

    Raises:
        Invalid: it fits neither, or was used already.
        TooMany: ten tries an account, or sixty a network, in fifteen minutes.
    """
    _count(account_id, network)
    with transaction.atomic():
        factor = (
            SecondFactor.objects.select_for_update().filter(account_id=account_id, confirmed_at__isnull=False).first()
        )
        step = _step_of(factor, code) if factor else None
        if factor is not None and step is not None:
            factor.last_step = step
            factor.save(update_fields=["last_step"])
            spent = 0
        else:
            spent = _spend(factor, code) if factor else 0
            if not spent:
                raise _wrong()
            who = Account.objects.get(id=account_id)
            actor = Actor(role=ANONYMOUS.role, account_id=account_id, name=who.work_name)
            _note(actor, account_id, "account.recovery_code")
    limits.clear(limits.SECOND_BY_ACCOUNT, str(account_id))
    return bool(spent)


def renew_recovery_codes(actor: Actor) -> list[str]:
    """Ten new recovery codes; the old ones are no longer good.

    Raises:
        Conflict: there is no second factor.
    """
    with transaction.atomic():
        account = _own(actor)
        factor = SecondFactor.objects.select_for_update().filter(account=account, confirmed_at__isnull=False).first()
        if factor is None:
            raise Conflict("second_factor.none", _("You have no second factor."), mend=_("Set one up first."))
        codes = _new_codes(factor)
        _note(actor, account.id, "account.recovery_codes")
    return codes


def remove_second_factor(actor: Actor, account_id: UUID, *, reason: str = "") -> None:
    """Take a second factor away: one's own, or by the security administrator that of somebody who lost phone and codes.

    Args:
        reason: needed for somebody else's; stands in the audit.

    Raises:
        NotFound: there is none that the actor may take away.
        Invalid: no reason is given.
    """
    own = account_id == actor.account_id
    if not own:
        policy.require(actor, "account.edit")
        if not reason.strip():
            raise Invalid("reason.missing", _("Please give a reason."), field="reason")
    with transaction.atomic():
        gone, _kinds = SecondFactor.objects.filter(account_id=account_id).delete()
        if not gone:
            raise NotFound("second_factor.none", _("There is no second factor."))
        _note(actor, account_id, "account.second_factor_remove", reason=reason.strip()[:200])


def _signed_in(actor: Actor) -> UUID:
    if actor.account_id is None:
        raise SignInNeeded("sign_in_needed", _("Please sign in first."))
    return actor.account_id


def _own(actor: Actor) -> Account:
    return Account.objects.select_for_update().get(id=_signed_in(actor))


def _opened(factor: SecondFactor) -> str:
    return crypto.open_(_SEALED_AS, factor.id, bytes(factor.secret_enc))


def _count(account_id: UUID, network: str) -> None:
    limits.count(limits.SECOND_BY_ACCOUNT, str(account_id))
    limits.count(limits.SECOND_BY_NETWORK, network)


def _step_of(factor: SecondFactor, code: str) -> int | None:
    """The step whose code this is, when it is near now and newer than the last that was taken."""
    plain, otp = "".join(code.split()), pyotp.TOTP(_opened(factor), interval=STEP_SECONDS)
    now = int(time.now().timestamp()) // STEP_SECONDS
    for step in range(now - LEEWAY_STEPS, now + LEEWAY_STEPS + 1):
        if constant_time_compare(otp.generate_otp(step), plain) and step > factor.last_step:
            return step
    return None


def _new_codes(factor: SecondFactor) -> list[str]:
    RecoveryCode.objects.filter(factor=factor).delete()
    codes = [_spelled(ids.random_bits(RECOVERY_BITS)) for _number in range(RECOVERY_CODES)]
    RecoveryCode.objects.bulk_create(
        RecoveryCode(id=ids.new_id(), factor=factor, code_hash=_code_hash(factor, code)) for code in codes
    )
    return codes


def _spelled(bits: int) -> str:
    """Fifty bits as two groups of five: Base32 has neither 0 nor 1 to mistake for letters."""
    text = base64.b32encode((bits << 6).to_bytes(7)).decode().rstrip("=").lower()[:10]
    return f"{text[:5]}-{text[5:]}"


def _code_hash(factor: SecondFactor, code: str) -> bytes:
    plain = "".join(code.lower().replace("-", "").split())
    return crypto.lookup_hash(crypto.Lookup.CODE, f"{factor.id.hex}:{plain}")


def _spend(factor: SecondFactor, code: str) -> int:
    found = RecoveryCode.objects.filter(factor=factor, code_hash=_code_hash(factor, code), used_at__isnull=True)
    return found.update(used_at=time.now())


def _wrong() -> Invalid:
    return Invalid(
        "code.wrong",
        _("The code is wrong or was used already."),
        field="code",
        mend=_("Wait for the app's next code, or use one of your recovery codes."),
    )


def _note(actor: Actor, account_id: UUID, verb: str, *, reason: str = "") -> None:
    audit.record(actor, verb, subject_type="account", subject_id=account_id, person_id=account_id, purpose=reason)
