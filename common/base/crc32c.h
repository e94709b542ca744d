#ifndef BASE_CRC32C_H
#define BASE_CRC32C_H

#include <stddef.h>
#include <stdint.h>

/* CRC-32C (Castagnoli), as iSCSI and ext4 have it: by the processor where it can, else eight tables. "123456789" is 0xe3069283. */
uint32_t crc32c(const void *bytes, size_t len);
uint32_t crc32c_by_tables(
	const void *bytes, size_t len); /* for tests: what a processor without it computes */

#endif
