"""What is taken out of a case's words before the model may learn from them. Imports no Django.

Telephone, identity and other long numbers, number plates, addresses of the net, and names where words before or after show that they
are one. What is left is meant to teach which words go with which category, nothing about anybody; it is still dealt with as personal.
"""

from __future__ import annotations

import re

GAP = " "
LONGEST = 500
_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使领"
_SURNAMES = (
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏窦章苏潘葛范彭郎鲁韦马苗方俞任袁柳鲍史唐费廉岑薛"
    "雷贺倪汤滕罗毕郝安常傅齐康伍余顾孟黄穆萧尹姚邵汪毛狄戴宋庞熊纪舒屈项祝董梁杜阮蓝闵席季贾路江童颜郭梅林钟徐邱骆高夏蔡田樊胡"
    "凌霍虞万柯管卢莫房解应丁邓洪包左石崔龚程邢裴陆翁荀惠曲封储靳焦巴谷车侯全班秋仲宁甘祖武符刘景龙叶幸黎乔苍闻党谭劳申冉雍桑桂"
    "牛边燕尚温庄晏柴瞿阎连习艾容向古易廖耿匡文寇东欧沃关荆司巫佘曾辛简饶沙丰蒯相查红游权盖益桓公"
)
_TITLES = "先生|女士|小姐|太太|阿姨|嬢嬢|婆婆|大爷|大姐|大哥|大妈|爷爷|奶奶|叔叔|师傅|老师|医生|经理|主任|书记|同志|律师|警官|老板"
_PATTERNS = (
    re.compile(r"https?://\S+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+"),
    re.compile(rf"[{_PROVINCES}]\s?[A-Za-z]\s?[·•.\-]?\s?[A-Za-z0-9]{{5,6}}(?![A-Za-z0-9])"),
    # Five figures and more are a number of somebody or something, whatever signs stand between them.
    re.compile(r"(?:\d[\s\-—–.]?){5,}[\dXx]?"),
    re.compile(r"(?:微信|wx|vx|qq|QQ|WeChat)[号:：\s]*[A-Za-z][\w-]{4,}", re.IGNORECASE),
    re.compile(r"(?:我叫|名叫|名字叫|名字是|姓名|联系人|当事人|户主|业主叫|租客叫)[是为:：\s]*[\u4e00-\u9fff·]{2,4}"),
    re.compile(rf"[{_SURNAMES}][\u4e00-\u9fff]{{0,2}}?(?={_TITLES})"),
    re.compile(rf"(?:老|小)[{_SURNAMES}](?![\u4e00-\u9fff]*(?:区|院|路|街|桥))"),
    re.compile(r"\d+\s*(?:栋|幢|座|号楼|单元|室|号|楼|层|房)"),
)


def scrub(words: str) -> str:
    """The words without numbers and names, at most 500 characters."""
    for pattern in _PATTERNS:
        words = pattern.sub(GAP, words)
    return " ".join(words.split())[:LONGEST]
