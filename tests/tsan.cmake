# Under ThreadSanitizer every program that holds librdkafka gets tests/tsan/c11_threads.c, which says why.
if(MKONDO_SANITIZE MATCHES thread)
	add_library(c11_threads OBJECT tests/tsan/c11_threads.c)
	target_link_libraries(PkgConfig::rdkafka INTERFACE $<TARGET_OBJECTS:c11_threads>)
endif()
