# The webhook's own files; the program as a whole by tests/stack.
unit_test(webhook/route		core/callback_url core/api core/api_rows)
unit_test(webhook/sources)
unit_test(webhook/knock)
