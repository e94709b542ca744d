#include "base/crc32c.h"

#include <pthread.h>
#include <stdbool.h>
#include <string.h>

enum { TABLES = 8 };

static uint32_t tables[TABLES][256];
static pthread_once_t once = PTHREAD_ONCE_INIT;

/* Castagnoli's polynomial, reflected. Table n is what a byte does n bytes further on. */
static void fill_tables(void)
{
	for (uint32_t i = 0; i < 256; i++) {
		uint32_t crc = i;

		for (int bit = 0; bit < 8; bit++)
			crc = (crc >> 1) ^ (0x82f63b78u & (0u - (crc & 1)));
		tables[0][i] = crc;
	}
	for (uint32_t i = 0; i < 256; i++)
		for (int n = 1; n < TABLES; n++)
			tables[n][i] = (tables[n - 1][i] >> 8) ^ tables[0][tables[n - 1][i] & 0xff];
}

static uint32_t by_tables(uint32_t crc, const unsigned char *at, size_t len)
{
	pthread_once(&once, fill_tables);
	for (; len >= 8; at += 8, len -= 8) {
		crc ^= (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
		crc = tables[7][crc & 0xff] ^ tables[6][crc >> 8 & 0xff] ^ tables[5][crc >> 16 & 0xff] ^
		      tables[4][crc >> 24] ^ tables[3][at[4]] ^ tables[2][at[5]] ^ tables[1][at[6]] ^
		      tables[0][at[7]];
	}
	while (len-- > 0)
		crc = tables[0][(crc ^ *at++) & 0xff] ^ (crc >> 8);
	return crc;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) static uint32_t by_processor(
	uint32_t crc, const unsigned char *at, size_t len)
{
	uint64_t wide = crc;

	for (; len >= 8; at += 8, len -= 8) {
		uint64_t word;

		memcpy(&word, at, 8);
		wide = __builtin_ia32_crc32di(wide, word);
	}
	crc = (uint32_t)wide;
	while (len-- > 0)
		crc = __builtin_ia32_crc32qi(crc, *at++);
	return crc;
}

static bool processor_can(void)
{
	return __builtin_cpu_supports("sse4.2");
}
#else
static uint32_t by_processor(uint32_t crc, const unsigned char *at, size_t len)
{
	return by_tables(crc, at, len);
}

static bool processor_can(void)
{
	return false;
}
#endif

uint32_t crc32c(const void *bytes, size_t len)
{
	return ~(
		processor_can() ? by_processor(0xffffffffu, bytes, len) : by_tables(0xffffffffu, bytes, len));
}

uint32_t crc32c_by_tables(const void *bytes, size_t len)
{
	return ~by_tables(0xffffffffu, bytes, len);
}
