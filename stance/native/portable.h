/* What compilers spell differently. */

#ifndef STANCE_PORTABLE_H
#define STANCE_PORTABLE_H

#include <stdint.h>

#ifdef _MSC_VER
#include <intrin.h>
#define ALWAYS_INLINE __forceinline
#define PREFETCH(address) _mm_prefetch((const char *)(address), _MM_HINT_T0)
#define EXCHANGE_POINTER(place, value) _InterlockedExchangePointer((void *volatile *)(place), (value))
static __forceinline int lowest_bit(unsigned bits)
{
    unsigned long index;
    _BitScanForward(&index, bits);
    return (int)index;
}
#else
#define ALWAYS_INLINE inline __attribute__((always_inline))
#define PREFETCH(address) __builtin_prefetch(address)
#define EXCHANGE_POINTER(place, value) __atomic_exchange_n((place), (value), __ATOMIC_ACQ_REL)
#define lowest_bit(bits) __builtin_ctz(bits)
#endif

#endif
