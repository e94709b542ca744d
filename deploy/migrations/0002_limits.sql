-- What the dispatchers' limits keep in a lane's row: the retry budget, and the ceiling that the dispatcher which wrote last
-- was given (0: none did yet), for those who look. A used-up quota opens the breaker, so no pause of the bucket is kept any more.

alter table lane
	drop column paused_until,
	add column ceiling double precision not null default 0,
	add column retry_tokens double precision not null default 1,
	add column retry_at timestamptz;

-- An empty retry_at counts from the epoch: the budget fills up at its next use.
