/* A library with a constructor, which runs before any function of it can be called. With RECORDS it has the section of the records
 * of a plugin in Rust, as they stand in that file; without, it is a plain C library. */
#include <hooks.h>
#include <stdio.h>

static void __attribute__((constructor)) begin(void) {
    FILE *mark = fopen(MARK, "w");
    if (mark != NULL) {
        fclose(mark);
    }
}

#ifdef RECORDS
__asm__(".section .hooks,\"a\",@progbits\n.incbin \"" RECORDS "\"\n.previous\n");
#else
int version(void);
int multi_threading_compatible(void);

int version(void) { return HOOKS_VERSION; }
int multi_threading_compatible(void) { return 1; }

#ifdef DATA
int received = 1;
#else
int received(hooks_handle *handle);
int received(hooks_handle *handle) { return handle == NULL; }
#endif
#endif
