"""Shops, tills and books of many countries, in their own words, money and days."""

from tests.lakehouse.authoring.made_exports.base import (
    ORDERS,
    TOTAL,
    Made,
    Order,
    all_orders,
    comma,
    lines_file,
    money,
    one_file,
    orders_file,
    plain,
    rows_text,
    with_lines,
)

VOID = {3, 11, 17}
COUNTED = {"total_of_completed": money(TOTAL - sum(ORDERS[at].total for at in VOID))}
WHOLE = {
    "orders": 24,
    "total": money(100 * TOTAL),
}  # a currency without hundredths: what is cents elsewhere is its unit
BACK = {4, 9, 16}
LESS = money(TOTAL - 2 * sum(ORDERS[at].total for at in BACK))


def state(o: Order, good: str, bad: str) -> str:
    """The status of an order: some are called off."""
    return bad if o.at in VOID else good


def bling_br() -> Made:
    return orders_file(
        "bling_br",
        "ID;Número do pedido;Data;Nome do contato;CPF/CNPJ;Situação;Total dos produtos;Desconto;Frete;Valor total",
        lambda o: [
            9_000_000 + o.at,
            o.number,
            f"{o.moment:%d/%m/%Y}",
            o.person.name,
            f"123.456.78{o.person.at}-09",
            state(o, "Atendido", "Cancelado"),
            comma(o.total),
            "0,00",
            "0,00",
            comma(o.total),
        ],
        "pedidos_venda.csv",
        "cp1252",
        **COUNTED,
    )


def mercado_pt() -> Made:
    months = ["", "janeiro", "fevereiro", "março"]
    return orders_file(
        "mercado_pt",
        "N.º de venda;Data da venda;Estado;Unidades;Receita por produtos (BRL);Tarifa de venda e impostos (BRL);Total (BRL);Comprador;CPF",
        lambda o: [
            f"20000{o.number}",
            f"{o.moment.day} de {months[o.moment.month]} de {o.moment.year} {o.moment:%H:%M} hs.",
            "Entregue",
            1,
            plain(o.total),
            f"-{plain(o.total // 10)}",
            plain(o.total - o.total // 10),
            o.person.name,
            f"1234567890{o.person.at}",
        ],
        orders=24,
        total=money(TOTAL),
        customers=10,
    )


def baselinker_pl() -> Made:
    return orders_file(
        "baselinker_pl",
        "Nr zamówienia;Data dodania;Status;Imię i nazwisko;E-mail;Telefon;Suma zamówienia;Koszt wysyłki;Waluta;Zapłacono",
        lambda o: [
            o.number,
            f"{o.moment:%d.%m.%Y %H:%M}",
            state(o, "Zrealizowane", "Anulowane"),
            o.person.name,
            o.person.email,
            o.person.phone,
            plain(o.total).replace(".", ","),
            "0,00",
            "PLN",
            plain(o.total).replace(".", ","),
        ],
        encoding="cp1250",
        **COUNTED,
    )


def allegro_items() -> Made:
    return lines_file(
        "allegro_items",
        "Id zamówienia,Data zakupu,Login kupującego,Id oferty,Nazwa oferty,Liczba sztuk,Cena za sztukę,Wartość",
        lambda o, n: [
            f"a1b2-{o.number}",
            f"{o.moment:%Y-%m-%d %H:%M:%S}",
            f"user_{o.person.at}",
            n.sku,
            n.name,
            n.quantity,
            plain(n.price),
            plain(n.amount),
        ],
        **with_lines(),
    )


def trendyol_tr() -> Made:
    return lines_file(
        "trendyol_lines",
        "Sipariş Numarası;Sipariş Tarihi;Alıcı;E-Posta;Ürün Adı;Barkod;Adet;Birim Fiyatı;Satış Tutarı;Sipariş Statüsü",
        lambda o, n: [
            o.number,
            f"{o.moment:%d.%m.%Y %H:%M}",
            o.person.name,
            o.person.email,
            n.name,
            n.sku,
            n.quantity,
            plain(n.price).replace(".", ","),
            plain(n.amount).replace(".", ","),
            state(o, "Teslim Edildi", "İptal Edildi"),
        ],
        **COUNTED,
    )


def logo_tr() -> Made:
    return orders_file(
        "logo_tr",
        "Fatura No;Tarih;Cari Kodu;Cari Ünvanı;Matrah;KDV;Genel Toplam",
        lambda o: [
            f"GIB2024{o.number}",
            f"{o.moment:%d.%m.%Y}",
            f"120.01.{o.person.at:03d}",
            o.person.name,
            comma(o.total - o.total // 6),
            comma(o.total // 6),
            comma(o.total),
        ],
        "satis_faturalari.csv",
        "cp1254",
        **all_orders(),
    )


def till_euckr() -> Made:
    return orders_file(
        "till_euckr",
        "영수증번호,판매일자,판매시간,회원번호,과세금액,부가세,합계금액,결제수단",
        lambda o: [
            f"{o.moment:%Y%m%d}-{o.number}",
            f"{o.moment:%Y%m%d}",
            f"{o.moment:%H%M%S}",
            f"M{o.person.at:04d}",
            f"{o.total - o.total // 11:,}",
            f"{o.total // 11:,}",
            f"{o.total:,}",
            "카드",
        ],
        "pos_202403.csv",
        "euc-kr",
        customers=10,
        **WHOLE,
    )


def cafe24_kr() -> Made:
    return lines_file(
        "cafe24_lines",
        "주문번호,주문일시,주문자명,주문자 휴대전화,상품명,상품코드,수량,판매가,총 결제금액,주문상태",
        lambda o, n: [
            f"20240301-{o.number:07d}",
            f"{o.moment:%Y-%m-%d %H:%M:%S}",
            o.person.name,
            f"010-1234-{o.person.at:04d}",
            n.name,
            n.sku,
            n.quantity,
            n.price,
            o.total,
            "배송완료",
        ],
        customers=10,
        **WHOLE,
    )


def airregi_jp() -> Made:
    """In Shift-JIS the sign of the yen is the byte of a backslash."""
    return orders_file(
        "airregi_jp",
        "会計ID,会計日,会計時間,顧客番号,小計,消費税,合計,支払方法",
        lambda o: [
            f"K{o.number}",
            f"{o.moment:%Y/%m/%d}",
            f"{o.moment:%H:%M}",
            f"C{o.person.at}",
            f"\\{o.total - o.total // 11:,}",
            f"\\{o.total // 11:,}",
            f"\\{o.total:,}",
            "現金",
        ],
        "会計明細.csv",
        "cp932",
        customers=10,
        **WHOLE,
    )


def base_jp() -> Made:
    return orders_file(
        "base_jp",
        "注文ID,注文日時,氏,名,メールアドレス,合計金額,注文ステータス",
        lambda o: [
            f"B{o.number}",
            f"{o.moment:%Y年%m月%d日 %H時%M分}",
            o.person.surname,
            o.person.given,
            o.person.email,
            f"{o.total:,}円",
            state(o, "対応済", "キャンセル"),
        ],
        total_of_completed=money(100 * (TOTAL - sum(ORDERS[at].total for at in VOID))),
    )


def zoho_in() -> Made:
    return lines_file(
        "zoho_in",
        "Invoice Date,Invoice ID,Invoice Number,Invoice Status,Customer ID,Customer Name,Currency Code,SubTotal,Total,Balance,Item Name,SKU,Quantity,Item Price,Item Total",
        lambda o, n: [
            f"{o.moment:%Y-%m-%d}",
            8_000_000 + o.number,
            f"INV-{o.number}",
            state(o, "Closed", "Void"),
            700 + o.person.at,
            o.person.name,
            "INR",
            plain(o.total),
            plain(o.total),
            "0.00",
            n.name,
            n.sku,
            n.quantity,
            plain(n.price),
            plain(n.amount),
        ],
        **COUNTED,
    )


def lakhs(hundredths: int) -> str:
    """`1,23,456.00`: thousands in three, then in twos."""
    whole, cents = divmod(hundredths, 100)
    text, rest = str(whole)[-3:], str(whole)[:-3]
    while rest:
        text, rest = f"{rest[-2:]},{text}", rest[:-2]
    return f"{text}.{cents:02d}"


def vyapar_in() -> Made:
    return orders_file(
        "vyapar_in",
        "Date,Invoice No,Party Name,Phone No.,Transaction Type,Total Amount,Payment Type,Received Amount,Balance Due",
        lambda o: [
            f"{o.moment:%d/%m/%Y}",
            o.number,
            o.person.name,
            f"98765432{o.person.at:02d}",
            "Sale",
            lakhs(o.total * 1000),
            "Cash",
            lakhs(o.total * 1000),
            "0.00",
        ],
        "SaleReport.csv",
        orders=24,
        total=money(TOTAL * 1000),
        customers=10,
    )


def razorpay_in() -> Made:
    return orders_file(
        "razorpay_in",
        "id,amount,currency,status,order_id,method,amount_refunded,email,contact,fee,tax,created_at",
        lambda o: [
            f"pay_{o.number}",
            plain(o.total),
            "INR",
            state(o, "captured", "failed"),
            f"order_{o.number}",
            "upi",
            "0.00",
            o.person.email,
            o.person.phone,
            "1.00",
            "0.18",
            f"{o.moment:%d/%m/%Y %H:%M:%S}",
        ],
        "payments_report.csv",
        **COUNTED,
    )


def salla_ar() -> Made:
    return orders_file(
        "salla_ar",
        "رقم الطلب,تاريخ الطلب,حالة الطلب,اسم العميل,رقم الجوال,البريد الإلكتروني,إجمالي الطلب,العملة",
        lambda o: [
            o.number,
            f"{o.moment:%Y-%m-%d %H:%M}",
            state(o, "تم التنفيذ", "ملغي"),
            o.person.name,
            o.person.phone,
            o.person.email,
            plain(o.total),
            "SAR",
        ],
        **COUNTED,
    )


def till_arabic() -> Made:
    digits = str.maketrans("0123456789.,", "٠١٢٣٤٥٦٧٨٩٫٬")
    return orders_file(
        "till_arabic",
        "رقم الفاتورة;التاريخ;رقم العميل;المبلغ الإجمالي",
        lambda o: [
            str(o.number).translate(digits),
            f"{o.moment:%Y/%m/%d}".translate(digits),
            f"{o.person.at + 500}".translate(digits),
            f"{o.total / 100:,.2f}".translate(digits),
        ],
        orders=24,
        total=money(TOTAL),
    )


def onec_ru() -> Made:
    return orders_file(
        "onec_ru",
        "Номер;Дата;Контрагент;Код контрагента;Сумма;НДС;Проведен",
        lambda o: [
            f"ЦБ-{o.number:07d}",
            f"{o.moment:%d.%m.%Y} {o.moment.hour}:{o.moment:%M:%S}",
            o.person.name,
            f"К{o.person.at:05d}",
            f"{o.total // 100:,}".replace(",", "\xa0") + f",{o.total % 100:02d}",
            comma(o.total // 6),
            "Да",
        ],
        "Реализация.csv",
        "cp1251",
        **all_orders(),
    )


def evotor_ru() -> Made:
    return lines_file(
        "evotor_ru",
        "Дата и время;Тип документа;Номер документа;Товар;Артикул;Количество;Цена;Сумма;Номер карты",
        lambda o, n: [
            f"{o.moment:%d.%m.%Y %H:%M}",
            "Возврат" if o.at in BACK else "Продажа",
            o.number,
            n.name,
            n.sku,
            f"{n.quantity},000",
            plain(n.price).replace(".", ","),
            plain(n.amount).replace(".", ","),
            f"2200{o.person.at:04d}",
        ],
        orders=24,
        total=LESS,
    )


def softone_gr() -> Made:
    return orders_file(
        "softone_gr",
        "Α/Α;Ημ/νία;Κωδ. Πελάτη;Επωνυμία;Καθαρή αξία;ΦΠΑ;Σύνολο",
        lambda o: [
            o.number,
            f"{o.moment.day}/{o.moment.month}/{o.moment.year}",
            f"30-{o.person.at:04d}",
            o.person.name,
            comma(o.total - o.total // 5),
            comma(o.total // 5),
            comma(o.total),
        ],
        "polhseis.csv",
        "cp1253",
        **all_orders(),
    )


def shop_hebrew() -> Made:
    return orders_file(
        "shop_hebrew",
        "מספר הזמנה,תאריך הזמנה,שם לקוח,דוא״ל,סכום כולל,סטטוס",
        lambda o: [
            o.number,
            f"{o.moment:%d/%m/%Y}",
            o.person.name,
            o.person.email,
            f"₪{o.total / 100:,.2f}",
            state(o, "הושלם", "בוטל"),
        ],
        **COUNTED,
    )


def buddhist_years() -> Made:
    return orders_file(
        "buddhist_years",
        "เลขที่บิล,วันที่,รหัสลูกค้า,ยอดรวม",
        lambda o: [o.number, f"{o.moment:%d/%m}/{o.moment.year + 543}", f"C{o.person.at}", plain(o.total)],
        **all_orders(),
    )


def shopee_th() -> Made:
    return lines_file(
        "shopee_th",
        "หมายเลขคำสั่งซื้อ,สถานะการสั่งซื้อ,วันที่ทำการสั่งซื้อ,ชื่อผู้ใช้ (ผู้ซื้อ),เลขอ้างอิง SKU,ชื่อสินค้า,จำนวน,ราคาขาย,ราคาขายสุทธิ",
        lambda o, n: [
            f"24030{o.number}",
            state(o, "สำเร็จแล้ว", "ยกเลิกแล้ว"),
            f"{o.moment:%Y-%m-%d %H:%M}",
            f"user{o.person.at}",
            n.sku,
            n.name,
            n.quantity,
            plain(n.price),
            plain(n.amount),
        ],
        **COUNTED,
    )


def kiotviet_vn() -> Made:
    def dong(amount: int) -> str:
        return f"{amount * 1000:,}".replace(",", ".")

    return orders_file(
        "kiotviet_vn",
        "Mã hóa đơn;Thời gian;Mã khách hàng;Khách hàng;Điện thoại;Tổng tiền hàng;Giảm giá;Khách cần trả;Trạng thái",
        lambda o: [
            f"HD{o.number:06d}",
            f"{o.moment:%d/%m/%Y %H:%M}",
            f"KH{o.person.at:06d}",
            o.person.name,
            f"09012345{o.person.at:02d}",
            dong(o.total),
            0,
            dong(o.total),
            "Hoàn thành",
        ],
        orders=24,
        total=money(TOTAL * 100_000),
        customers=10,
    )


def shoptet_cz() -> Made:
    return orders_file(
        "shoptet_cz",
        "code;date;statusName;email;phone;billFullName;totalPriceWithVat;totalPriceWithoutVat;totalPriceVat;currency",
        lambda o: [
            f"2024{o.number}",
            f"{o.moment:%Y-%m-%d %H:%M:%S}",
            state(o, "Vyřízena", "Stornována"),
            o.person.email,
            o.person.phone,
            o.person.name,
            plain(o.total).replace(".", ","),
            plain(o.total - o.total // 6).replace(".", ","),
            plain(o.total // 6).replace(".", ","),
            "CZK",
        ],
        "orders_cz.csv",
        "cp1250",
        **COUNTED,
    )


def unas_hu() -> Made:
    return orders_file(
        "unas_hu",
        "Rendelésszám;Dátum;Vevő neve;E-mail;Fizetendő összeg;Állapot",
        lambda o: [
            f"{o.number}-24",
            f"{o.moment:%Y.%m.%d. %H:%M}",
            o.person.name,
            o.person.email,
            f"{o.total:,} Ft".replace(",", " "),
            state(o, "Teljesítve", "Törölve"),
        ],
        total_of_completed=money(100 * (TOTAL - sum(ORDERS[at].total for at in VOID))),
    )


def fortnox_se() -> Made:
    return orders_file(
        "fortnox_invoices",
        "Fakturanr;Kundnr;Kundnamn;Fakturadatum;Förfallodatum;Netto;Moms;Totalt;Makulerad",
        lambda o: [
            o.number,
            200 + o.person.at,
            o.person.name,
            f"{o.moment:%Y-%m-%d}",
            "2024-04-30",
            plain(o.total - o.total // 5).replace(".", ","),
            plain(o.total // 5).replace(".", ","),
            plain(o.total).replace(".", ","),
            state(o, "Nej", "Ja"),
        ],
        **COUNTED,
    )


def nube_ar() -> Made:
    rows = []
    for o in ORDERS:
        for at, n in enumerate(o.lines):
            first = at == 0
            of_order = [f"{o.moment:%d/%m/%Y %H:%M}", "Cerrada", "Recibido", "ARS", comma(o.total), comma(o.total)]
            rows.append(
                [o.number, o.person.email]
                + (of_order if first else [""] * 6)
                + [n.name, comma(n.price), n.quantity, n.sku]
            )
    head = "Número de orden;Email;Fecha;Estado de la orden;Estado del pago;Moneda;Subtotal de productos;Total;Nombre del producto;Precio del producto;Cantidad del producto;SKU"
    return one_file(
        "nube_ar",
        "the order's own values on its first line alone",
        "ventas.csv",
        rows_text(head.split(";"), rows, ";"),
        "cp1252",
        **with_lines(),
    )


def cfdi_mx() -> Made:
    return orders_file(
        "cfdi_mx",
        "Folio,Fecha de emisión,RFC receptor,Razón social,Subtotal,IVA,Total,Estatus",
        lambda o: [
            f"A{o.number}",
            f"{o.moment:%d/%m/%Y %I:%M:%S} {'a. m.' if o.moment.hour < 12 else 'p. m.'}",
            f"XAXX0101010{o.person.at:02d}",
            o.person.name,
            f"${(o.total - o.total // 7) / 100:,.2f}",
            f"${o.total // 7 / 100:,.2f}",
            f"${o.total / 100:,.2f}",
            state(o, "Vigente", "Cancelado"),
        ],
        **COUNTED,
    )


def tokopedia_id() -> Made:
    head = "Count,Order ID,Invoice,Payment Date,Order Status,Product Name,Stock Keeping Unit (SKU),Quantity,Price (Rp.),Total Amount (Rp.),Customer Name,Customer Phone"
    rows = []
    for o in ORDERS:
        for at, n in enumerate(o.lines):
            rows.append(
                [
                    *(o.at + 1 if at == 0 else "", o.number, f"INV/20240301/{o.number}"),
                    *(f"{o.moment:%d-%m-%Y %H:%M:%S}", "Pesanan Selesai", n.name, n.sku, n.quantity, n.price, n.amount),
                    *(o.person.name, o.person.phone),
                ]
            )
    text = "Laporan Penjualan\nNama Toko,Toko Kita\nPeriode,01-03-2024 - 31-03-2024\n\n" + rows_text(
        head.split(","), rows
    )
    return one_file(
        "tokopedia_id",
        "three lines above the header, rupiah",
        "Tokopedia_Order.csv",
        text,
        orders=24,
        total=money(100 * TOTAL),
    )


CASES = (
    bling_br,
    baselinker_pl,
    allegro_items,
    trendyol_tr,
    base_jp,
    zoho_in,
    vyapar_in,
    razorpay_in,
    mercado_pt,
    logo_tr,
    till_euckr,
    cafe24_kr,
    airregi_jp,
    salla_ar,
    till_arabic,
    onec_ru,
    buddhist_years,
    evotor_ru,
    softone_gr,
    shop_hebrew,
    unas_hu,
    shopee_th,
    kiotviet_vn,
    shoptet_cz,
    fortnox_se,
    nube_ar,
    cfdi_mx,
    tokopedia_id,
)
