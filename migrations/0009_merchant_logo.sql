-- The logo of the business itself: shown where a payment page has none of its own, and on checkouts of the API.
ALTER TABLE merchants ADD COLUMN logo_id BIGINT;
