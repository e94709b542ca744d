# io/kafka: what needs no broker; the rest on an embedded broker of its own, and on the Apache Kafka that
# TEST_KAFKA names.
unit_test(io/kafka io/kafka_client io/kafka_topics io/clock PkgConfig::rdkafka)

add_executable(test_kafka tests/kafka/test_kafka.c)
target_link_libraries(test_kafka PRIVATE io PkgConfig::cmocka -Wl,--wrap=rd_kafka_new,--wrap=rd_kafka_pause_partitions,--wrap=rd_kafka_seek_partitions)
target_compile_definitions(test_kafka PRIVATE SOURCE_DIR="${CMAKE_SOURCE_DIR}")
set(TEST_DEVBROKER_PORT 18802 CACHE STRING "where the Kafka tests have their embedded broker")
add_test(NAME kafka/embedded COMMAND ${CMAKE_SOURCE_DIR}/tests/kafka/on_devbroker.sh $<TARGET_FILE:devbroker>
	${TEST_DEVBROKER_PORT} $<TARGET_FILE:test_kafka> WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
add_test(NAME kafka/apache COMMAND test_kafka WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
set_tests_properties(kafka/embedded kafka/apache PROPERTIES LABELS kafka ENVIRONMENT "${test_environment}" TIMEOUT 300)

# docs/configuration.md is printed by the services; the test says when it is stale.
add_test(NAME unit/docs/configuration.md COMMAND sh -c
	"tools/document/configuration.sh '${CMAKE_RUNTIME_OUTPUT_DIRECTORY}' | diff -u docs/configuration.md - || { echo 'docs/configuration.md is stale: ./run docs' >&2; exit 1; }"
	WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
set_tests_properties(unit/docs/configuration.md PROPERTIES LABELS unit ENVIRONMENT "${test_environment}" TIMEOUT 60)

# docs/metrics.md likewise.
add_test(NAME unit/docs/metrics.md COMMAND sh -c
	"tools/document/metrics.sh '${CMAKE_RUNTIME_OUTPUT_DIRECTORY}' | diff -u docs/metrics.md - || { echo 'docs/metrics.md is stale: ./run docs' >&2; exit 1; }"
	WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
set_tests_properties(unit/docs/metrics.md PROPERTIES LABELS unit ENVIRONMENT "${test_environment}" TIMEOUT 60)
