/* A library that does nothing. */
#include "check.h"

int version(void)
{
    return HOOKS_VERSION;
}

int multi_threading_compatible(void)
{
    return 1;
}
