# The command's way in and the result's way out: core's small types, and the contract's bytes.
unit_test(core/account)
unit_test(core/msisdn)
unit_test(core/amount m)
unit_test(core/codes codes_table)
unit_test(core/callback_url)
