# The webhook's own files; the program as a whole by tests/stack.
unit_test(webhook/route		core/callback_url core/api)
unit_test(webhook/sources)
unit_test(webhook/knock)
# What Daraja's side of a connection can do to a request, with TLS and without.
unit_test(io/http_call		io/http_client PkgConfig::curl PkgConfig::uv PkgConfig::ssl)
