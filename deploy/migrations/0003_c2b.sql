-- What M-PESA told of money that customers sent, once per receipt; whose credit it is stands in the table receipt. The notice
-- that came first is kept, so that a record which is read again after a crash is told again as it was: `record` is its
-- fingerprint, and `is_new` says that nothing had told of the receipt before. Customers are masked or hashed by M-PESA.
create table c2b_notice (
	receipt        text collate "C" primary key,
	record         bytea not null check (octet_length(record) = 32),
	is_new         boolean not null,
	amount         bigint not null,
	paid_at        timestamptz,
	received_at    timestamptz not null,
	at             timestamptz not null default now(),
	account        text collate "C" not null,
	shortcode      text collate "C" not null,
	bill_reference text collate "C" not null,
	customer       text collate "C" not null,
	body           bytea not null -- sealed
);
alter table c2b_notice alter column body set storage external; -- sealed bytes do not shrink
