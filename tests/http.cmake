set(http_server io/http_server io/http_address io/http_connection io/http_exchange io/http_listen io/http_socket io/http_head
	io/http_body io/tls_server io/tls_link io/tls_tickets io/random llhttp PkgConfig::uv PkgConfig::ssl)
unit_test(${http_server})
unit_test(io/tls_server ${http_server})
unit_test(io/http_client io/http_call ${http_server} PkgConfig::curl)
unit_test(io/http_head io/http_body llhttp)
target_sources(test_io_http_head PRIVATE tests/fuzz/fuzz_http_head.c)
# What Daraja's side of a connection can do to a request, with TLS and without.
unit_test(io/http_call		io/http_client PkgConfig::curl PkgConfig::uv PkgConfig::ssl)
