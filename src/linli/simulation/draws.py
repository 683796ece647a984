"""What is drawn from the real data: when reports come, how long an answer takes, what people say. Pure: imports no Django."""

from __future__ import annotations

import csv
import math
import random
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from importlib import resources
from typing import Any

import yaml

ZONE = timezone(timedelta(hours=8), "Asia/Shanghai")
PROFILE = "cn_message_board"
ON_TIME_SHARE = 0.88
"""At which quantile of the reply times the limit of a category is put: 88 of 100 answers come in time, as annual reports of
such hotlines say of themselves. The spread around it is the real one."""


def text_of(name: str) -> str:
    """A file of the room's data."""
    return resources.files("linli.simulation").joinpath("data", name).read_text("utf-8")


@dataclass(frozen=True, slots=True)
class Arrivals:
    """The real rhythm of reports: shares by hour of the day and by weekday (Monday first), each in sum one."""

    hours: tuple[float, ...]
    weekdays: tuple[float, ...]

    def between(self, source: random.Random, start: datetime, end: datetime, per_day: float) -> Iterator[datetime]:
        """Moments of a Poisson process whose rate follows the rhythm, in order.

        Args:
            per_day: how many reports a day brings in the mean of a week.
        """
        hour = start.replace(minute=0, second=0, microsecond=0)
        while hour < end:
            local = hour.astimezone(ZONE)
            mean = per_day * 7 * self.weekdays[local.weekday()] * self.hours[local.hour]
            moments = sorted(hour + timedelta(seconds=source.uniform(0, 3600)) for _n in range(poisson(source, mean)))
            yield from (moment for moment in moments if start <= moment < end)
            hour += timedelta(hours=1)


def poisson(source: random.Random, mean: float) -> int:
    """A draw from Poisson's distribution (Knuth's multiplication; the means here are below a few hundred)."""
    limit, count, product = math.exp(-mean), 0, source.random()
    while product > limit:
        count += 1
        product *= source.random()
    return count


@lru_cache(maxsize=1)
def arrivals() -> Arrivals:
    """The rhythm of ``data/arrival_profile.csv``."""
    shares: dict[str, dict[int, float]] = {"hour": {}, "weekday_mon0": {}}
    for row in csv.DictReader(text_of("arrival_profile.csv").splitlines()):
        if row["source"] == PROFILE:
            shares[row["unit"]][int(row["value"])] = float(row["share"])
    hours, days = shares["hour"], shares["weekday_mon0"]
    return Arrivals(
        tuple(hours[n] / sum(hours.values()) for n in range(24)), tuple(days[n] / sum(days.values()) for n in range(7))
    )


@dataclass(frozen=True, slots=True)
class ReplyTimes:
    """How long answers take, as quantiles in hours; between two of them the logarithm runs straight."""

    shares: tuple[float, ...]
    hours: tuple[float, ...]

    def at(self, share: float) -> float:
        """Hours within which this share of the answers had come."""
        if share <= self.shares[0]:
            return self.hours[0] * share / self.shares[0]
        if share >= self.shares[-1]:
            return self.hours[-1]
        place = bisect_left(self.shares, share)
        low, high = self.shares[place - 1], self.shares[place]
        part = (share - low) / (high - low)
        return math.exp(math.log(self.hours[place - 1]) * (1 - part) + math.log(self.hours[place]) * part)

    def of_limit(self, source: random.Random) -> float:
        """How long an answer takes, as a multiple of its limit."""
        return max(0.02, self.at(source.random()) / self.at(ON_TIME_SHARE))


@lru_cache(maxsize=1)
def reply_times() -> ReplyTimes:
    """The quantiles of ``data/reply_time_quantiles.csv``."""
    rows = list(csv.DictReader(text_of("reply_time_quantiles.csv").splitlines()))
    return ReplyTimes(tuple(float(row["quantile"]) for row in rows), tuple(float(row["hours"]) for row in rows))


class Texts:
    """What is reported and said: kinds with their weights, and phrasings."""

    def __init__(self, reports: Mapping[str, Any], words: Mapping[str, Any]) -> None:
        self._reports, self._words = reports, words
        self._codes = list(reports)
        self._weights = [reports[code]["weight"] for code in self._codes]

    @property
    def codes(self) -> Sequence[str]:
        """The categories that reports are made of."""
        return self._codes

    def category(self, source: random.Random) -> str:
        """A category by its weight."""
        return source.choices(self._codes, self._weights)[0]

    def report(self, source: random.Random, code: str, spot: str) -> str:
        """How somebody says it."""
        return str(source.choice(self._reports[code]["texts"])).format(spot=spot)

    def building(self, number: str) -> str:
        """A building by its number, in words."""
        return str(self._words["building"]).format(number=number)

    def spot(self, source: random.Random, *, name: str, number: str) -> str:
        """A place in words."""
        return str(source.choice(self._words["spots"])).format(name=name, number=number)

    def say(self, source: random.Random, what: str, key: str = "") -> str:
        """A sentence of a kind, and of a key where the kind has several."""
        found = self._words[what]
        if key:
            found = found.get(key) or found["other"]
        return str(source.choice(found))


@lru_cache(maxsize=1)
def texts() -> Texts:
    """The phrasings of ``data/reports.yaml`` and ``data/words.yaml``."""
    return Texts(yaml.safe_load(text_of("reports.yaml")), yaml.safe_load(text_of("words.yaml")))
