"""State of the room, and the constraints that the database itself keeps (see the package's docstring)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from linli.kernel import ids, time
from linli.kernel.db import DISTRICT_LENGTH, AreaBound, DistrictForeignKey, PathField
from linli.kernel.trust import Role

ADMINISTRATORS = (Role.SYSTEM_ADMINISTRATOR, Role.SECURITY_ADMINISTRATOR, Role.AUDIT_ADMINISTRATOR)
"""The three roles that three separate people hold (GB/T 22239-2019, 8.1.5: system, audit and security management)."""


class DataClass(models.TextChoices):
    """How closely a field is kept; declared on the field."""

    PUBLIC = "public", _("public")
    INTERNAL = "internal", _("internal")
    PERSONAL = "personal", _("personal")
    SENSITIVE = "sensitive", _("sensitive")


class SealedField(models.BinaryField):
    """Text under the kernel's encryption: written by ``crypto.seal(table, row id, text)``, never in clear."""

    def __init__(self, *args: Any, data_class: DataClass = DataClass.PERSONAL, **kwargs: Any) -> None:
        kwargs.setdefault("null", True)
        kwargs.setdefault("blank", True)
        super().__init__(*args, **kwargs)
        self.data_class = data_class

    def deconstruct(self) -> Any:
        """The class of data is the code's business, not the schema's."""
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.BinaryField", args, kwargs


def LookupHashField(**kwargs: Any) -> models.BinaryField[Any, Any]:
    """A keyed hash by which a sealed value is found exactly; 32 bytes."""
    return models.BinaryField(max_length=32, null=True, blank=True, **kwargs)


class Language(models.TextChoices):
    """The languages of the interface."""

    CHINESE = "zh-hans", _("Simplified Chinese")
    ENGLISH = "en", _("English")


class TextSize(models.TextChoices):
    """Type size; large is the elder-friendly mode."""

    NORMAL = "normal", _("Normal")
    LARGE = "large", _("Large")
    LARGEST = "largest", _("Largest")


class Theme(models.TextChoices):
    """Colours."""

    SYSTEM = "system", _("As the device")
    LIGHT = "light", _("Light")
    DARK = "dark", _("Dark")


class AccountManager(BaseUserManager["Account"]):
    """Finds accounts as people type their login."""

    def get_by_natural_key(self, username: str | None) -> Account:
        """The account of a login, without regard to case."""
        return self.get(login__iexact=username)


class Account(AbstractBaseUser):
    """A person who can sign in. Roles come from posts; an account without one is a resident.

    A reference row (not area-bound): one person may report in one district and hold a post in another.
    """

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    login = models.CharField(max_length=64, unique=True)
    name_enc = SealedField()
    phone_enc = SealedField()
    phone_hash = LookupHashField()
    work_name = models.CharField(max_length=40, blank=True, help_text="internal: the name colleagues see beside a post")
    home_path = PathField(blank=True, default="")
    language = models.CharField(max_length=10, choices=Language, default=Language.CHINESE)
    text_size = models.CharField(max_length=10, choices=TextSize, default=TextSize.NORMAL)
    theme = models.CharField(max_length=10, choices=Theme, default=Theme.SYSTEM)
    display_kept_at = models.DateTimeField(
        null=True, blank=True, help_text="when the three above were chosen; never: a device keeps its own"
    )
    is_active = models.BooleanField(default=True)
    is_demo = models.BooleanField(default=False)
    date_joined = models.DateTimeField(default=time.now)
    erase_at = models.DateTimeField(
        null=True, blank=True, help_text="asked for: the worker erases what is personal then"
    )
    erased_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    USERNAME_FIELD = "login"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects = AccountManager()

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(login=Lower("login")), name="people_account_login_lower"),
            models.UniqueConstraint("phone_hash", name="people_account_phone", condition=Q(phone_hash__isnull=False)),
        )
        indexes = (models.Index(fields=["erase_at"], name="people_account_erase", condition=Q(erase_at__isnull=False)),)

    if TYPE_CHECKING:
        id: UUID  # type: ignore[no-redef]

    def __str__(self) -> str:
        return self.login


class OrganisationFamily(models.TextChoices):
    """What kind of body an organisation type is."""

    PARTY = "party", _("Party organisation")
    SELF_GOVERNANCE = "self_governance", _("Residents' self-governance")
    GOVERNMENT = "government", _("Government")
    ENTERPRISE = "enterprise", _("Enterprise")
    SOCIAL = "social", _("Social organisation")
    UNIT = "unit", _("Resident organisation")


class OrganisationType(models.Model):
    """A kind of organisation (``rules/organisation_types.csv``); reference data."""

    code = models.CharField(max_length=40, primary_key=True)
    family = models.CharField(max_length=20, choices=OrganisationFamily)
    name_zh = models.CharField(max_length=60)
    name_en = models.CharField(max_length=80)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ("position", "code")

    def __str__(self) -> str:
        return self.code


class Organisation(AreaBound):
    """An organisation of any type, at work on one area. ``ends_on`` is the first day on which it is no more."""

    type = models.ForeignKey(OrganisationType, on_delete=models.PROTECT, related_name="+")
    code = models.CharField(max_length=64)
    name = models.CharField(max_length=120)
    name_en = models.CharField(max_length=160, blank=True)
    function = models.CharField(max_length=40, blank=True, help_text="rules/departments.csv; empty: not a department")
    public_phone = models.CharField(
        max_length=24, blank=True, help_text="public: residents ring it; empty: not published"
    )
    area = DistrictForeignKey("territory.Area", on_delete=models.PROTECT, related_name="+")
    area_path = PathField()
    parent = DistrictForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="children")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    is_synthetic = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = (
            models.UniqueConstraint("district", "code", name="people_organisation_code"),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")), name="people_organisation_term"
            ),
        )
        indexes = (models.Index(fields=["district", "area_path", "type"], name="people_organisation_area"),)

    def __str__(self) -> str:
        return self.code


def _term(*columns: str) -> Func:
    """The half-open range of days of a post."""
    return Func(*(F(column) for column in columns), function="DATERANGE", output_field=DateRangeField())


class Post(AreaBound):
    """One person in one role for one organisation on one area for one term.

    ``ends_on`` is the first day on which the post is no longer held, so that ending a post today stops it at once.
    """

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="posts")
    role = models.CharField(max_length=32)
    organisation = DistrictForeignKey(Organisation, on_delete=models.PROTECT, related_name="posts")
    area = DistrictForeignKey("territory.Area", on_delete=models.PROTECT, related_name="+")
    area_path = PathField()
    title = models.CharField(max_length=60, blank=True)
    public_phone = models.CharField(
        max_length=24, blank=True, help_text="public: the work number that residents ring; empty: not published"
    )
    full_time = models.BooleanField(default=True)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    end_reason = models.CharField(max_length=200, blank=True)
    is_synthetic = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")), name="people_post_term"
            ),
            ExclusionConstraint(
                name="people_post_once",
                expressions=[
                    ("district", RangeOperators.EQUAL),
                    ("account", RangeOperators.EQUAL),
                    ("role", RangeOperators.EQUAL),
                    ("organisation", RangeOperators.EQUAL),
                    ("area_path", RangeOperators.EQUAL),
                    (_term("starts_on", "ends_on"), RangeOperators.OVERLAPS),
                ],
            ),
            ExclusionConstraint(
                name="people_post_three_administrators",
                expressions=[
                    ("district", RangeOperators.EQUAL),
                    ("account", RangeOperators.EQUAL),
                    ("role", RangeOperators.NOT_EQUAL),
                    (_term("starts_on", "ends_on"), RangeOperators.OVERLAPS),
                ],
                condition=Q(role__in=[role.value for role in ADMINISTRATORS]),
            ),
        )
        indexes = (
            models.Index(fields=["account", "district"], name="people_post_account"),
            models.Index(fields=["district", "role", "area_path"], name="people_post_role_area"),
            models.Index(fields=["district", "organisation"], name="people_post_organisation"),
        )

    def __str__(self) -> str:
        return f"{self.role}@{self.area_path}"


class Contact(AreaBound):
    """What a reporter left so that somebody can answer: personal data, under row-level security.

    The table's policies let anyone insert, and let a row be read or changed only in a transaction whose context
    (:func:`linli.kernel.db.atomic`) names a purpose and either reaches the row's area or is the person it is about.
    """

    account = models.ForeignKey(Account, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    area_path = PathField()
    name_enc = SealedField()
    phone_enc = SealedField()
    phone_hash = LookupHashField()
    address_enc = SealedField(data_class=DataClass.SENSITIVE)
    created_at = models.DateTimeField(default=time.now)

    class Meta:
        indexes = (
            models.Index(
                fields=["district", "phone_hash"], name="people_contact_phone", condition=Q(phone_hash__isnull=False)
            ),
            models.Index(fields=["account"], name="people_contact_account", condition=Q(account__isnull=False)),
        )

    def __str__(self) -> str:
        return str(self.id)


class DeviceSession(models.Model):
    """A long sign-in of one device, on top of Django's session; ending it ends that session at once."""

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="devices")
    session_key = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    long_lived = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=time.now)
    last_seen_at = models.DateTimeField(default=time.now)
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = (models.Index(fields=["account", "-last_seen_at"], name="people_device_account"),)

    def __str__(self) -> str:
        return self.name


class OneTimeCode(models.Model):
    """Six figures sent to a phone: kept as a keyed hash, good once, for five minutes and five tries."""

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    phone_hash = models.BinaryField(max_length=32)
    code_hash = models.BinaryField(max_length=32)
    created_at = models.DateTimeField(default=time.now)
    expires_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = (models.Index(fields=["phone_hash", "-created_at"], name="people_code_phone"),)
        constraints = (models.CheckConstraint(condition=Q(tries__lte=5), name="people_code_tries"),)

    def __str__(self) -> str:
        return str(self.id)


class Attempt(models.Model):
    """How often something was tried in one window: no login, number or address in clear, only a keyed hash of it."""

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    kind = models.CharField(max_length=20)
    subject_hash = models.BinaryField(max_length=32)
    window_start = models.DateTimeField()
    count = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = (models.UniqueConstraint("kind", "subject_hash", "window_start", name="people_attempt_window"),)
        indexes = (models.Index(fields=["window_start"], name="people_attempt_age"),)

    def __str__(self) -> str:
        return f"{self.kind}:{self.count}"


class Token(models.Model):
    """A machine's key to the API: kept as a hash; it acts through one post, or as a machine on one area."""

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    name = models.CharField(max_length=80)
    token_hash = models.BinaryField(max_length=32, unique=True)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, null=True, blank=True, related_name="tokens")
    post_id = models.UUIDField(null=True, blank=True)
    post_district = models.CharField(max_length=DISTRICT_LENGTH, db_collation="C", blank=True, default="")
    machine_path = PathField(blank=True, default="")
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField(default=time.now)
    created_by = models.UUIDField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True, help_text="to ten minutes")

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(account__isnull=False, machine_path="") | Q(account__isnull=True) & ~Q(machine_path=""),
                name="people_token_whose",
            ),
        )

    def __str__(self) -> str:
        return self.name


class SecondFactor(models.Model):
    """What proves a person beside the password: an authenticator app's secret (RFC 6238), in force once a first code came back.

    ``last_step`` is the newest thirty seconds whose code was taken: none is taken twice.
    """

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    account = models.OneToOneField(Account, on_delete=models.CASCADE, related_name="second_factor")
    secret_enc = SealedField(null=False, data_class=DataClass.SENSITIVE)
    created_at = models.DateTimeField(default=time.now)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    last_step = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return str(self.id)


class RecoveryCode(models.Model):
    """One way in for when the phone is gone: kept as a keyed hash, good once."""

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    factor = models.ForeignKey(SecondFactor, on_delete=models.CASCADE, related_name="recovery_codes")
    code_hash = models.BinaryField(max_length=32)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (models.UniqueConstraint("factor", "code_hash", name="people_recovery_code_once"),)

    def __str__(self) -> str:
        return str(self.id)


class LinkedIdentity(models.Model):
    """An account of a sign-in provider (OpenID Connect) that signs in to an account here; its subject is kept as a keyed hash."""

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="identities")
    issuer = models.CharField(max_length=200)
    subject_hash = models.BinaryField(max_length=32)
    linked_at = models.DateTimeField(default=time.now)
    linked_by = models.UUIDField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (models.UniqueConstraint("issuer", "subject_hash", name="people_identity_once"),)

    def __str__(self) -> str:
        return self.issuer


class SnapshotStamp(models.Model):
    """The state of a table that processes keep in memory: a new token tells them to read again (people.snapshot)."""

    name = models.CharField(max_length=40, primary_key=True)
    token = models.UUIDField(default=ids.new_id)

    def __str__(self) -> str:
        return self.name
