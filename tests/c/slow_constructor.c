/* A library whose constructor takes as long as a file stays away; it gives up after ten seconds, and takes its mark away. */
#include <hooks.h>
#include <stdio.h>
#include <unistd.h>

static void __attribute__((constructor)) begin(void) {
    FILE *mark = fopen(MARK, "w");
    if (mark != NULL) {
        fclose(mark);
    }
    for (int i = 0; access(GO, F_OK) != 0; i++) {
        if (i == 1000) {
            remove(MARK);
            return;
        }
        usleep(10000);
    }
}

int version(void);
int multi_threading_compatible(void);

int version(void) { return HOOKS_VERSION; }
int multi_threading_compatible(void) { return 1; }
