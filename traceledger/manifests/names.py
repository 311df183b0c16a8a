"""Names and numbers of countries, currencies and units in customs files.

The names are those used on declarations, limited to trading partners with an unambiguous name. The
numbers of countries and currencies are those of the customs tables before 2018, in which 116 is
Japan; in ISO 3166, 116 is Cambodia, and a file does not state which table it uses. Units are those
of the customs table of measuring units (计量单位代码表).
"""

from __future__ import annotations

__all__ = [
    "ALPHA3",
    "COUNTRY_NAMES",
    "CURRENCY_NAMES",
    "CUSTOMS_COUNTRIES",
    "CUSTOMS_CURRENCIES",
    "MODE_NAMES",
    "SINGLE_PIECES",
    "UNITS",
    "UNIT_NAMES",
]


def _table(text: str) -> dict[str, str]:
    words = text.split()
    return dict(zip(words[::2], words[1::2], strict=True))


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

CUSTOMS_COUNTRIES = _table(
    """
    101 AFG  102 BHR  103 BGD  104 BTN  105 BRN  106 MMR  107 KHM  108 CYP  109 PRK
    110 HKG  111 IND  112 IDN  113 IRN  114 IRQ  115 ISR  116 JPN  117 JOR  118 KWT
    119 LAO  120 LBN  121 MAC  122 MYS  123 MDV  124 MNG  125 NPL  126 OMN  127 PAK
    128 PSE  129 PHL  130 QAT  131 SAU  132 SGP  133 KOR  134 LKA  135 SYR  136 THA
    137 TUR  138 ARE  139 YEM  141 VNM  142 CHN  143 TWN  144 TLS  145 KAZ  146 KGZ
    147 TJK  148 TKM  149 UZB  201 DZA  202 AGO  215 EGY  217 ETH  220 GHA  224 KEN
    232 MAR  236 NGA  244 ZAF  301 BEL  302 DNK  303 GBR  304 DEU  305 FRA  306 IRL
    307 ITA  308 LUX  309 NLD  310 GRC  311 PRT  312 ESP  313 ALB  314 AND  315 AUT
    316 BGR  318 FIN  321 HUN  322 ISL  323 LIE  324 MLT  325 MCO  326 NOR  327 POL
    328 ROU  330 SWE  331 CHE  334 EST  335 LVA  336 LTU  337 GEO  338 ARM  339 AZE
    340 BLR  343 MDA  344 RUS  347 UKR  350 SVN  351 HRV  352 CZE  353 SVK  402 ARG
    410 BRA  412 CHL  413 COL  429 MEX  501 CAN  502 USA  601 AUS  609 NZL
    """
)

CUSTOMS_CURRENCIES = _table(
    """
    110 HKD  116 JPY  121 MOP  129 PHP  132 SGD  133 KRW  136 THB  142 CNY  300 EUR
    302 DKK  303 GBP  326 NOK  330 SEK  331 CHF  501 CAD  502 USD  601 AUD  609 NZD
    """
)

UNITS = _table(
    """
    001 台  002 座  003 辆  004 艘  005 架  006 套  007 个  008 只  009 头  010 张  011 件
    012 支  013 枝  014 根  015 条  016 把  017 块  018 卷  019 副  020 片  021 组  022 份
    023 幅  025 双  026 对  027 棵  028 株  029 井  030 米  031 盘  032 平方米  033 立方米
    034 筒  035 千克  036 克  037 盆  038 万个  039 具  040 百副  041 百支  042 百把  043 百个
    044 百片  045 刀  046 疋  047 公担  048 扇  049 百枝  050 千只  051 千块  052 千盒
    053 千枝  054 千个  055 亿支  056 亿个  057 万套  058 千张  059 万张  060 千伏安  061 千瓦
    062 千瓦时  063 千升  067 英尺  070 吨  071 长吨  072 短吨  073 司马担  074 司马斤  075 斤
    076 磅  077 担  078 英担  079 短担  080 两  081 市担  083 盎司  084 克拉  085 市尺  086 码
    088 英寸  089 寸  095 升  096 毫升  097 英加仑  098 美加仑  099 立方英尺  101 立方尺
    110 平方码  111 平方英尺  112 平方尺  115 英制马力  116 公制马力  118 令  120 箱  121 批
    122 罐  123 桶  124 扎  125 包  126 箩  127 打  128 筐  129 罗  130 匹  131 册  132 本
    133 发  134 枚  135 捆  136 袋  139 粒  140 盒  141 合  142 瓶  143 千支  144 万双
    145 万粒  146 千粒  147 千米  148 千英尺  149 百万贝可  163 部
    """
)

UNIT_NAMES = {name: code for code, name in UNITS.items()} | {"公斤": "035"}

# Units that count single pieces; all others are multiples, packages or measures.
SINGLE_PIECES = frozenset(
    UNIT_NAMES[name]
    for name in "台座辆艘架套个只头张件支枝根条把块卷副片组份幅棵株盘筒盆具扇枚粒部"
)

# Names of supervision modes, used only in hints.
MODE_NAMES = {
    "保税维修": "1371",
    "修理物品": "1300",
    "料件进出区": "5000",
    "区内物流货物": "5034",
    "进料边角料复出": "0864",
    "来料边角料复出": "0865",
}

# ISO 3166-1, the three-letter code by the two-letter one (Unicode CLDR, territory aliases).
ALPHA3 = _table(
    """
    AD AND AE ARE AF AFG AG ATG AI AIA AL ALB AM ARM AO AGO AQ ATA AR ARG AS ASM AT AUT AU AUS
    AW ABW AX ALA AZ AZE BA BIH BB BRB BD BGD BE BEL BF BFA BG BGR BH BHR BI BDI BJ BEN BL BLM
    BM BMU BN BRN BO BOL BQ BES BR BRA BS BHS BT BTN BV BVT BW BWA BY BLR BZ BLZ CA CAN CC CCK
    CD COD CF CAF CG COG CH CHE CI CIV CK COK CL CHL CM CMR CN CHN CO COL CR CRI CU CUB CV CPV
    CW CUW CX CXR CY CYP CZ CZE DE DEU DJ DJI DK DNK DM DMA DO DOM DZ DZA EC ECU EE EST EG EGY
    EH ESH ER ERI ES ESP ET ETH FI FIN FJ FJI FK FLK FM FSM FO FRO FR FRA GA GAB GB GBR GD GRD
    GE GEO GF GUF GG GGY GH GHA GI GIB GL GRL GM GMB GN GIN GP GLP GQ GNQ GR GRC GS SGS GT GTM
    GU GUM GW GNB GY GUY HK HKG HM HMD HN HND HR HRV HT HTI HU HUN ID IDN IE IRL IL ISR IM IMN
    IN IND IO IOT IQ IRQ IR IRN IS ISL IT ITA JE JEY JM JAM JO JOR JP JPN KE KEN KG KGZ KH KHM
    KI KIR KM COM KN KNA KP PRK KR KOR KW KWT KY CYM KZ KAZ LA LAO LB LBN LC LCA LI LIE LK LKA
    LR LBR LS LSO LT LTU LU LUX LV LVA LY LBY MA MAR MC MCO MD MDA ME MNE MF MAF MG MDG MH MHL
    MK MKD ML MLI MM MMR MN MNG MO MAC MP MNP MQ MTQ MR MRT MS MSR MT MLT MU MUS MV MDV MW MWI
    MX MEX MY MYS MZ MOZ NA NAM NC NCL NE NER NF NFK NG NGA NI NIC NL NLD NO NOR NP NPL NR NRU
    NU NIU NZ NZL OM OMN PA PAN PE PER PF PYF PG PNG PH PHL PK PAK PL POL PM SPM PN PCN PR PRI
    PS PSE PT PRT PW PLW PY PRY QA QAT RE REU RO ROU RS SRB RU RUS RW RWA SA SAU SB SLB SC SYC
    SD SDN SE SWE SG SGP SH SHN SI SVN SJ SJM SK SVK SL SLE SM SMR SN SEN SO SOM SR SUR SS SSD
    ST STP SV SLV SX SXM SY SYR SZ SWZ TC TCA TD TCD TF ATF TG TGO TH THA TJ TJK TK TKL TL TLS
    TM TKM TN TUN TO TON TR TUR TT TTO TV TUV TW TWN TZ TZA UA UKR UG UGA UM UMI US USA UY URY
    UZ UZB VA VAT VC VCT VE VEN VG VGB VI VIR VN VNM VU VUT WF WLF WS WSM YE YEM YT MYT ZA ZAF
    ZM ZMB ZW ZWE
    """
)
