# io/kafka against a real broker, whose address comes in MKONDO_TEST_KAFKA.
add_executable(test_kafka tests/kafka/test_kafka.c)
target_link_libraries(test_kafka PRIVATE io PkgConfig::cmocka -Wl,--wrap=rd_kafka_new)
target_compile_definitions(test_kafka PRIVATE SOURCE_DIR="${CMAKE_SOURCE_DIR}")
target_include_directories(test_kafka PRIVATE tests/unit)
add_test(NAME kafka/kafka COMMAND test_kafka WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
set_tests_properties(kafka/kafka PROPERTIES LABELS kafka ENVIRONMENT "${test_environment}" RUN_SERIAL ON TIMEOUT 300)
