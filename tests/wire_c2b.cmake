# C2B: rules, addresses, notices, and what the webhook keeps in memory of them.
unit_test(core/c2b_pattern)
unit_test(core/c2b_rules core/c2b_pattern core/amount)
unit_test(webhook/c2b_references core/c2b_rules core/c2b_pattern core/amount)
unit_test(core/c2b_url core/callback_url core/api core/api_rows)
unit_test(wire/daraja_c2b wire/daraja_evidence wire/daraja_answer ${daraja_parsers})
unit_test(wire/receipt_wire wire/cloudevent core/result core/details core/lifecycle core/api core/api_rows core/amount core/msisdn ${wire_proto})
unit_test(webhook/c2b_visit webhook/c2b_book core/c2b_url core/callback_url webhook/c2b_references core/c2b_rules core/c2b_pattern core/amount
	core/api core/api_rows io/account_file io/file PkgConfig::cyaml)
unit_test(wire/c2b_command wire)
store_test(notice)
