"""Doors of the stock ledger: goods are found, taken and kept by one call each.

They run as who calls them: every rule of the tables stands behind them.
"""

from __future__ import annotations

from prs.kernel.db.constraints import DatabaseStep

PARTS = (
    "TABLE (line uuid, product uuid, batch uuid, quantity numeric, worth numeric, stale boolean)"
)
# First expired first out, then first in. A line that can't be had in full ends with a row without a batch
# that says how much is missing, and whether all that lies there is past its date.
PORTIONS = """
#variable_conflict use_column
DECLARE
  batches uuid[]; products uuid[]; ends date[]; there numeric[]; values_ numeric[]; kept numeric[];
  asked record; missing numeric; part numeric; value_ numeric; named boolean; good boolean;
BEGIN
  SELECT array_agg(h.batch), array_agg(h.product), array_agg(h.expires_on), array_agg(h.on_hand),
         array_agg(h.worth), array_agg(h.reserved)
    INTO batches, products, ends, there, values_, kept
    FROM (SELECT * FROM stock_held(
            at_place,
            ARRAY(SELECT DISTINCT (w->>'product')::uuid FROM jsonb_array_elements(wanted) w),
            mine, moment)
          ORDER BY expires_on NULLS LAST, received_on, batch) h;
  FOR asked IN SELECT w.* FROM ROWS FROM (jsonb_to_recordset(wanted)
      AS (line uuid, product uuid, quantity numeric, batch uuid)) WITH ORDINALITY AS w
      ORDER BY w.ordinality LOOP
    missing := asked.quantity; named := false; good := false;
    FOR i IN 1 .. coalesce(cardinality(batches), 0) LOOP
      CONTINUE WHEN products[i] <> asked.product OR batches[i] <> asked.batch;
      named := true;
      CONTINUE WHEN fresh AND ends[i] < today;
      good := true;
      part := least(greatest(there[i] - kept[i], 0), missing);
      CONTINUE WHEN part <= 0;
      value_ := CASE WHEN part = there[i] THEN values_[i]
                     ELSE round(values_[i] * part / there[i], digits) END;
      there[i] := there[i] - part; values_[i] := values_[i] - value_; missing := missing - part;
      line := asked.line; product := asked.product; batch := batches[i];
      quantity := part; worth := value_; stale := false;
      RETURN NEXT;
    END LOOP;
    IF missing > 0 OR (named AND NOT good) THEN
      line := asked.line; product := asked.product; batch := NULL;
      quantity := missing; worth := 0; stale := named AND NOT good;
      RETURN NEXT;
    END IF;
  END LOOP;
END
"""
# All lines or none: where something is missing, nothing is written.
TAKE = """
#variable_conflict use_column
DECLARE
  org uuid := nullif(current_setting('prs.org', true), '')::uuid;
  found jsonb;
BEGIN
  SELECT jsonb_agg(to_jsonb(p)) INTO found
    FROM stock_portions(at_place, wanted, holder, (cause->>'at')::timestamptz,
                        (cause->>'on')::date, fresh, digits) p;
  IF NOT found @> '[{"batch": null}]' THEN
    UPDATE stock_reservation SET state = 'committed'
     WHERE organization_id = org AND holder_id = holder AND state = 'active';
    INSERT INTO stock_movement (id, organization_id, batch_id, product_id, place_id, kind, quantity,
                                value, source_kind, source_id, line_id, on_date, at, by_id, by_label)
    SELECT tenancy_new_id(), org, p.batch, p.product, at_place, move, -p.quantity, -p.worth, cause->>'kind',
           (cause->>'id')::uuid, p.line, (cause->>'on')::date, (cause->>'at')::timestamptz,
           (cause->>'by')::uuid, cause->>'label'
    FROM jsonb_to_recordset(found)
      AS p (line uuid, product uuid, batch uuid, quantity numeric, worth numeric);
  END IF;
  RETURN QUERY SELECT p.* FROM jsonb_to_recordset(found)
    AS p (line uuid, product uuid, batch uuid, quantity numeric, worth numeric, stale boolean);
END
"""
# What the line kept before is let go, and so is what ran out: it may be somebody else's by now. What else
# the holder keeps lasts as long as the new. All balances are held in one order before the first is renewed.
KEEP = """
#variable_conflict use_column
DECLARE
  org uuid := nullif(current_setting('prs.org', true), '')::uuid;
  holder uuid := (cause->>'id')::uuid;
  moment timestamptz := (cause->>'at')::timestamptz;
  line_ uuid := (wanted->0->>'line')::uuid;
  found jsonb;
BEGIN
  PERFORM FROM stock_held(
    at_place,
    ARRAY(SELECT product_id FROM stock_reservation
          WHERE organization_id = org AND holder_id = holder AND state = 'active'
          UNION SELECT (wanted->0->>'product')::uuid),
    holder, moment);
  SELECT jsonb_agg(to_jsonb(p)) INTO found
    FROM stock_portions(at_place, wanted, line_, moment, (cause->>'on')::date, true, digits) p;
  IF found IS NULL OR NOT found @> '[{"batch": null}]' THEN
    UPDATE stock_reservation SET state = 'released'
     WHERE organization_id = org AND holder_id = holder AND state = 'active'
       AND (line_id = line_ OR expires_at <= moment);
    UPDATE stock_reservation SET reserved_at = moment, expires_at = until
     WHERE organization_id = org AND holder_id = holder AND state = 'active';
    INSERT INTO stock_reservation (id, organization_id, batch_id, product_id, place_id, quantity, state,
        holder_kind, holder_id, line_id, on_date, reserved_at, expires_at)
    SELECT tenancy_new_id(), org, p.batch, p.product, at_place, p.quantity, 'active',
           cause->>'kind', holder, line_, (cause->>'on')::date, moment, until
    FROM jsonb_to_recordset(found) AS p (product uuid, batch uuid, quantity numeric)
    ORDER BY p.batch;
  END IF;
  RETURN QUERY SELECT p.* FROM jsonb_to_recordset(found)
    AS p (line uuid, product uuid, batch uuid, quantity numeric, worth numeric, stale boolean);
END
"""


def door(name: str, takes: str, body: str) -> DatabaseStep:
    """A function that answers with parts of batches, as who calls it."""
    return DatabaseStep(name=name, takes=takes, gives=PARTS, body=body)


DOORS = (
    door(
        "stock_portions",
        "at_place uuid, wanted jsonb, mine uuid, moment timestamptz, today date, fresh boolean, "
        "digits integer",
        PORTIONS,
    ),
    door(
        "stock_take",
        "at_place uuid, wanted jsonb, holder uuid, move text, cause jsonb, fresh boolean, "
        "digits integer",
        TAKE,
    ),
    door(
        "stock_keep",
        "at_place uuid, wanted jsonb, cause jsonb, until timestamptz, digits integer",
        KEEP,
    ),
)
