/* Has a megabyte that a test fills with one letter; with a mixture of two it does not say the right version. */
#include "check.h"

#define SIZE 1048576

char filling[SIZE + 1] = "FILLING";

int version(void)
{
    for (int i = 1; i < SIZE; ++i) {
        if (filling[i] != filling[0]) {
            return 999;
        }
    }
    return HOOKS_VERSION;
}

int multi_threading_compatible(void)
{
    return 1;
}
