"""Names people use, made from official ones."""

import pytest

from linli.territory.wording import plain_name, short_name


@pytest.mark.parametrize(
    ("official", "rural", "plain", "short"),
    [
        ("玉林北路社区居委会", False, "玉林北路社区", "玉林北路"),
        ("清河社区居民委员会", False, "清河社区", "清河"),
        ("红砂村村民委员会", True, "红砂村", "红砂"),
        ("泗义村村委会", True, "泗义村", "泗义"),
        ("大沙村民委员会", True, "大沙村", "大沙"),
        ("坪溪社区村民委员会", True, "坪溪社区", "坪溪"),
        ("黄家村民委员会", True, "黄家村", "黄家"),
    ],
)
def test_the_words_for_the_committee_go(official, rural, plain, short):
    assert plain_name(official, rural=rural) == plain
    assert short_name(official) == short
    assert short_name(plain) == short
