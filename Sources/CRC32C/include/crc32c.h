// CRC-32C (Castagnoli), with the processor's own instruction where it has one.
#ifndef KEELSTEP_CRC32C_H
#define KEELSTEP_CRC32C_H

#include <stddef.h>
#include <stdint.h>

// The CRC of bytes that follow those whose CRC is `crc`; 0 to begin with.
uint32_t keelstep_crc32c(uint32_t crc, const uint8_t *bytes, size_t count);

// The same without the instruction, to compare with.
uint32_t keelstep_crc32c_portable(uint32_t crc, const uint8_t *bytes, size_t count);

// The CRC of two pieces one after the other, of the CRC of each and the second's length.
uint32_t keelstep_crc32c_combine(uint32_t first, uint32_t second, uint64_t count_of_second);

#endif
