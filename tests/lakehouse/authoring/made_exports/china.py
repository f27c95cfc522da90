"""Exports of Chinese marketplaces, wallets and tills, and of Taiwan."""

from tests.lakehouse.authoring.made_exports.base import (
    ORDERS,
    TOTAL,
    Made,
    all_orders,
    each_line,
    money,
    one_file,
    plain,
    rows_text,
    with_lines,
)

VOID = {3, 11, 17}
SUM_COUNTED = TOTAL - sum(ORDERS[at].total for at in VOID)
SURNAMES = "王李张刘陈杨赵黄周吴"


def taobao() -> Made:
    head = (
        "订单编号,买家会员名,买家支付宝账号,买家应付货款,买家应付邮费,买家支付积分,总金额,返点积分,买家实际支付金额,买家实际支付积分,订单状态,买家留言,收货人姓名,收货地址 ,运送方式,联系电话 ,"
        "联系手机,订单创建时间,订单付款时间 ,宝贝标题 ,宝贝种类 ,物流单号 ,物流公司,订单备注,宝贝总数量"
    )
    rows = [
        [
            f'="{2040000000000 + o.number}"',
            f"tb_{o.person.at}",
            o.person.email,
            plain(o.total),
            "0.00",
            "0",
            plain(o.total),
            "0",
            "0.00" if o.at in VOID else plain(o.total),
            "0",
            "交易关闭" if o.at in VOID else "交易成功",
            "",
            f"{SURNAMES[o.person.at]}小明",
            "浙江省 杭州市 西湖区 文一路 1号",
            "快递",
            "'null",
            f"'1380000{o.person.at:04d}",
            f"{o.moment:%Y-%m-%d %H:%M:%S}",
            "" if o.at in VOID else f"{o.moment:%Y-%m-%d %H:%M:%S}",
            "燕麦奶",
            "1",
            "",
            "",
            "'null",
            sum(n.quantity for n in o.lines),
        ]
        for o in ORDERS
    ]
    return one_file(
        "taobao_orders",
        "Taobao in GBK: ids as formulas, phones with an apostrophe, closed trades",
        "ExportOrderList202403311200.csv",
        rows_text(head.split(","), rows),
        "gbk",
        total_of_completed=money(SUM_COUNTED),
    )


def jingdong() -> Made:
    head = "订单号,商品ID,商品名称,订购数量,支付方式,下单时间,京东价,订单金额,结算金额,余额支付,应付金额,订单状态,订单类型,下单帐号,客户姓名,客户地址,联系电话"
    rows = [
        [
            f"{290000000 + o.number}\t",
            f"1000{n.sku[-3:]}\t",
            f"商品{n.sku[-1]}",
            n.quantity,
            "在线支付",
            f"{o.moment:%Y-%m-%d %H:%M:%S}",
            plain(n.price),
            plain(o.total),
            plain(o.total),
            "0.00",
            plain(o.total),
            "取消" if o.at in VOID else "完成",
            "SOP",
            f"jd_{o.person.at}",
            f"{SURNAMES[o.person.at]}小红",
            "北京市朝阳区1号",
            f"1390000{o.person.at:04d}\t",
        ]
        for o, n in each_line()
    ]
    return one_file(
        "jd_orders",
        "JD: a row per item, tabs behind ids, the order's amount on each",
        "订单导出_20240331.csv",
        rows_text(head.split(","), rows),
        "gbk",
        total_of_completed=money(SUM_COUNTED),
    )


def pinduoduo() -> Made:
    head = "商品,订单号,订单状态,商品总价(元),店铺优惠折扣(元),平台优惠折扣(元),邮费(元),用户实付金额(元),商家实收金额(元),商品数量(件),拼单成功时间,支付时间,商品id,商品规格,售后状态"
    rows = [
        [
            "绿茶",
            f"240301-{o.number}",
            "已取消" if o.at in VOID else "已收货",
            plain(o.total + 200),
            "2.00",
            "0.00",
            "0.00",
            plain(o.total),
            plain(o.total),
            1,
            f"{o.moment:%Y-%m-%d %H:%M:%S}\t",
            f"{o.moment:%Y-%m-%d %H:%M:%S}\t",
            f"5{o.at % 7:06d}",
            "一件",
            "无售后或售后取消",
        ]
        for o in ORDERS
    ]
    return one_file(
        "pinduoduo_orders",
        "Pinduoduo: amounts in (元), what the buyer paid",
        "orders_export2024-03-31-12-00-00.csv",
        rows_text(head.split(","), rows),
        total_of_completed=money(SUM_COUNTED),
    )


def meituan() -> Made:
    head = "序号,门店名称,订单号,下单时间,用户ID,菜品金额,配送费,实付金额,订单状态"
    rows = [
        [
            1 + o.at,
            "人民路店",
            f"2030{o.number}",
            f"{o.moment:%Y/%m/%d %H:%M}",
            f"u{o.person.at}",
            plain(o.total),
            "0",
            plain(o.total),
            "已取消" if o.at in VOID else "已完成",
        ]
        for o in ORDERS
    ]
    return one_file(
        "meituan_orders",
        "a delivery platform's list",
        "美团订单明细_20240331.csv",
        rows_text(head.split(","), rows),
        "gb18030",
        total_of_completed=money(SUM_COUNTED),
    )


def wechat_merchant() -> Made:
    head = (
        "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,"
        "充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注"
    )
    rows = []
    for o in ORDERS:
        base = [
            f"{o.moment:%Y-%m-%d %H:%M:%S}",
            "wx1",
            "19000",
            "0",
            "",
            f"42000{o.number}",
            f"M{o.number}",
            f"oU{o.person.at}",
            "JSAPI",
        ]
        rows.append(
            [
                *base,
                "SUCCESS",
                "OTHERS",
                "CNY",
                plain(o.total),
                "0.00",
                "0",
                "0",
                "0.00",
                "0.00",
                "",
                "",
                "茶",
                "",
                "0.06",
                "0.60%",
                plain(o.total),
                "0.00",
                "",
            ]
        )
        if o.at in VOID:
            base[0] = f"{o.moment:%Y-%m-29 %H:%M:%S}"
            rows.append(
                [
                    *base,
                    "REFUND",
                    "OTHERS",
                    "CNY",
                    "0.00",
                    "0.00",
                    f"50{o.number}",
                    f"R{o.number}",
                    plain(o.total),
                    "0.00",
                    "ORIGINAL",
                    "SUCCESS",
                    "茶",
                    "",
                    "-0.06",
                    "0.60%",
                    "0.00",
                    plain(o.total),
                    "",
                ]
            )
    text = rows_text(head.split(","), [[f"`{value}" for value in row] for row in rows])
    text += "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额\n"
    text += f"`{len(rows)},`{plain(TOTAL)},`{plain(TOTAL - SUM_COUNTED)},`0.00,`1.26,`{plain(TOTAL)},`{plain(TOTAL - SUM_COUNTED)}\n"
    return one_file(
        "wechat_merchant",
        "a merchant's bill: a grave accent before each value, a summary below",
        "19000All2024-03-31.csv",
        "\ufeff" + text,
        orders=24,
        total=money(SUM_COUNTED),
        customers=10,
    )


def alipay_merchant() -> Made:
    head = "支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,对方账户,订单金额（元）,商家实收（元）,支付宝红包（元）,退款批次号/请求号,服务费（元）"
    rows = []
    for o in ORDERS:
        row = [f"20240301{o.number}\t", f"S{o.number}\t"]
        rest = [
            "茶",
            f"{o.moment:%Y-%m-%d %H:%M:%S}",
            f"{o.moment:%Y-%m-%d %H:%M:%S}",
            "",
            "",
            "",
            "",
            f"*明(p{o.person.at}***@example.com)",
        ]
        rows.append([*row, "交易    ", *rest, plain(o.total), plain(o.total), "0.00", "", "-0.01"])
        if o.at in VOID:
            rows.append([*row, "退款    ", *rest, plain(-o.total), plain(-o.total), "0.00", f"B{o.number}", "0.01"])
    text = "#支付宝业务明细查询\n#账号：[20880000]\n#起始日期：[2024年03月01日 00:00:00]   终止日期：[2024年04月01日 00:00:00]\n#-----------------------------------------业务明细列表----------------------------------------\n"
    text += rows_text(head.split(","), rows)
    text += f"#-----------------------------------------业务明细列表结束------------------------------------\n#交易合计：24笔，商家实收共{plain(TOTAL)}元，商家优惠共0.00元\n#退款合计：3笔\n#导出时间：[2024年04月01日 09:00:00]\n"
    return one_file(
        "alipay_merchant",
        "business details of Alipay: comments around, refunds below zero",
        "20880000_202403_业务明细.csv",
        text,
        "gbk",
        orders=27,
        total=money(SUM_COUNTED),
        customers=10,
    )


def big5_till() -> Made:
    head = "訂單編號,訂單日期,會員編號,商品編號,商品名稱,數量,單價,金額"
    rows = [
        [
            f"A{o.number}",
            f"{o.moment:%Y/%m/%d %H:%M}",
            f"M{o.person.at:03d}",
            n.sku,
            f"商品{n.sku[-1]}",
            n.quantity,
            f"NT${n.price}",
            f"NT${n.amount:,}",
        ]
        for o, n in each_line()
    ]
    return one_file(
        "till_big5",
        "a till of Taiwan in Big5, NT$",
        "銷售明細_202403.csv",
        rows_text(head.split(","), rows),
        "big5",
        orders=24,
        total=money(TOTAL * 100),
        customers=10,
        lines=48,
        currency="TWD",
    )


def gbk_till() -> Made:
    head = "小票号,交易日期,交易时间,会员卡号,商品编码,商品名称,数量,单价,金额"
    rows = [
        [
            f"{o.number}",
            f"{o.moment:%Y%m%d}",
            f"{o.moment:%H%M%S}",
            f"88{o.person.at:04d}",
            n.sku,
            "燕麦奶",
            n.quantity,
            plain(n.price),
            plain(n.amount),
        ]
        for o, n in each_line()
    ]
    return one_file(
        "till_gbk",
        "a till in GBK, day and time as digits",
        "销售流水.csv",
        rows_text(head.split(","), rows),
        "gbk",
        **with_lines(),
    )


def chinese_dates() -> Made:
    head = "订单号,下单时间,会员号,实付金额"
    half = ["上午", "下午"]
    rows = [
        [
            o.number,
            f"{o.moment:%Y}年{o.moment.month}月{o.moment.day}日 {half[o.moment.hour >= 12]}{(o.moment.hour - 1) % 12 + 1}:{o.moment:%M}",
            f"V{o.person.at}",
            f"￥{plain(o.total)}",
        ]
        for o in ORDERS
    ]
    return one_file(
        "dates_chinese",
        "2024年3月1日 上午9:00, and ￥",
        "会员消费2024年3月.csv",
        rows_text(head.split(","), rows),
        **all_orders(first_instant="2024-03-01 09:00:00", currency="CNY"),
    )


CASES = (taobao, jingdong, pinduoduo, meituan, wechat_merchant, alipay_merchant, big5_till, gbk_till, chinese_dates)
