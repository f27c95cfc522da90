"""Money in orders against money in their lines, per export, and the difference by its reason."""

MONEY = """
WITH lined AS (SELECT order_id, sum(sales_cents) AS cents FROM silver.order_lines GROUP BY order_id),
     sides AS (SELECT o._export AS export, o.total_cents, l.order_id IS NOT NULL AS has_lines,
                      coalesce(l.cents, 0) AS line_cents,
                      coalesce(array_join(o.quality_flags, ' ') LIKE '%order_incomplete%', false) AS is_incomplete,
                      coalesce(array_join(o.quality_flags, ' ') LIKE '%told_twice%', false) AS is_told_twice
               FROM silver.orders o LEFT JOIN lined l ON o.order_id = l.order_id)
SELECT export, count(*) AS orders, CAST(sum(total_cents) AS DOUBLE) / 100 AS in_orders,
       CAST(sum(line_cents) AS DOUBLE) / 100 AS in_lines,
       CAST(sum(CASE WHEN NOT has_lines THEN total_cents ELSE 0 END) AS DOUBLE) / 100 AS without_lines,
       CAST(sum(CASE WHEN has_lines AND is_incomplete THEN total_cents - line_cents ELSE 0 END) AS DOUBLE) / 100
           AS of_incomplete,
       CAST(sum(CASE WHEN has_lines AND NOT is_incomplete AND total_cents > line_cents
                     THEN total_cents - line_cents ELSE 0 END) AS DOUBLE) / 100 AS charges,
       CAST(sum(CASE WHEN has_lines AND NOT is_incomplete AND total_cents < line_cents
                     THEN total_cents - line_cents ELSE 0 END) AS DOUBLE) / 100 AS reductions,
       sum(CASE WHEN is_incomplete THEN 1 ELSE 0 END) AS incomplete_orders,
       CAST(sum(CASE WHEN is_incomplete THEN total_cents ELSE 0 END) AS DOUBLE) / 100 AS in_incomplete,
       sum(CASE WHEN is_told_twice THEN 1 ELSE 0 END) AS told_twice_orders,
       CAST(sum(CASE WHEN is_told_twice THEN total_cents ELSE 0 END) AS DOUBLE) / 100 AS in_told_twice
FROM sides GROUP BY export ORDER BY orders DESC, export
"""
