"""Order exports of marketplaces."""

from tests.lakehouse.authoring.made_exports.base import (
    ORDERS,
    Made,
    all_orders,
    comma,
    each_line,
    money,
    one_file,
    plain,
    rows_text,
    with_lines,
)

VOID = {3, 11, 17}  # orders that were called off

COUNTED = [order for order in ORDERS if order.at not in VOID]

SUM_COUNTED = sum(order.total for order in COUNTED)


def _status(at: int, good: str, bad: str) -> str:
    return bad if at in VOID else good


def etsy_orders() -> Made:
    head = (
        "Sale Date,Order ID,Buyer User ID,Full Name,First Name,Last Name,Number of Items,Payment Method,Date "
        "Shipped,Street 1,Street 2,Ship City,Ship State,Ship Zipcode,Ship Country,Currency,Order "
        "Value,Coupon Code,Coupon Details,Discount Amount,Shipping Discount,Shipping,Sales Tax,Order "
        "Total,Status,Card Processing Fees,Order Net,Adjusted Order Total,Adjusted Card Processing "
        "Fees,Adjusted Net Order Amount,Buyer,Order Type,Payment Type,InPerson Discount,InPerson Location,SKU"
    )
    rows = [
        [
            f"{o.moment:%m/%d/%y}",
            3100000000 + o.number,
            f"buyer{o.person.at}",
            o.person.name,
            o.person.given,
            o.person.surname,
            len(o.lines),
            "Credit Card",
            f"{o.moment:%m/%d/%Y}",
            f"Street {o.at}",
            "",
            o.person.city,
            "",
            o.person.postcode,
            o.person.country,
            "USD",
            plain(o.total),
            "",
            "",
            "0",
            "0",
            "4.5",
            "0.8",
            plain(o.total + 530),
            "",
            "1.10",
            plain(o.total + 420),
            "0",
            "0",
            "0",
            f"{o.person.given} (buyer{o.person.at})",
            "online",
            "online_cc",
            "",
            "",
            "|".join(n.sku for n in o.lines),
        ]
        for o in ORDERS
    ]
    total = sum(o.total + 530 for o in ORDERS)
    return one_file(
        "etsy_orders",
        "sold orders of Etsy",
        "EtsySoldOrders2024-3.csv",
        rows_text(head.split(","), rows),
        orders=24,
        total=money(total),
        customers=10,
    )


def etsy_items() -> Made:
    head = (
        "Sale Date,Item Name,Buyer,Quantity,Price,Coupon Code,Coupon Details,Discount Amount,"
        "Shipping Discount,Order Shipping,Order Sales Tax,Item Total,Currency,Transaction ID,Listing ID,"
        "Date Paid,Date Shipped,Ship Name,Ship Address1,Ship City,Ship State,Ship Zipcode,Ship Country,"
        "Order ID,Variations,Order Type,Listings Type,Payment Type,SKU"
    )
    rows = [
        [
            f"{o.moment:%m/%d/%y}",
            n.name,
            f"buyer{o.person.at}",
            n.quantity,
            plain(n.price),
            "",
            "",
            "0",
            "0",
            "0",
            "0",
            plain(n.amount),
            "USD",
            4100000000 + i,
            90000 + int(n.sku[-3:]),
            f"{o.moment:%m/%d/%Y}",
            "",
            o.person.name,
            f"Street {o.at}",
            o.person.city,
            "",
            o.person.postcode,
            o.person.country,
            3100000000 + o.number,
            "",
            "online",
            "listing",
            "online_cc",
            n.sku,
        ]
        for i, (o, n) in enumerate(each_line())
    ]
    return one_file(
        "etsy_items",
        "sold items of Etsy: each has a Transaction ID, the order an Order ID",
        "EtsySoldOrderItems2024-3.csv",
        rows_text(head.split(","), rows),
        **with_lines(),
    )


def amazon_orders() -> Made:
    head = (
        "amazon-order-id merchant-order-id purchase-date last-updated-date order-status fulfillment-channel "
        "sales-channel order-channel ship-service-level product-name sku asin item-status quantity currency "
        "item-price item-tax shipping-price shipping-tax gift-wrap-price gift-wrap-tax "
        "item-promotion-discount ship-promotion-discount ship-city ship-state ship-postal-code ship-country "
        "promotion-ids"
    )
    rows = [
        [
            f"111-10{o.number}00-10{o.number}",
            "",
            f"{o.moment:%Y-%m-%dT%H:%M:%S}+00:00",
            f"{o.moment:%Y-%m-%dT23:%M:%S}+00:00",
            _status(o.at, "Shipped", "Cancelled"),
            "Amazon",
            "Amazon.com",
            "",
            "Standard",
            n.name,
            n.sku,
            f"B0{n.sku[-3:]}XYZ9",
            _status(o.at, "Shipped", "Cancelled"),
            n.quantity,
            "USD",
            plain(n.amount),
            "0.00",
            "0.00",
            "0.00",
            "",
            "",
            "",
            "",
            o.person.city,
            "",
            o.person.postcode,
            o.person.country,
            "",
        ]
        for o, n in each_line()
    ]
    return one_file(
        "amazon_all_orders",
        "all orders of Amazon: item-price is that of the whole line",
        "amazon_all_orders_1900.txt",
        rows_text(head.split(), rows, "\t"),
        total_of_completed=money(SUM_COUNTED),
        lines=sum(len(o.lines) for o in COUNTED),
        line_sum=money(SUM_COUNTED),
    )


def ebay_orders() -> Made:
    head = (
        "Sales Record Number,Order Number,Buyer Username,Buyer Name,Buyer Email,Buyer City,Buyer Zip,Buyer "
        "Country,Item Number,Item Title,Custom Label,Quantity,Sold For,Shipping And Handling,Total "
        "Price,Payment Method,Sale Date,Paid On Date,Feedback Left"
    )
    rows = [
        [
            o.number,
            f"12-{o.number}-{90000 + o.at}",
            f"b_{o.person.at}",
            o.person.name,
            o.person.email,
            o.person.city,
            o.person.postcode,
            o.person.country,
            250000 + int(o.lines[0].sku[-3:]),
            o.lines[0].name,
            o.lines[0].sku,
            1,
            f"${plain(o.total)}",
            "$0.00",
            f"${plain(o.total)}",
            "PayPal",
            f"{o.moment:%b-%d-%y}",
            f"{o.moment:%b-%d-%y}",
            "No",
        ]
        for o in ORDERS
    ]
    text = (
        "\n"
        + rows_text(head.split(","), rows)
        + '\n24,record(s) downloaded,from ,Mar-01-24,09:00:00, to ,Mar-31-24,09:00:00\n\nSeller ID : "shop"\n'
    )
    return one_file(
        "ebay_orders",
        "orders of eBay between empty lines and a summary",
        "eBay-OrdersReport-Mar-31-2024.csv",
        text,
        **all_orders(lines=24),
    )


def brazil() -> Made:
    head = "Número do pedido;Data;Cliente;E-mail;Situação;Valor total"
    rows = [
        [
            o.number,
            f"{o.moment:%d/%m/%Y %H:%M}",
            o.person.name,
            o.person.email,
            _status(o.at, "Pago", "Cancelado"),
            f"R$ {comma(o.total * 100)}",
        ]
        for o in ORDERS
    ]
    return one_file(
        "loja_pt",
        "a Brazilian shop: R$ 1.234,56",
        "pedidos_marco_2024.csv",
        rows_text(head.split(";"), rows, ";"),
        total_of_completed=money(SUM_COUNTED * 100),
        currency="BRL",
    )


def rakuten() -> Made:
    head = "注文番号,注文日時,ステータス,注文者メールアドレス,商品番号,商品名,単価,個数,合計金額"
    rows = [
        [
            f"123456-2024{o.at:04d}",
            f"{o.moment:%Y/%m/%d %H:%M:%S}",
            "発送済",
            o.person.email,
            n.sku,
            f"商品{n.sku[-1]}",
            n.price,
            n.quantity,
            o.total,
        ]
        for o, n in each_line()
    ]
    total = sum(o.total for o in ORDERS) * 100
    return one_file(
        "rakuten_sjis",
        "yen, Shift-JIS, the order's total on each item",
        "注文データ20240331.csv",
        rows_text(head.split(","), rows, quote_all=True),
        "cp932",
        orders=24,
        total=money(total),
        customers=10,
        lines=48,
    )


def smartstore() -> Made:
    head = "상품주문번호,주문번호,주문상태,구매자명,구매자ID,결제일,상품번호,상품명,수량,상품가격,상품별 총 주문금액"
    rows = [
        [
            f"20240{i:05d}",
            f"2024{o.at:06d}",
            "배송완료",
            "김철수",
            f"kim{o.person.at}",
            f"{o.moment:%Y-%m-%d %H:%M:%S}",
            n.sku,
            f"상품 {n.sku[-1]}",
            n.quantity,
            n.price,
            n.amount,
        ]
        for i, (o, n) in enumerate(each_line())
    ]
    total = sum(o.total for o in ORDERS) * 100
    return one_file(
        "smartstore_kr",
        "a Korean marketplace: a number per item, one per order",
        "스마트스토어_전체주문_20240331.csv",
        rows_text(head.split(","), rows),
        "euc-kr",
        orders=24,
        total=money(total),
        customers=10,
        lines=48,
        line_sum=money(total),
    )


CASES = (
    etsy_orders,
    etsy_items,
    amazon_orders,
    ebay_orders,
    brazil,
    rakuten,
    smartstore,
)
