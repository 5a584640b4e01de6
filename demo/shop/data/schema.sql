CREATE TABLE sku (
    id INTEGER PRIMARY KEY,
    marketplace VARCHAR(10) NOT NULL CHECK (marketplace IN ('WB', 'OZON')),
    nm_id INTEGER,
    ozon_id INTEGER,
    article VARCHAR(64) NOT NULL,
    brand VARCHAR(64),
    category VARCHAR(64)
);
CREATE UNIQUE INDEX ux_sku_marketplace_article ON sku (marketplace, article);

CREATE TABLE warehouse (
    id INTEGER PRIMARY KEY,
    marketplace VARCHAR(10) NOT NULL,
    code VARCHAR(32) NOT NULL,
    name VARCHAR(64),
    region VARCHAR(64)
);
CREATE UNIQUE INDEX ux_warehouse_marketplace_code ON warehouse (marketplace, code);

CREATE TABLE daily_sales (
    id INTEGER PRIMARY KEY,
    d DATE NOT NULL,
    sku_id INTEGER NOT NULL REFERENCES sku (id),
    warehouse_id INTEGER NOT NULL REFERENCES warehouse (id),
    qty INTEGER NOT NULL,
    refunds_qty INTEGER NOT NULL DEFAULT 0,
    revenue_gross FLOAT NOT NULL,
    refunds_amount FLOAT NOT NULL DEFAULT 0,
    promo_cost FLOAT NOT NULL DEFAULT 0,
    delivery_cost FLOAT NOT NULL DEFAULT 0,
    commission_amount FLOAT NOT NULL DEFAULT 0,
    channel VARCHAR(8),
    src_hash VARCHAR(64),
    CONSTRAINT uq_daily_sales UNIQUE (d, sku_id, warehouse_id)
);
CREATE INDEX ix_daily_sales_d ON daily_sales (d);

CREATE TABLE daily_stock (
    id INTEGER PRIMARY KEY,
    d DATE NOT NULL,
    sku_id INTEGER NOT NULL REFERENCES sku (id),
    warehouse_id INTEGER NOT NULL REFERENCES warehouse (id),
    on_hand INTEGER NOT NULL,
    in_transit INTEGER NOT NULL DEFAULT 0,
    src_hash VARCHAR(64),
    CONSTRAINT uq_daily_stock UNIQUE (sku_id, warehouse_id, d)
);

CREATE TABLE cashflow_daily (
    d DATE NOT NULL,
    marketplace VARCHAR(10) NOT NULL,
    inflow FLOAT NOT NULL,
    outflow FLOAT NOT NULL,
    net FLOAT NOT NULL,
    src_hash VARCHAR(64),
    PRIMARY KEY (d, marketplace)
);

CREATE TABLE pnl_daily (
    d DATE NOT NULL,
    sku_id INTEGER NOT NULL REFERENCES sku (id),
    marketplace VARCHAR(10) NOT NULL,
    revenue_net FLOAT NOT NULL,
    cogs FLOAT NOT NULL,
    gross_profit FLOAT NOT NULL,
    refunds FLOAT NOT NULL,
    delivery_cost FLOAT NOT NULL,
    promo_cost FLOAT NOT NULL,
    commissions FLOAT NOT NULL,
    writeoffs FLOAT NOT NULL,
    margin_pct FLOAT,
    src_hash VARCHAR(64),
    PRIMARY KEY (d, sku_id, marketplace)
);

-- A rule holds from effective_from up to, and without, effective_until.
CREATE TABLE commission_rules (
    id INTEGER PRIMARY KEY,
    marketplace VARCHAR(10) NOT NULL,
    category VARCHAR(64) NOT NULL,
    rate_pct FLOAT NOT NULL,
    fixed_per_unit FLOAT NOT NULL DEFAULT 0,
    effective_from DATE NOT NULL,
    effective_until DATE,
    updated_at DATETIME
);
CREATE INDEX ix_commission_rules_lookup
    ON commission_rules (marketplace, category, effective_from);

CREATE TABLE reviews (
    review_id VARCHAR(64) PRIMARY KEY,
    marketplace VARCHAR(10) NOT NULL,
    sku_id INTEGER REFERENCES sku (id),
    created_at_utc DATETIME NOT NULL,
    rating INTEGER NOT NULL,
    has_media BOOLEAN NOT NULL DEFAULT 0,
    text TEXT,
    reply_status VARCHAR(16) NOT NULL DEFAULT 'pending',
    reply_id VARCHAR(64),
    replied_at_utc DATETIME
);
CREATE INDEX ix_reviews_created ON reviews (created_at_utc);
CREATE INDEX ix_reviews_status ON reviews (reply_status, created_at_utc);

CREATE TABLE job_runs (
    id INTEGER PRIMARY KEY,
    job_name VARCHAR(64) NOT NULL,
    started_at DATETIME NOT NULL,
    finished_at DATETIME,
    status VARCHAR(16) NOT NULL,
    duration_seconds FLOAT,
    error_message TEXT,
    metadata JSON
);
CREATE INDEX ix_job_runs_started_at ON job_runs (started_at);
CREATE INDEX ix_job_runs_job_name_started_at ON job_runs (job_name, started_at);

CREATE TABLE ops_alerts_history (
    id INTEGER PRIMARY KEY,
    created_at DATETIME NOT NULL,
    source VARCHAR(64) NOT NULL,
    severity VARCHAR(16) NOT NULL,
    message TEXT NOT NULL,
    fingerprint VARCHAR(64) NOT NULL,
    extras_json TEXT,
    sent_to_chat_ids TEXT
);
CREATE INDEX ix_ops_alerts_created ON ops_alerts_history (created_at);

CREATE TABLE ops_remediation_history (
    id INTEGER PRIMARY KEY,
    triggered_at DATETIME NOT NULL,
    alert_id INTEGER REFERENCES ops_alerts_history (id),
    action_name VARCHAR(64) NOT NULL,
    status VARCHAR(16) NOT NULL,
    details TEXT,
    retry_count INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX ix_ops_remediation_triggered ON ops_remediation_history (triggered_at);

CREATE VIEW vw_cashflow_daily AS
SELECT d, ROUND(SUM(SUM(net)) OVER (ORDER BY d), 2) AS cumulative_balance
FROM cashflow_daily
GROUP BY d;

-- No aggregate and no function on d: a range of days reaches the index of daily_sales. The one
-- rule that holds is looked up by the end of an index, so a long history of rates costs nothing.
-- A sale that no rule covers has no calculated commission and no flag.
CREATE VIEW vw_commission_recon AS
SELECT
    d,
    sku_id,
    article,
    marketplace,
    actual_commission,
    calc_commission,
    ROUND(actual_commission - calc_commission, 2) AS delta_abs,
    ROUND(100.0 * (actual_commission - calc_commission) / NULLIF(calc_commission, 0), 2)
        AS delta_pct,
    ABS(actual_commission - calc_commission) > 0.05 * ABS(calc_commission) AS flag_outlier
FROM (
    SELECT
        s.d,
        s.sku_id,
        k.article,
        k.marketplace,
        s.commission_amount AS actual_commission,
        (s.revenue_gross - s.refunds_amount) * r.rate_pct / 100.0
            + (s.qty - s.refunds_qty) * r.fixed_per_unit AS calc_commission
    FROM daily_sales AS s
    JOIN sku AS k ON k.id = s.sku_id
    LEFT JOIN commission_rules AS r
        ON r.id = (
            SELECT c.id
            FROM commission_rules AS c
            WHERE c.marketplace = k.marketplace
                AND c.category = k.category
                AND c.effective_from <= s.d
            ORDER BY c.effective_from DESC
            LIMIT 1
        )
        AND (r.effective_until IS NULL OR s.d < r.effective_until)
);

CREATE VIEW vw_inventory_snapshot AS
SELECT t.sku_id, t.warehouse_id, w.name AS warehouse, t.on_hand, t.in_transit, t.d
FROM daily_stock AS t
JOIN warehouse AS w ON w.id = t.warehouse_id
WHERE t.d = (
    SELECT MAX(n.d) FROM daily_stock AS n
    WHERE n.sku_id = t.sku_id AND n.warehouse_id = t.warehouse_id
);

CREATE VIEW vw_pnl_actual_daily AS
SELECT p.*, k.article
FROM pnl_daily AS p
JOIN sku AS k ON k.id = p.sku_id;
