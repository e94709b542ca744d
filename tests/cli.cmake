# mkondo, the command line: its pure files; the program as a whole by tests/stack/test_operator.py.
function(cli_test name)
	unit_test(mkondo/${name} ${ARGN})
	target_include_directories(test_mkondo_${name} PRIVATE tools)
endfunction()

cli_test(result_check	core)
cli_test(id_prefix)
cli_test(doctor_check	core)
