"""Words beyond ASCII that headers, tills and address books use, by language; a wrong encoding hardly ever makes one."""

GERMAN = """größe straße währung menge stück käufer verkäufer schlüssel gültig prüfung küche öffnung übersicht
frühstück müller köhler jäger schäfer schröder krüger köhn böhm könig möller kühn weiß groß strauß voß günther
jürgen jörg björn münchen köln düsseldorf nürnberg würzburg zürich österreich lübeck göttingen tübingen fürth gießen
brötchen käse äpfel möhren getränke süßigkeiten gemüse kürbis nüsse müsli fön schürze gürtel für über später nächste
bestätigt zurück rückgabe rückerstattung gebühr gebühren höhe länge stückpreis prämie erlös männlich"""
FRENCH = """numéro prénom téléphone société référence quantité créé créée payé payée réglé annulé expédié livré
catégorie désignation désigné unité remisé numéraire chèque crédit débit créance période année décembre février août
crème café thé pâté pâtes gâteau pêche pêches raisin bière hélène andré françois françoise rené renée jérôme gérard
léa chloé zoé noël élodie stéphane stéphanie benoît mathéo théo éric sébastien grégory véronique frédéric orléans
béziers besançon nîmes liège genève québec montréal évry père mère frère été déjà très modèle matière première
dernière manière colisée privé libellé règlement à où reçu français française"""
SPANISH = """número código teléfono dirección descripción método envío año españa señor señora niño niña niños
pequeño pequeña muñoz peña núñez ibáñez ordóñez castañeda garcía martínez lópez gonzález rodríguez fernández pérez
sánchez gómez díaz hernández álvarez jiménez ramírez josé maría jesús ángel andrés sofía lucía raúl méxico málaga
córdoba cádiz león jaén almería teléfonos móvil razón artículo categoría facturación sí día días coruña cataluña
mañana piña champiñón jamón limón salchichón azúcar café mañanas montaña logroño"""
PORTUGUESE = """endereço preço preços código número descrição quantidade situação não são joão conceição josé
antónio antônio mário gonçalves magalhães simões guimarães conceição araújo pão maçã maçãs açúcar feijão limão melão
promoção opção região cartão cartões devolução emissão até você três mês município"""
ITALIAN = """quantità città già più però perché così giovedì lunedì martedì mercoledì venerdì caffè tè qualità unità
proprietà società nicolò niccolò"""
NORDIC = """kundnamn beställning pöstnummer köp köpare försäljning återbetalning återköp ändring malmö göteborg
västerås örebro jönköping norrköping växjö umeå luleå åsa björn göran sören håkan märta jürgen lindström sjöberg
åberg öberg nyström bergström söderberg sjögren ström köpenhamn københavn århus ålborg odense tromsø bodø ålesund
jørgensen sørensen kjær østergaard nørgaard mælk smør rugbrød æble æbler brød kød øl grøn blå rød måned beløb købt
jyväskylä hämeenlinna määrä päivä nimikeä hyväksytty mäkinen hämäläinen virtanen määrät"""
POLISH = """zamówienie zamówienia ilość wartość płatność płatności złoty złotych imię nazwisko telefonów województwo
miejscowość łódź kraków gdańsk poznań wrocław białystok toruń rzeszów częstochowa świętokrzyskie śląskie łódzkie
małopolskie pomorskie kowalczyk wójcik kamiński lewandowski zieliński szymański woźniak dąbrowski kozłowski
jabłoński król wróbel stępień górski pawłowski michał łukasz paweł małgorzata agnieszka władysław stanisław elżbieta
zażółć mąka masło śmietana chleb jabłko jabłka truskawki żółty ser bułka żurek sól mięso różne usługa sprzedaż zwrot
anulowane opłacone"""
CZECH = """objednávka číslo množství příjmení jméno cena měna částka datum zákazník položka doprava stav zaplaceno
zrušeno nová vyřízeno dvořák dvořáková novák nováková černý černá procházka kučera veselý horák němec pokorný
pospíšil hájek jelínek král růžička beneš fiala sedláček doležal zeman kolář krejčí jiří tomáš lukáš ondřej matěj
štěpán vojtěch františek kateřina lucie anežka plzeň brno olomouc české budějovice ústí nad labem hradec králové
zlín děčín karviná chléb máslo mléko sýr šunka rohlík jablko čaj káva pečivo čokoláda příbram ulice město psč země
dvůr množstvo počet objednávky položky zákazníka priezvisko košice žilina prešov bratislava trenčín"""
HUNGARIAN = """rendelés szám dátum vásárló név összeg mennyiség egységár pénznem fizetés szállítás cím város
irányítószám termék cikkszám állapot nagy kovács tóth szabó horváth varga kiss molnár németh farkas papp takács
juhász lakatos mészáros oláh györgy lászló józsef zoltán sándor péter tamás éva mária katalin ágnes győr pécs
székesfehérvár debrecen szűcs kenyér tej sajt gyümölcs zöldség vajas őszibarack körte fűszer bőr cipő könyv sör hűtő
kőműves erdős gergő ügyfél vevő rendelésszám fizetve törölve"""
OTHER_CENTRAL = """količina narudžba narudžbe kupac broj račun plaćeno otkazano iznos šifra naručilo naročilo
količine plačano horvat kovačević babić marić jurić novak knežević vuković marković petrović matić tomić pavlović
kovačić božić blažević đurić žužul šimić ljubljana čakovec šibenik požega đakovo številka stranka priimek număr dată
cantitate preţ plată adresă localitate judeţ bucureşti iaşi braşov constanţa ploieşti timişoara târgu mureş ştefan
ionuţ andreea stări"""
RUSSIAN = """заказ заказы номер дата клиент покупатель сумма количество цена товар артикул наименование скидка итого
всего оплата оплачен отменен возврат доставка адрес город улица телефон имя фамилия отчество валюта чек касса
магазин иванов петров сидоров смирнов кузнецов попов васильев соколов михайлов новиков александр сергей анна мария
елена ольга наталья дмитрий андрей алексей москва россия хлеб молоко сыр масло чай кофе яблоко вода сок мясо рыба
сахар замовлення кількість ціна прізвище київ україна харків львів одеса поръчка клиенти софия българия пловдив име"""
GREEK = """αριθμός παραγγελία παραγγελίας ημερομηνία πελάτης πελάτη επωνυμία όνομα επώνυμο ποσό αξία τιμή ποσότητα
σύνολο είδος περιγραφή κωδικός κωδ φπα έκπτωση κατάσταση πληρωμή μετρητά κάρτα τηλέφωνο διεύθυνση πόλη αθήνα
θεσσαλονίκη πάτρα γάλα ψωμί καφές τυρί ελαιόλαδο νερό γιώργος μαρία νίκος ελένη παπαδόπουλος"""
ARABIC = """رقم الطلب الفاتورة التاريخ تاريخ الوقت العميل اسم الاسم الجوال الهاتف البريد المبلغ الإجمالي
إجمالي الكمية السعر
المنتج الصنف الضريبة الخصم الحالة طريقة الدفع نقدا نقدي بطاقة الفرع العنوان المدينة الرياض جدة القاهرة دبي محمد أحمد
علي عبدالله فاطمة مريم خالد حسن يوسف حليب خبز قهوة شاي ماء أرز سكر لحم دجاج عصير مکمل مبلغ تاریخ شماره مشتری نام تلفن
قیمت تعداد تهران"""
HEBREW = """מספר הזמנה חשבונית קבלה תאריך שעה לקוח שם טלפון כתובת עיר סכום כולל מחיר כמות מוצר פריט תיאור
הנחה סטטוס מזומן
אשראי כרטיס סניף תל אביב ירושלים חיפה חלב לחם קפה גבינה ביצים מים כהן לוי דוד משה שרה רחל יוסף"""
THAI = """วันที่ เลขที่ บิล ลูกค้า ชื่อ ยอด รวม ราคา จำนวน สินค้า รหัส เงินสด บัตร ภาษี ส่วนลด สถานะ ร้าน สาขา บาท ชิ้น
นม กาแฟ ข้าว น้ำ ขนม ไข่ ชา สมชาย กรุง"""
VIETNAMESE = """mã hóa hoá đơn ngày tháng khách hàng tên sản phẩm số lượng giá tiền tổng cộng thanh toán địa
chỉ điện thoại
trạng thái giảm giá đường nguyễn trần lê phạm hoàng huỳnh võ đặng bùi đỗ hồ ngô dương lý sữa cà phê bánh mì nước gạo
trà thịt trứng hà nội đà nẵng mặt tiền thẻ"""
CHINESE = """订单 单号 编号 日期 时间 客户 会员 顾客 姓名 名称 手机 电话 地址 省份 城市 金额 单价 数量 商品 产品
品名 货号 规格 合计 总计 小计 实收 应收 支付 付款 退款 交易 状态 成功 关闭 收入 支出 备注 门店 店铺 收银 性别 生日
邮箱 邮编 优惠 折扣 运费 渠道 平台 微信 支付宝 淘宝 京东 北京 上海 天津 重庆 广州 深圳 成都 杭州 武汉 南京 西安
河北省 山东省 广东省 浙江省 江苏省 石家庄 济南市 青岛市 广州市 深圳市 福建省 四川省 有限公司 人民路 中山路 解放路
建设路 大街 小区 苹果 牛奶 面包 酸奶 咖啡 米饭 鸡蛋 矿泉水 可乐 啤酒 香蕉 绿茶 红茶 橙汁 衬衫 裙子 外套 手机壳 充电
洗发 牙膏 纸巾 张伟 王芳 李娜 刘洋 陈静 杨帆"""
TRADITIONAL = """訂單 單號 編號 日期 時間 客戶 會員 顧客 姓名 名稱 手機 電話 地址 縣市 城市 金額 單價 數量 商品 產品
品名 貨號 規格 合計 總計 小計 實收 應收 支付 付款 退款 交易 狀態 成功 備註 門市 店鋪 性別 生日 信箱 郵遞 優惠 折扣
運費 臺北 台北 高雄 臺中 台中 臺南 台南 新竹 桃園 基隆 嘉義 屏東 花蓮 信義區 大安區 中山區 中正路 中山路 民生 忠孝
復興 有限公司 香港 九龍 新界 蘋果 牛奶 麵包 咖啡 鳳梨 珍珠 奶茶 雞蛋 便當 茶葉 陳美 林志 黃志 張家 李淑 王淑"""
JAPANESE = """注文 番号 日付 日時 顧客 氏名 住所 電話 金額 合計 単価 数量 商品 商品名 税込 税抜 送料 支払 状態 備考
店舗 会員 山田 太郎 佐藤 鈴木 高橋 田中 伊藤 渡辺 山本 中村 小林 加藤 花子 東京 大阪 京都 横浜 名古屋 神戸 福岡 札幌
東京都 大阪府 港区 新宿 渋谷 りんご ぎゅう 牛乳 パン コーヒー ビール お茶 リンゴ バナナ ケーキ チーズ シャツ お届け
です ます した から"""
KOREAN = """주문 번호 주문번호 날짜 일자 일시 고객 고객명 이름 성명 주소 전화 금액 합계 단가 수량 상품 상품명 결제
배송 상태 취소 완료 환불 매장 회원 포인트 할인 비고 서울 서울시 부산 대구 인천 광주 대전 울산 경기 강남구 김민 이서
박지 최지 정현 민수 영희 철수 지훈 서연 사과 우유 커피 빵집 라면 김치 맥주 녹차 케이크"""
FAMILIAR = frozenset(
    word
    for language in (
        GERMAN,
        FRENCH,
        SPANISH,
        PORTUGUESE,
        ITALIAN,
        NORDIC,
        POLISH,
        CZECH,
        HUNGARIAN,
        OTHER_CENTRAL,
        RUSSIAN,
        GREEK,
        ARABIC,
        HEBREW,
        THAI,
        VIETNAMESE,
        CHINESE,
        TRADITIONAL,
        JAPANESE,
        KOREAN,
    )
    for word in language.split()
    if not word.isascii()
)
