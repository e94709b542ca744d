unit_test(core/lifecycle)
unit_test(core/api core/api_rows)

set(life core/lifecycle core/api core/api_rows core/amount core/retry core/bucket)
unit_test(core/payment core/payment_cause ${life})
unit_test(core/payment_look core/payment core/payment_cause ${life})
unit_test(core/payment_recover core/payment core/payment_cause ${life})
unit_test(core/about core/command_field core/payment core/payment_cause ${life})
unit_test(core/retry core/bucket)
unit_test(core/bucket)
unit_test(core/breaker)
unit_test(core/result core/details core/msisdn ${life})
unit_test(core/evidence core/payment core/payment_cause core/details ${life})
unit_test(core/answer core/details core/codes codes_table ${life})

include(${CMAKE_SOURCE_DIR}/tools/document/lifecycle.cmake)

add_test(NAME model/small COMMAND ${CMAKE_SOURCE_DIR}/tests/model/check.sh --small)
set_tests_properties(model/small PROPERTIES LABELS model TIMEOUT 600)
