/* A library that depends on another. */
#include "check.h"

extern int depended_upon(void);

int version(void)
{
    return depended_upon() == 7 ? HOOKS_VERSION : 0;
}

int multi_threading_compatible(void)
{
    return 1;
}
