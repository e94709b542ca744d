-- The truth about payments. Applied by `mkondo migrate`, in one transaction; never edited once released.
--
-- How it is laid out, and why: what a command said is written once (payment); where it stands is a narrow row
-- (payment_state) whose only index is its primary key, so that its updates are HOT; it grows to three times its first
-- size while the payment lives, hence the fillfactor (measured: 72 %, 80 %, 95 % HOT at 50, 35, 25). No index, and no index's
-- predicate, names a column that steps change. "Look at these then" (timer) and "these results are not
-- acknowledged yet" (owed) are a row per batch. Everything is found by payment id.
--
-- Strings are never NULL: '' is none. Times are NULL when not set. Money is Kenyan cents. Numbers of apis, lanes,
-- strengths and states are those of the programs' tables; state_name tells the states to people and to a test.

-- Which migrations were applied, with the SHA-256 of each file. Made by `mkondo migrate` before the first one.

create table state_name (
	no   smallint primary key,
	name text collate "C" not null unique
);
insert into state_name (no, name) values
	(0, 'ACCEPTED'), (1, 'RETRY'), (2, 'SENDING'), (3, 'PENDING'), (4, 'UNKNOWN'),
	(5, 'UNRESOLVED'), (6, 'SUCCEEDED'), (7, 'FAILED'), (8, 'CONFLICT');

create table payment (
	id          uuid primary key,
	amount      bigint not null check (amount >= 0),
	valid_until timestamptz,
	created_at  timestamptz,
	api         smallint not null,
	lane        smallint not null check (lane between 0 and 4),
	priority    smallint not null,
	rejected    boolean not null,
	tenant      text collate "C" not null,
	account     text collate "C" not null,
	party       text collate "C" not null,
	reference   text collate "C" not null,
	traceparent text collate "C" not null,
	fingerprint bytea not null check (octet_length(fingerprint) = 32),
	command     bytea not null
) with (fillfactor = 100);

create table payment_state (
	id              uuid primary key,
	due_at          timestamptz,
	fence_at        timestamptz,
	horizon_at      timestamptz,
	asked_at        timestamptz,
	decided_at      timestamptz,
	updated_at      timestamptz not null,
	token_no        bigint not null,
	moved           bigint not null,
	attempt         integer not null check (attempt between 0 and 65535),
	gen             integer not null,
	query_no        integer not null,
	asks            integer not null,
	put_offs        integer not null,
	result_ver      integer not null check (result_ver >= 0),
	state           smallint not null check (state between 0 and 8),
	heard           boolean not null,
	heard_receipt   text collate "C" not null,
	checkout_id     text collate "C" not null,
	merchant_id     text collate "C" not null,
	conversation_id text collate "C" not null,
	originator_id   text collate "C" not null,
	receipt         text collate "C" not null,
	cause_code      text collate "C" not null,
	frozen          bytea not null
) with (fillfactor = 30, autovacuum_vacuum_scale_factor = 0.05);

-- Append-only: one row per step, in the step's transaction. `no` is taken under the payments' locks, once per
-- batch, so (no, line) is the order in which a payment's steps happened; `at` is the transaction's start.
create sequence journal_no;
create table journal (
	payment_id  uuid not null,
	no          bigint not null,
	at          timestamptz not null default now(),
	evidence_no bigint not null, -- 0: none
	line        integer not null,
	attempt     integer not null,
	gen         integer not null,
	from_state  smallint not null check (from_state between 0 and 8),
	to_state    smallint not null check (to_state between 0 and 8),
	event       text collate "C" not null,
	cause       text collate "C" not null,
	service     text collate "C" not null,
	detail      text collate "C" not null
);
create index journal_payment on journal (payment_id);

create table timer (
	no     bigint generated always as identity primary key,
	due_at timestamptz not null,
	what   smallint not null check (what in (0, 1)), -- send, look
	lane   smallint not null check (lane between 0 and 4),
	ids    uuid[] not null
) with (toast_tuple_target = 8160, autovacuum_vacuum_scale_factor = 0.0, autovacuum_vacuum_threshold = 500);
alter table timer alter column ids set storage external;
create index timer_due on timer (due_at);

-- `least` and `most` bound the ids, so that the rows that a delivery report touches are found without opening arrays.
create table owed (
	no       bigint generated always as identity primary key,
	at       timestamptz not null default now(),
	next_at  timestamptz not null default now(),
	least    uuid not null,
	most     uuid not null,
	tries    integer not null default 0,
	ids      uuid[] not null,
	versions integer[] not null,
	check (cardinality(ids) = cardinality(versions))
) with (toast_tuple_target = 8160, fillfactor = 70, autovacuum_vacuum_scale_factor = 0.0, autovacuum_vacuum_threshold = 500);
alter table owed alter column ids set storage external;
alter table owed alter column versions set storage external;
create index owed_next on owed (next_at);

-- How many payments are in each state (0 ... 8) and how many receipts there are (100): sums of changes, written with
-- them and folded now and then, since counting ten million rows is not for every scrape.
create table tally (
	what smallint not null,
	n    bigint not null
) with (autovacuum_vacuum_scale_factor = 0.0, autovacuum_vacuum_threshold = 500);

-- Daraja's CheckoutRequestID or ConversationID -> payment, for plain callbacks and `mkondo find`.
create table provider_id (
	id         text collate "C" primary key,
	payment_id uuid not null
);

-- Never changed. Bodies are sealed: key id | nonce | text | tag.
create table evidence (
	no          bigint generated always as identity,
	payment_id  uuid not null,
	received_at timestamptz,
	gen         integer not null,
	query_no    integer not null,
	http_status integer not null,
	purpose     smallint not null,
	strength    smallint not null check (strength between 0 and 5),
	sha256      bytea not null check (octet_length(sha256) = 32),
	peer        text collate "C" not null,
	says        text collate "C" not null,
	body        bytea not null,
	unique (payment_id, gen, purpose, strength, sha256)
);
alter table evidence alter column body set storage external; -- sealed bytes do not shrink

create table orphan_evidence (
	no          bigint generated always as identity primary key,
	payment_id  uuid,
	received_at timestamptz,
	at          timestamptz not null default now(),
	purpose     smallint not null,
	strength    smallint not null,
	sha256      bytea not null,
	path        text collate "C" not null,
	peer        text collate "C" not null,
	why         text collate "C" not null,
	body        bytea not null
);
create unique index orphan_evidence_once on orphan_evidence (sha256, path, received_at);

-- One credit per receipt, whoever tells of it first. payment_id is NULL while only a C2B notice did.
create table receipt (
	receipt    text collate "C" primary key,
	payment_id uuid,
	amount     bigint not null,
	at         timestamptz not null default now(),
	api        smallint not null
);

create table dead_letter (
	no        bigint generated always as identity primary key,
	at        timestamptz not null default now(),
	"offset"  bigint not null,
	partition integer not null,
	topic     text collate "C" not null,
	reason    text collate "C" not null,
	detail    text collate "C" not null,
	sha256    bytea not null,
	key       bytea not null,
	value     bytea not null, -- sealed
	unique (topic, partition, "offset", sha256)
);

-- The rate bucket and the breaker of an (app, lane), shared by all dispatchers.
create table lane (
	app             text collate "C" not null,
	lane            smallint not null check (lane between 0 and 4),
	tokens          double precision not null,
	rate            double precision not null,
	bucket_at       timestamptz,
	slowed_at       timestamptz,
	paused_until    timestamptz,
	breaker_until   timestamptz,
	window_at       timestamptz,
	breaker_state   smallint not null check (breaker_state between 0 and 2),
	breaker_reason  smallint not null,
	opened          integer not null,
	in_a_row        integer not null,
	seen            integer not null,
	doubtful        integer not null,
	paused          boolean not null,
	primary key (app, lane)
) with (fillfactor = 20, autovacuum_vacuum_scale_factor = 0.0, autovacuum_vacuum_threshold = 200);

create table token (
	app           text collate "C" primary key,
	no            bigint not null,
	sealed        bytea not null,
	use_until     timestamptz,
	expires       timestamptz,
	made_at       timestamptz,
	refresh_until timestamptz
);

-- One row: while frozen, nothing is dispatched.
create table dispatch_freeze (
	only_row   boolean primary key default true check (only_row),
	frozen     boolean not null,
	why        text collate "C" not null,
	payment_id uuid,
	at         timestamptz
);
insert into dispatch_freeze (frozen, why) values (false, '');

-- What people did, and what waits for a second one.
create table operator_action (
	no           bigint generated always as identity primary key,
	at           timestamptz not null default now(),
	payment_id   uuid,
	confirmed_at timestamptz,
	attempt      integer not null,
	action       text collate "C" not null, -- paid, not-paid, pause, resume, recover, ...
	receipt      text collate "C" not null,
	reference    text collate "C" not null,
	first_by     text collate "C" not null,
	second_by    text collate "C" not null,
	detail       text collate "C" not null,
	check (second_by = '' or second_by <> first_by)
);
