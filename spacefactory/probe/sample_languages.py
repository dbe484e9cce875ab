"""The texts for models that know no English: German and Chinese, written for this project as the English ones are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

CODES = {"de": "de", "deu": "de", "ger": "de", "german": "de", "zh": "zh", "zho": "zh", "chi": "zh", "chinese": "zh"}
"""What cards call a language -> its texts here."""
ENGLISH = ("en", "eng", "english", "multilingual", "multi", "code")
GERMAN = {
    "text-classification": (
        "Was für ein wunderbarer Abend: Das Essen war köstlich, und alle waren so freundlich zu uns!",
        "Das Paket kam zwei Wochen zu spät, das Glas war zerbrochen, und niemand antwortet auf meine Briefe.",
        "Die Bibliothek öffnet montags um neun und schließt um sechs.",
    ),
    "text-generation": (
        "Es war einmal ein kleiner Roboter, der am Meer wohnte und",
        "Die drei wichtigsten Regeln für gutes Brot sind",
        "Erkläre in zwei Sätzen, warum der Himmel blau ist.",
    ),
    "token-classification": (
        "Marie Curie zog von Warschau nach Paris und arbeitete später an der Sorbonne.",
        "Im März eröffnet Siemens ein neues Büro in Nairobi, sagt Amina Yusuf.",
        "Die Donau fließt durch Wien und Budapest.",
    ),
    "text-to-speech": (
        "Guten Morgen. Der Zug an die Küste fährt in zehn Minuten.",
        "Sieben Schwäne schwammen langsam über den silbernen See, und niemand sagte ein Wort.",
        "Bitte schreiben Sie diese Zahl auf: vier, acht, zwei.",
    ),
    "translation": (
        "Das Wetter ist heute schön, deshalb gehen wir mit den Kindern in den Park.",
        "Könnten Sie mir bitte sagen, wo die nächste Apotheke ist?",
        "Mein Bruder hat letzte Woche ein gebrauchtes Fahrrad gekauft.",
    ),
}
CHINESE = {
    "text-classification": (
        "多么美好的夜晚：饭菜很可口，大家对我们都非常好！",
        "包裹晚到了两个星期，杯子碎了，也没有人回复我的信。",
        "图书馆星期一九点开门，六点关门。",
    ),
    "text-generation": (
        "从前，有一个小机器人住在海边，",
        "做好面包最重要的三条规则是",
        "请用两句话解释天空为什么是蓝色的。",
    ),
    "token-classification": (
        "居里夫人从华沙搬到巴黎，后来在索邦大学工作。",
        "三月，丰田公司将在内罗毕开设新的办事处，王小明说。",
        "多瑙河流经维也纳和布达佩斯。",
    ),
    "text-to-speech": (
        "早上好。去海边的火车十分钟后开出。",
        "七只天鹅慢慢地游过银色的湖面，没有人说一句话。",
        "请记下这个号码：四，八，二。",
    ),
    "translation": (
        "今天天气很好，所以我们带孩子们去公园。",
        "请问最近的药店在哪里？",
        "我哥哥上星期买了一辆旧自行车。",
    ),
}
TEXTS: Mapping[str, Mapping[str, tuple[str, ...]]] = {"de": GERMAN, "zh": CHINESE}


def texts_in(languages: Sequence[str], task: str | None) -> tuple[str, ...]:
    """Texts for a task in the first of a model's languages that there are some in; nothing where it knows English.

    Args:
        languages: as a card names them.
        task: pipeline tag of the Hub.
    """
    known = [one.lower().partition("-")[0].partition("_")[0] for one in languages]
    if any(one in ENGLISH for one in known):
        return ()
    found = next((TEXTS[CODES[one]] for one in known if one in CODES), {})
    return found.get(task or "", ())
