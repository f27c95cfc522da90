"""Lists as shops write them, made at random in many languages and encodings: tills, names, addresses, short files."""

import random
from collections.abc import Iterator
from dataclasses import dataclass

WORDS = {
    "zh": {
        "header": ["订单号", "日期", "客户", "商品", "金额", "支付方式", "门店"],
        "goods": "苹果 香蕉 牛奶 酸奶 面包 鸡蛋 大米 食用油 矿泉水 可乐 橙汁 啤酒 白酒 绿茶 红茶 咖啡 饼干 薯片 巧克力 冰淇淋 "
        "洗发水 沐浴露 牙膏 牙刷 毛巾 纸巾 洗衣液 T恤 牛仔裤 连衣裙 运动鞋 充电器 耳机 鼠标 键盘 笔记本 雨伞 水杯 "
        "红烧肉 鱼香肉丝 宫保鸡丁 麻婆豆腐 番茄炒蛋 扬州炒饭 酱油 陈醋 榨菜 馄饨 鳕鱼 榴莲 猕猴桃".split(),
        "first": "伟 芳 娜 敏 静 丽 强 磊 军 洋 勇 艳 杰 娟 涛 明 超 秀兰 霞 平 刚 桂英 建华 国强 志明 晓东 雪梅 婷婷 宇轩 浩然 "
        "子涵 梓萱 欣怡 佳琪 雨桐 思远 诗涵 梦洁 嘉豪 俊杰 博文 鑫 鹏 煜祺 昊 婧 睿 璐 晗".split(),
        "last": "王 李 张 刘 陈 杨 赵 黄 周 吴 徐 孙 胡 朱 高 林 何 郭 马 罗 梁 宋 郑 谢 韩 唐 冯 于 董 萧 程 曹 袁 邓 许 傅 沈 曾 彭 吕 欧阳 "
        "司马 上官 诸葛 翟 阎 侯 覃 邹".split(),
        "places": "河北省石家庄市长安区中山东路 河北省唐山市路北区新华西道 山东省济南市历下区泉城路 山东省青岛市市南区香港中路 "
        "山东省淄博市临淄区稷下路 广东省广州市天河区体育西路 广东省深圳市南山区科技园 广东省东莞市虎门镇 广东省汕头市潮阳区 "
        "浙江省杭州市西湖区文三路 四川省成都市锦江区春熙路 河北省邯郸市丛台区 山东省菏泽市鄄城县 广东省湛江市霞山区 "
        "河北省沧州市运河区 安徽省亳州市谯城区 台湾省台北市信义区".split(),
    },
    "zh-tw": {
        "header": ["訂單編號", "日期", "客戶", "商品", "金額", "付款方式", "門市"],
        "goods": "蘋果 香蕉 牛奶 優格 麵包 雞蛋 白米 礦泉水 可樂 柳橙汁 啤酒 綠茶 紅茶 咖啡 餅乾 洋芋片 巧克力 冰淇淋 洗髮精 "
        "沐浴乳 牙膏 毛巾 衛生紙 洗衣精 牛仔褲 洋裝 運動鞋 充電器 耳機 滑鼠 筆記本 雨傘 鳳梨酥 珍珠奶茶 滷肉飯 便當 豆漿".split(),
        "first": "志明 春嬌 俊傑 怡君 雅婷 家豪 淑芬 淑惠 美玲 建宏 宗翰 佳穎 欣怡 冠宇 承翰 宜蓁 詩涵 麗華 秀英 文雄 國華".split(),
        "last": "陳 林 黃 張 李 王 吳 劉 蔡 楊 許 鄭 謝 洪 郭 邱 曾 廖 賴 徐 周 葉 蘇 莊 呂 江 何 蕭 羅 高 簡 朱 鍾 游 詹 歐陽".split(),
        "places": "臺北市信義區松高路 臺北市大安區忠孝東路 新北市板橋區文化路 桃園市中壢區中正路 臺中市西屯區臺灣大道 "
        "臺南市東區大學路 高雄市左營區博愛路 新竹市東區光復路 基隆市仁愛區 嘉義市西區 屏東縣恆春鎮 花蓮縣花蓮市 "
        "香港九龍旺角彌敦道 新界沙田".split(),
    },
    "ja": {
        "header": ["注文番号", "日付", "顧客名", "商品名", "金額", "支払方法", "店舗"],
        "goods": "りんご バナナ 牛乳 ヨーグルト 食パン 卵 お米 ミネラルウォーター コーラ オレンジジュース ビール 日本酒 緑茶 紅茶 "
        "コーヒー クッキー ポテトチップス チョコレート アイスクリーム シャンプー 歯ブラシ タオル ティッシュ 洗剤 ジーンズ "
        "ワンピース 運動靴 充電器 ノート 傘 弁当 味噌汁 寿司 天ぷら 醤油 豆腐 納豆".split(),
        "first": "太郎 花子 健 翔 陽菜 大輔 美咲 拓也 愛 直樹 裕子 恵子 由美 健太 さくら 結衣 蓮 葵 隆 誠".split(),
        "last": "佐藤 鈴木 高橋 田中 伊藤 渡辺 山本 中村 小林 加藤 吉田 山田 佐々木 山口 松本 井上 木村 林 斎藤 清水 山崎 森 池田 "
        "橋本 阿部 石川 前田 藤田 小川 岡田".split(),
        "places": "東京都新宿区西新宿 東京都港区六本木 大阪府大阪市北区梅田 愛知県名古屋市中区栄 北海道札幌市中央区 福岡県福岡市博多区 "
        "神奈川県横浜市西区 京都府京都市下京区 兵庫県神戸市中央区 埼玉県さいたま市大宮区 広島県広島市中区".split(),
    },
    "ko": {
        "header": ["주문번호", "날짜", "고객명", "상품명", "금액", "결제방법", "매장"],
        "goods": "사과 바나나 우유 요구르트 식빵 계란 쌀 생수 콜라 오렌지주스 맥주 소주 녹차 홍차 커피 과자 감자칩 초콜릿 아이스크림 샴푸 "
        "칫솔 수건 휴지 세제 청바지 원피스 운동화 충전기 이어폰 공책 우산 김밥 떡볶이 김치찌개 불고기 라면".split(),
        "first": "민수 영희 철수 지훈 서연 민준 서준 예준 하은 지우 수빈 지민 현우 도윤 은지 미영 경숙 정희 성호 재현".split(),
        "last": "김 이 박 최 정 강 조 윤 장 임 한 오 서 신 권 황 안 송 류 전 홍 고 문 양 손 배 백 허 유 남".split(),
        "places": "서울특별시 강남구 테헤란로,서울특별시 마포구 월드컵로,부산광역시 해운대구 해운대로,대구광역시 중구 동성로,"
        "인천광역시 연수구 송도동,경기도 성남시 분당구 판교로,경기도 수원시 팔달구,대전광역시 유성구,광주광역시 서구".split(","),
    },
    "de": {
        "header": ["Auftragsnr", "Datum", "Käufer", "Artikel", "Betrag", "Währung", "Straße"],
        "goods": "Äpfel Brötchen Käse Müsli Milch Brot Wasser Öl Gemüse Nüsse Süßkartoffel Würstchen Bier Möhren Kürbis".split(),
        "first": "Jürgen Björn Günther Anna Peter Käthe Jörg Sören Lena Max Ursula".split(),
        "last": "Müller Schröder Köhler Weiß Groß Schäfer Meier Schmidt Jäger Böhm König Krüger Strauß Vogel".split(),
        "places": "München Köln Düsseldorf Hauptstraße Würzburg Nürnberg Berlin Bahnhofstraße Göttingen Lübeck".split(),
    },
    "fr": {
        "header": ["Numéro", "Date", "Prénom", "Désignation", "Montant", "Réglé", "Société"],
        "goods": "Café Crème Thé Pâtes Bière Gâteau Pêche Lait Pain Fromage Œufs Épinards Maïs Crêpe".split(),
        "first": "Hélène François André Zoé Léa Jérôme Noël Chloé Marie Paul Éric Anaïs Benoît".split(),
        "last": "Lefèvre Dupré Martin Bérard Béranger Gauthier Hébert Léger Prévost Garçon".split(),
        "places": "Orléans Béziers Nîmes Besançon Lyon Paris Angoulême Évreux Sète Mâcon".split(),
    },
    "es": {
        "header": ["Número", "Fecha", "Señor", "Descripción", "Importe", "Teléfono", "Dirección"],
        "goods": "Café Jamón Piña Limón Azúcar Leche Pan Champiñón Salchichón Melón Plátano Atún".split(),
        "first": "José María Jesús Ángel Lucía Sofía Andrés Juan Pedro Raúl Iñaki Begoña".split(),
        "last": "Muñoz Peña Núñez García Martínez López Ibáñez Castañeda Sánchez Ruiz Zúñiga Ordóñez".split(),
        "places": "Málaga Córdoba Cádiz León Madrid Almería Logroño Cataluña España".split(),
    },
    "pl": {
        "header": ["Numer zamówienia", "Data", "Imię", "Usługa", "Wartość", "Płatność", "Województwo"],
        "goods": "Masło Śmietana Mąka Bułka Chleb Jabłko Ser żółty Kiełbasa Żurek Mleko Gruszka Ogórek".split(),
        "first": "Michał Łukasz Paweł Małgorzata Agnieszka Stanisław Elżbieta Jan Piotr Józef Zofia Grażyna".split(),
        "last": "Kamiński Zieliński Dąbrowski Wójcik Król Nowak Kozłowski Woźniak Jabłoński Wróbel Górski".split(),
        "places": "Łódź Kraków Gdańsk Poznań Wrocław Białystok Toruń Warszawa Rzeszów Częstochowa".split(),
    },
    "cs": {
        "header": ["Číslo objednávky", "Datum", "Příjmení", "Položka", "Částka", "Měna", "Město"],
        "goods": "Chléb Máslo Mléko Sýr Šunka Rohlík Jablko Čaj Káva Čokoláda Pečivo Vejce Těstoviny".split(),
        "first": "Jiří Tomáš Lukáš Ondřej Matěj Jan Petr Kateřina Lucie Zdeněk Božena Růžena".split(),
        "last": "Dvořák Černý Novák Procházka Kučera Němec Růžička Veselý Horák Svoboda Jelínek Krejčí".split(),
        "places": "Plzeň Brno Olomouc České Budějovice Ústí Děčín Praha Příbram Zlín Karviná".split(),
    },
    "hu": {
        "header": ["Rendelésszám", "Dátum", "Vásárló", "Termék", "Összeg", "Fizetés", "Város"],
        "goods": "Kenyér Tej Sajt Gyümölcs Zöldség Vaj Alma Szőlő Fűszer Tojás Őszibarack Sör Hús".split(),
        "first": "György László József Zoltán Sándor Péter Mária Éva Ágnes Gergő Zsófia Anna".split(),
        "last": "Kovács Szabó Tóth Horváth Varga Molnár Németh Szűcs Mészáros Papp Erdős Nagy Kőműves".split(),
        "places": "Győr Pécs Debrecen Székesfehérvár Gödöllő Kecskemét Nyíregyháza Budapest Hódmezővásárhely".split(),
    },
    "ru": {
        "header": ["Номер заказа", "Дата", "Клиент", "Товар", "Сумма", "Валюта", "Город"],
        "goods": "Хлеб Молоко Сыр Масло Чай Кофе Яблоко Вода Сок Мясо Рыба Сахар Печенье Шампунь Ящик Ёлка".split(),
        "first": "Иван Пётр Анна Мария Сергей Ольга Юлия Дмитрий Елена Наталья".split(),
        "last": "Иванов Петров Сидоров Кузнецова Смирнов Щербаков Ефимов Жуков Яковлева".split(),
        "places": "Москва Санкт-Петербург Казань Екатеринбург Новосибирск Ярославль Уфа Пермь".split(),
    },
}  # fmt: skip
ENCODINGS = {
    "zh": ["gb18030", "gbk"], "zh-tw": ["big5"], "ja": ["shift_jis"], "ko": ["euc_kr"], "de": ["cp1252", "cp1250"],
    "fr": ["cp1252"], "es": ["cp1252"], "pl": ["cp1250"], "cs": ["cp1250"], "hu": ["cp1250"], "ru": ["cp1251"],
}  # fmt: skip
KINDS = ("till", "names", "addresses", "few_rows", "ascii_header", "one_value", "header_alone")


@dataclass(frozen=True)
class Made:
    """A text and the encoding that it is written in."""

    language: str
    kind: str
    encoding: str
    text: str
    names: tuple[str, ...]


def made(seed: int, per_kind: int) -> Iterator[Made]:
    """Texts of every language, kind and encoding, UTF-8 among them."""
    rng = random.Random(seed)
    for language, words in WORDS.items():
        for kind in KINDS:
            for encoding in [*ENCODINGS[language], "utf-8"]:
                for _ in range(per_kind):
                    text, names = _text(words, kind, rng)
                    yield Made(language, kind, encoding, text, names)


def _text(words: dict[str, list[str]], kind: str, rng: random.Random) -> tuple[str, tuple[str, ...]]:
    own = tuple(words["header"])
    plain = ("order_no", "date", "customer", "item", "amount", "paid_by", "shop")
    if kind == "header_alone":
        return _rows(own, lambda i: [str(i), "2024-03-01", f"C{i}", f"SKU{i}", "9.99", "cash", "1"], 20), own
    if kind == "one_value":
        value = rng.choice(words[rng.choice(["goods", "first", "last", "places"])])
        return _rows(
            plain, lambda i: [str(i), "2024-03-01", "C1", value if i == 7 else "x", "9.99", "cash", "1"], 20
        ), plain
    header = plain if kind == "ascii_header" else own
    count = rng.randint(1, 3) if kind == "few_rows" else rng.randint(20, 120)
    which = {"till": "goods", "names": "last", "addresses": "places"}.get(kind, rng.choice(["goods", "last", "places"]))

    def row(i: int) -> list[str]:
        value = rng.choice(words[which]) + (rng.choice(words["first"]) if which == "last" else "")
        return [str(i), "2024-03-01", f"C{rng.randint(1, 40)}", value, f"{rng.randint(100, 9999) / 100}", "cash", "1"]

    return _rows(header, row, count), header


def _rows(header: tuple[str, ...], row, count: int) -> str:  # type: ignore[no-untyped-def]
    return "\n".join([",".join(header), *(",".join(row(i)) for i in range(count))]) + "\n"
