# The services' pure files.
unit_test(dispatcher/app_table	io)
unit_test(dispatcher/backlog	core/api core/api_rows)
unit_test(dispatcher/gate	core/bucket core/breaker core/amount)
unit_test(dispatcher/pace)
unit_test(dispatcher/probe_choice	core/payment core/payment_cause ${life})
unit_test(dispatcher/runs		core/breaker)
unit_test(poller/overdue	core)
unit_test(ingest/intake		wire)
