/* Preloaded: of the requests for memory that libbytestore makes, and nobody else, those fail that a test says. So the
 * library that is shipped runs out of memory, and its host does not. */
#include <errno.h>
#include <link.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

/* glibc's own, whatever stands before them. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *block, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

/* Where the library's code is. */
static uintptr_t code_start, code_end;
static atomic_ulong requests, failed;
static unsigned long first_to_fail;
static bool for_ever;
static atomic_bool armed;

static int look_at(struct dl_phdr_info *object, size_t size, void *unused) {
    (void)size;
    (void)unused;
    if (strstr(object->dlpi_name, "libbytestore.so") == NULL) {
        return 0;
    }
    for (size_t i = 0; i < object->dlpi_phnum; i++) {
        const ElfW(Phdr) *part = &object->dlpi_phdr[i];
        if (part->p_type == PT_LOAD && (part->p_flags & PF_X) != 0) {
            code_start = object->dlpi_addr + part->p_vaddr;
            code_end = code_start + part->p_memsz;
        }
    }
    return 1;
}

/* From the library's `first` request on one fails, or all. Gives 0 where there is no such library. */
int failing_arm(unsigned long first, int all) {
    dl_iterate_phdr(look_at, NULL);
    first_to_fail = first;
    for_ever = all != 0;
    atomic_store(&requests, 0);
    atomic_store(&failed, 0);
    atomic_store(&armed, true);
    return code_end != 0;
}

/* No more; gives how many failed. */
unsigned long failing_disarm(void) {
    atomic_store(&armed, false);
    return atomic_load(&failed);
}

static bool fails(const void *caller) {
    const uintptr_t address = (uintptr_t)caller;
    if (!atomic_load(&armed) || address < code_start || address >= code_end) {
        return false;
    }
    const unsigned long number = atomic_fetch_add(&requests, 1) + 1;
    const bool chosen = for_ever ? number >= first_to_fail : number == first_to_fail;
    if (chosen) {
        atomic_fetch_add(&failed, 1);
        errno = ENOMEM;
    }
    return chosen;
}

#define FAILS() fails(__builtin_return_address(0))

void *malloc(size_t size) { return FAILS() ? NULL : __libc_malloc(size); }

void *calloc(size_t count, size_t size) { return FAILS() ? NULL : __libc_calloc(count, size); }

void *realloc(void *block, size_t size) { return FAILS() ? NULL : __libc_realloc(block, size); }

void *aligned_alloc(size_t alignment, size_t size) { return FAILS() ? NULL : __libc_memalign(alignment, size); }

int posix_memalign(void **block, size_t alignment, size_t size) {
    if (FAILS()) {
        return ENOMEM;
    }
    *block = __libc_memalign(alignment, size);
    return *block == NULL ? ENOMEM : 0;
}

void *mmap(void *address, size_t len, int protection, int flags, int file, off_t offset) {
    if (FAILS()) {
        return MAP_FAILED;
    }
    return (void *)syscall(SYS_mmap, address, len, protection, flags, file, offset);
}

void *mmap64(void *address, size_t len, int protection, int flags, int file, off64_t offset) {
    if (FAILS()) {
        return MAP_FAILED;
    }
    return (void *)syscall(SYS_mmap, address, len, protection, flags, file, offset);
}
