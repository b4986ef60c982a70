// A heap on which a wrong access shows at once, and every time.
//
// While `guarded` is set, each block gets a page of its own, and ends where the page ends. The next page can never be
// touched, and neither can the block's own page once the block is freed. So the reference's own binaries, which no
// sanitizer has instrumented, die at the first access that they must not make. Included by one file of a program.
#pragma once

#include <sys/mman.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>

namespace guarded_heap {

constexpr size_t PAGE = 4096;
constexpr size_t BLOCKS = 16384;

inline std::atomic<bool> guarded{false};
inline std::atomic<size_t> used{0};
inline std::atomic<bool> freed[BLOCKS];

// Two pages a block; the second of them is never accessible.
inline char* region() {
    static char* const start = static_cast<char*>(
        mmap(nullptr, BLOCKS * 2 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0));
    return (start);
}

// The number of the block at the address or before it; BLOCKS if the address is elsewhere.
inline size_t block_of(const void* address) {
    const uintptr_t offset = reinterpret_cast<uintptr_t>(address) - reinterpret_cast<uintptr_t>(region());
    return (offset < BLOCKS * 2 * PAGE ? offset / (2 * PAGE) : BLOCKS);
}

inline void* allocate(size_t size) {
    if (guarded && size <= PAGE) {
        const size_t block = used++;
        char* const page = region() + block * 2 * PAGE;
        if (block < BLOCKS && mprotect(page, PAGE, PROT_READ | PROT_WRITE) == 0) {
            return (page + PAGE - (size + 15) / 16 * 16);
        }
        std::abort();
    }
    void* const memory = std::malloc(size);
    if (memory == nullptr) {
        throw std::bad_alloc();
    }
    return (memory);
}

inline void release(void* memory) {
    const size_t block = block_of(memory);
    if (block == BLOCKS) {
        std::free(memory);
        return;
    }
    freed[block] = true;
    if (mprotect(region() + block * 2 * PAGE, PAGE, PROT_NONE) != 0) {
        std::abort();
    }
}

// What an access was that has failed, by its address.
inline const char* blame(const void* address) {
    const size_t block = block_of(address);
    if (address == nullptr) {
        return ("crashed: it called the function at address 0");
    } else if (block == BLOCKS || block >= used) {
        return ("crashed: it touched memory that is not mapped");
    } else if (freed[block]) {
        return ("crashed: it read memory that had been freed");
    }
    return ("crashed: it read past the end of a block of memory");
}

} // namespace guarded_heap

void* operator new(size_t size) { return (guarded_heap::allocate(size)); }
void operator delete(void* memory) noexcept { guarded_heap::release(memory); }
void operator delete(void* memory, size_t) noexcept { guarded_heap::release(memory); }
