# darajasim: its pure parts by unit tests; the program as a whole by tests/stack/test_darajasim.py.
function(sim_test name)
	unit_test(darajasim/${name} ${ARGN} PkgConfig::jansson)
	target_include_directories(test_darajasim_${name} PRIVATE tools)
endfunction()

sim_test(draw)
sim_test(ids)
sim_test(fields)
sim_test(options)
sim_test(ledger)
sim_test(tokens darajasim/rates)
sim_test(scenario darajasim/plan darajasim/product darajasim/draw darajasim/faults)
sim_test(faults darajasim/plan darajasim/product)
sim_test(bodies darajasim/bodies_parts darajasim/bodies_newer darajasim/bodies_balance darajasim/bodies_transfer darajasim/results darajasim/ids darajasim/draw)
sim_test(variant darajasim/bodies darajasim/bodies_parts darajasim/bodies_newer darajasim/bodies_balance darajasim/bodies_transfer darajasim/results darajasim/ids darajasim/draw darajasim/plan darajasim/faults
	darajasim/product)

if(TARGET darajasim)
	add_test(NAME stack/darajasim COMMAND /usr/bin/python3 -m pytest -q --noconftest -p no:cacheprovider tests/stack/test_darajasim.py
		WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
	set_tests_properties(stack/darajasim PROPERTIES LABELS stack TIMEOUT 180
		ENVIRONMENT "MKONDO_BIN=${CMAKE_RUNTIME_OUTPUT_DIRECTORY};${test_environment}")
endif()
