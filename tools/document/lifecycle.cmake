# lifecycle_doc prints docs/lifecycle.md; the test says when the page is not what the table says any more.
add_executable(lifecycle_doc ${CMAKE_SOURCE_DIR}/tools/document/lifecycle_doc.c
	${CMAKE_SOURCE_DIR}/common/core/lifecycle.c)
target_link_libraries(lifecycle_doc PRIVATE base)
add_test(NAME unit/docs/lifecycle.md COMMAND sh -c
	"'$<TARGET_FILE:lifecycle_doc>' | diff -u docs/lifecycle.md - || { echo 'docs/lifecycle.md is stale: ./run docs' >&2; exit 1; }"
	WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
set_tests_properties(unit/docs/lifecycle.md PROPERTIES LABELS unit ENVIRONMENT "${test_environment}" TIMEOUT 60)

# codes_doc does the same for docs/codes.md.
add_executable(codes_doc ${CMAKE_SOURCE_DIR}/tools/document/codes_doc.c)
target_link_libraries(codes_doc PRIVATE core)
add_test(NAME unit/docs/codes.md COMMAND sh -c
	"'$<TARGET_FILE:codes_doc>' | diff -u docs/codes.md - || { echo 'docs/codes.md is stale: ./run docs' >&2; exit 1; }"
	WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
set_tests_properties(unit/docs/codes.md PROPERTIES LABELS unit ENVIRONMENT "${test_environment}" TIMEOUT 60)
