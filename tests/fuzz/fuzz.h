#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/* libFuzzer's entry: any bytes; always 0. A broken promise ends the process by must(). */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
