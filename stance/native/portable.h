/* What compilers spell differently. */

#ifndef STANCE_PORTABLE_H
#define STANCE_PORTABLE_H

#include <stdint.h>
#include <stdlib.h>

#if defined(__unix__) || defined(__APPLE__)
#include <sys/mman.h>
#ifndef MAP_ANONYMOUS
#define MAP_ANONYMOUS MAP_ANON
#endif

/* Take memory of zeros from the system, from the start of a page, which it gets back at once: an allocator may keep it.
   Return NULL when there is none. */
static inline void *take_pages(size_t size)
{
    void *pages = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return pages == MAP_FAILED ? NULL : pages;
}

static inline void return_pages(void *pages, size_t size)
{
    if (pages)
        munmap(pages, size);
}
#else
static inline void *take_pages(size_t size)
{
    return calloc(size, 1);
}

static inline void return_pages(void *pages, size_t size)
{
    (void)size;
    free(pages);
}
#endif

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
