#include "crc32c.h"

#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__) && defined(__linux__)
#include <sys/auxv.h>
#endif

// The polynomial, and every number here, has its bits in reverse: the highest bit is the coefficient of x^0.
static const uint32_t polynomial = 0x82F63B78;
static const uint32_t x_to_33 = 0x05EC76F1;

// shift[k] is x^(8 * 2^k - 33): times it, and times x^33, moves a remainder past 2^k bytes. It repeats after 31.
static const uint32_t shift[31] = {
    0xBF818109, 0x780D5A4D, 0x05EC76F1, 0x00000001, 0x493C7D27, 0xBA4FC28E, 0x9E4ADDF8, 0x0D3B6092,
    0xB9E02B86, 0xDD7E3B0C, 0x170076FA, 0xA51B6135, 0x82F89C77, 0x54A86326, 0x1DC403CC, 0x5AE703AB,
    0xC5013A36, 0xAC2AC6DD, 0x9B4615A9, 0x688D1C61, 0xF6AF14E6, 0xB6FFE386, 0xB717425B, 0x478B0D30,
    0x54CC62E5, 0x7B2102EE, 0x8A99ADEF, 0xA7568C8F, 0xD610D67E, 0x6B086B3F, 0xD94F3C0B,
};

static uint32_t multiply(uint32_t a, uint32_t b) {
    uint32_t product = 0;
    for (int bit = 31; bit >= 0; bit--) {
        if (b >> bit & 1) product ^= a;
        a = a & 1 ? a >> 1 ^ polynomial : a >> 1;
    }
    return product;
}

// a * b * x^33
static uint32_t multiply_33_portable(uint32_t a, uint32_t b) { return multiply(multiply(a, b), x_to_33); }

uint32_t keelstep_crc32c_portable(uint32_t crc, const uint8_t *bytes, size_t count) {
    crc = ~crc;
    for (size_t i = 0; i < count; i++) {
        crc ^= bytes[i];
        for (int bit = 0; bit < 8; bit++) crc = crc & 1 ? crc >> 1 ^ polynomial : crc >> 1;
    }
    return ~crc;
}

#if defined(__x86_64__)

#define NATIVE __attribute__((target("sse4.2,pclmul")))

static int has_native(void) { return __builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("pclmul"); }

NATIVE static uint32_t multiply_33(uint32_t a, uint32_t b) {
    __m128i product = _mm_clmulepi64_si128(_mm_cvtsi32_si128((int)a), _mm_cvtsi32_si128((int)b), 0);
    return (uint32_t)_mm_crc32_u64(0, (uint64_t)_mm_cvtsi128_si64(product));
}

static inline uint64_t word(const uint8_t *bytes) {
    uint64_t value;
    memcpy(&value, bytes, sizeof value);
    return value;
}

// Three lanes of 2^k bytes at once, because the instruction gives its result three cycles after it begins.
NATIVE static inline uint64_t lanes(uint64_t crc, const uint8_t *bytes, int k) {
    size_t length = (size_t)1 << k;
    uint64_t second = 0, third = 0;
    for (size_t i = 0; i < length; i += 8) {
        crc = _mm_crc32_u64(crc, word(bytes + i));
        second = _mm_crc32_u64(second, word(bytes + length + i));
        third = _mm_crc32_u64(third, word(bytes + 2 * length + i));
    }
    return multiply_33((uint32_t)crc, shift[k + 1]) ^ multiply_33((uint32_t)second, shift[k]) ^ third;
}

NATIVE static uint32_t native(uint32_t start, const uint8_t *bytes, size_t count) {
    uint64_t crc = (uint32_t)~start;
    for (; count >= 3 * 1024; bytes += 3 * 1024, count -= 3 * 1024) crc = lanes(crc, bytes, 10);
    for (; count >= 3 * 128; bytes += 3 * 128, count -= 3 * 128) crc = lanes(crc, bytes, 7);
    for (; count >= 8; bytes += 8, count -= 8) crc = _mm_crc32_u64(crc, word(bytes));
    for (; count > 0; bytes++, count--) crc = _mm_crc32_u8((uint32_t)crc, *bytes);
    return ~(uint32_t)crc;
}

#elif defined(__aarch64__) && defined(__linux__)

static int has_native(void) { return (getauxval(AT_HWCAP) & (1UL << 7)) != 0; }

static uint32_t multiply_33(uint32_t a, uint32_t b) { return multiply_33_portable(a, b); }

__attribute__((target("crc"))) static uint32_t native(uint32_t start, const uint8_t *bytes, size_t count) {
    uint32_t crc = ~start;
    for (; count >= 8; bytes += 8, count -= 8) {
        uint64_t value;
        memcpy(&value, bytes, sizeof value);
        crc = __builtin_arm_crc32cd(crc, value);
    }
    for (; count > 0; bytes++, count--) crc = __builtin_arm_crc32cb(crc, *bytes);
    return ~crc;
}

#else

static int has_native(void) { return 0; }
static uint32_t multiply_33(uint32_t a, uint32_t b) { return multiply_33_portable(a, b); }
static uint32_t native(uint32_t crc, const uint8_t *bytes, size_t count) {
    return keelstep_crc32c_portable(crc, bytes, count);
}

#endif

uint32_t keelstep_crc32c(uint32_t crc, const uint8_t *bytes, size_t count) {
    return has_native() ? native(crc, bytes, count) : keelstep_crc32c_portable(crc, bytes, count);
}

uint32_t keelstep_crc32c_combine(uint32_t first, uint32_t second, uint64_t count_of_second) {
    int fast = has_native();
    for (int k = 0; count_of_second > 0; k = k == 30 ? 0 : k + 1, count_of_second >>= 1) {
        if (!(count_of_second & 1)) continue;
        first = fast ? multiply_33(first, shift[k]) : multiply_33_portable(first, shift[k]);
    }
    return first ^ second;
}
