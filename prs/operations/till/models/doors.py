"""Doors of the till: what a scan and a checkout write, by one call each.

They run as who calls them: every right, policy, constraint and trigger of the tables stands behind them.
What is sold for how much was worked out before, in Python.
"""

from __future__ import annotations

from prs.kernel.db.constraints import DatabaseStep

# A basket as it is now, the lines that are new or worth something else, and a word to the open pages.
WRITE = """
BEGIN
  UPDATE till_sale s
     SET (customer_id, level, discount_percent, discount_fixed, discount_by_id, discount,
          net_total, tax_total, total, line_count, touched_at)
       = (n.customer_id, n.level, n.discount_percent, n.discount_fixed, n.discount_by_id, n.discount,
          n.net_total, n.tax_total, n.total, n.line_count, n.touched_at)
    FROM jsonb_populate_record(NULL::till_sale, basket) n
   WHERE s.id = n.id;
  INSERT INTO till_saleline SELECT * FROM jsonb_populate_recordset(NULL::till_saleline, lines)
  ON CONFLICT (id) DO UPDATE
     SET (quantity, unit_price, gross, discount, basket_share, net, tax, total, taxes)
       = (excluded.quantity, excluded.unit_price, excluded.gross, excluded.discount,
          excluded.basket_share, excluded.net, excluded.tax, excluded.total, excluded.taxes);
  PERFORM activity_announce('basket', 'till.sell', NULL, 'till.sale', (basket->>'id')::uuid,
                            (basket->>'touched_at')::timestamptz);
END
"""

# A basket becomes a sale: its goods leave unless they left before, each line learns what was given for it,
# the receipt gets its number, what was handed over goes into the drawer, the books get their entry, and the
# history its event. The basket and the drawer are held since they were read. What is missing is told, and
# then nothing is written. Of the entry's sides those of the goods are worth what the goods cost, `times` one
# or minus one. What everybody waits for, the counters and the books, is taken last.
COMPLETE = """
DECLARE
  org uuid := nullif(current_setting('prs.org', true), '')::uuid;
  sold uuid := (said->>'id')::uuid;
  missing jsonb; cost_ numeric; number_ text := said->>'number'; codes text[]; amounts numeric[]; memos text[];
BEGIN
  SELECT jsonb_agg(jsonb_build_array(t.line, t.quantity::text, t.stale)) INTO missing
    FROM stock_take((said->>'place_id')::uuid, wanted, sold, 'sale', cause, true, digits) t
   WHERE t.batch IS NULL;
  IF missing IS NOT NULL THEN RETURN jsonb_build_object('missing', missing); END IF;
  UPDATE till_saleline l SET parts = g.parts, cost = g.cost
    FROM (SELECT line_id, -sum(value) AS cost,
                 jsonb_agg(jsonb_build_array(batch_id, (-quantity)::text, (-value)::text) ORDER BY id)
                   AS parts
          FROM stock_movement
          WHERE organization_id = org AND source_id = sold AND kind = 'sale' GROUP BY line_id) g
   WHERE l.organization_id = org AND l.sale_id = sold AND l.id = g.line_id;
  SELECT coalesce(sum(cost), 0) INTO cost_ FROM till_saleline
   WHERE organization_id = org AND sale_id = sold;
  IF number_ = '' THEN
    number_ := tenancy_count_up(receipt->>'kind', receipt->>'period')::text;
    number_ := (receipt->>'prefix') || lpad(number_, greatest(length(number_), 4), '0');
  END IF;
  UPDATE till_sale s
     SET (state, number, cost, held_at, key, shift_id, till_id, seller_id, invoice_id, paid, rounding,
          on_credit, completed_at, completed_on, touched_at)
       = ('completed', number_, cost_, NULL, n.key, n.shift_id, n.till_id, n.seller_id, n.invoice_id,
          n.paid, n.rounding, n.on_credit, n.completed_at, n.completed_on, n.touched_at)
    FROM jsonb_populate_record(NULL::till_sale, said) n
   WHERE s.id = sold;
  INSERT INTO till_tender SELECT * FROM jsonb_populate_recordset(NULL::till_tender, tenders);
  SELECT array_agg(w.account), array_agg(w.worth), array_agg(w.memo) INTO codes, amounts, memos
    FROM (SELECT account, coalesce(amount, cost_ * times) AS worth, memo
          FROM jsonb_to_recordset(entry->'sides')
            AS side (account text, amount numeric, times integer, memo text)) w
   WHERE w.worth <> 0;
  IF codes IS NOT NULL THEN
    PERFORM bookkeeping_post(
      tenancy_new_id(), cause->>'kind', sold, 'sold', (cause->>'on')::date, said->>'currency',
      number_ || ' ' || (entry->>'place'), (cause->>'by')::uuid, cause->>'label',
      (cause->>'at')::timestamptz, codes, amounts, memos => memos);
  END IF;
  PERFORM activity_record(
    event || jsonb_build_object(
      'subject_label', number_,
      'words', (event->'words') || jsonb_build_object('subject', number_)),
    topics, permission);
  RETURN jsonb_build_object('number', number_, 'cost', cost_::text);
END
"""

DOORS = (
    DatabaseStep(
        name="till_write_basket",
        takes="basket jsonb, lines jsonb",
        gives="void",
        body=WRITE,
    ),
    DatabaseStep(
        name="till_complete",
        takes="said jsonb, wanted jsonb, cause jsonb, digits integer, receipt jsonb, tenders jsonb, "
        "entry jsonb, event jsonb, topics text[], permission text",
        gives="jsonb",
        body=COMPLETE,
    ),
)
