# Daraja: requests, answers, callbacks, accounts, credentials, the send journal.
set(daraja_parsers wire/daraja_json wire/daraja_redacted core PkgConfig::jansson m)
unit_test(wire/daraja_answer ${daraja_parsers})
target_sources(test_wire_daraja_answer PRIVATE ${CMAKE_SOURCE_DIR}/tests/fuzz/fuzz_daraja_answer.c)
