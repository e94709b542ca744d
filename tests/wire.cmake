# The command's way in and the result's way out: core's small types, and the contract's bytes.
unit_test(core/account)
unit_test(core/account_follow)
unit_test(core/msisdn)
unit_test(core/amount)
unit_test(core/codes codes_table)
unit_test(core/codes_unlisted core/codes codes_table)
unit_test(core/callback_url)

set(wire_command core/command core/command_check core/command_operation core/command_field core/command_field_check
	core/amount core/msisdn core/account core/api core/api_rows)
unit_test(core/command ${wire_command})

unit_test(wire/transfer_command wire)

set(wire_proto wire/proto_field wire/proto_check wire/proto_pack wire/proto_value wire/proto_from_json wire/proto_to_json
	proto PkgConfig::jansson)
unit_test(wire/proto_json ${wire_proto})
target_sources(test_wire_proto_json PRIVATE tests/fuzz/fuzz_proto_json.c)
unit_test(wire/command_wire wire/command_rescue wire/command_fields ${wire_command} ${wire_proto})
target_sources(test_wire_command_wire PRIVATE tests/fuzz/fuzz_command_wire.c)
unit_test(wire/hint_wire ${wire_proto})
unit_test(wire/callback_wire core/api core/api_rows ${wire_proto})
unit_test(wire/result_wire wire/result_details core/details wire/command_wire wire/command_rescue wire/command_fields core/result core/lifecycle ${wire_command} ${wire_proto})
unit_test(wire/cloudevent core/result core/details core/lifecycle core/api core/api_rows core/amount core/msisdn)
