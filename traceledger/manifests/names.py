"""Chinese names of countries and currencies in customs files, and the old numeric codes.

Names are the ones on declarations; only trading partners whose name can mean one country alone are
here. The numeric codes serve hints only: customs tables before 2018 used 116 for Japan, inspection
tables used ISO's numbers, where 116 is Cambodia, and a file does not say which of them it follows.
"""

from __future__ import annotations

__all__ = ["COUNTRY_NAMES", "CURRENCY_NAMES", "CUSTOMS_COUNTRIES", "CUSTOMS_CURRENCIES"]

COUNTRY_NAMES = {
    "中国": "CHN",
    "中国香港": "HKG",
    "中国澳门": "MAC",
    "台澎金马关税区": "TWN",
    "中国台湾": "TWN",
    "日本": "JPN",
    "韩国": "KOR",
    "印度": "IND",
    "印度尼西亚": "IDN",
    "马来西亚": "MYS",
    "新加坡": "SGP",
    "泰国": "THA",
    "越南": "VNM",
    "菲律宾": "PHL",
    "土耳其": "TUR",
    "以色列": "ISR",
    "沙特阿拉伯": "SAU",
    "阿联酋": "ARE",
    "阿拉伯联合酋长国": "ARE",
    "埃及": "EGY",
    "南非": "ZAF",
    "摩洛哥": "MAR",
    "英国": "GBR",
    "德国": "DEU",
    "法国": "FRA",
    "意大利": "ITA",
    "西班牙": "ESP",
    "葡萄牙": "PRT",
    "荷兰": "NLD",
    "比利时": "BEL",
    "卢森堡": "LUX",
    "爱尔兰": "IRL",
    "丹麦": "DNK",
    "瑞典": "SWE",
    "挪威": "NOR",
    "芬兰": "FIN",
    "奥地利": "AUT",
    "瑞士": "CHE",
    "波兰": "POL",
    "捷克": "CZE",
    "斯洛伐克": "SVK",
    "匈牙利": "HUN",
    "罗马尼亚": "ROU",
    "保加利亚": "BGR",
    "斯洛文尼亚": "SVN",
    "希腊": "GRC",
    "俄罗斯": "RUS",
    "俄罗斯联邦": "RUS",
    "乌克兰": "UKR",
    "美国": "USA",
    "加拿大": "CAN",
    "墨西哥": "MEX",
    "巴西": "BRA",
    "阿根廷": "ARG",
    "智利": "CHL",
    "澳大利亚": "AUS",
    "新西兰": "NZL",
}

CURRENCY_NAMES = {
    "人民币": "CNY",
    "美元": "USD",
    "欧元": "EUR",
    "日元": "JPY",
    "日本元": "JPY",
    "英镑": "GBP",
    "港币": "HKD",
    "港元": "HKD",
    "韩元": "KRW",
    "加拿大元": "CAD",
    "澳大利亚元": "AUD",
    "瑞士法郎": "CHF",
    "新加坡元": "SGD",
}

CUSTOMS_COUNTRIES = {
    "110": "HKG",
    "116": "JPN",
    "132": "SGP",
    "133": "KOR",
    "138": "ARE",
    "142": "CHN",
    "303": "GBR",
    "304": "DEU",
    "305": "FRA",
    "307": "ITA",
    "429": "MEX",
    "501": "CAN",
    "502": "USA",
    "601": "AUS",
}

CUSTOMS_CURRENCIES = {
    "110": "HKD",
    "116": "JPY",
    "142": "CNY",
    "300": "EUR",
    "303": "GBP",
    "502": "USD",
}
