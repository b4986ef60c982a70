/* A variable that is named as a hook point, or as a standard function. */
#include "check.h"

#ifdef VERSION_IS_DATA
int version = HOOKS_VERSION;
#else
int version(void)
{
    return HOOKS_VERSION;
}

int sqrt = 2;
#endif

int multi_threading_compatible(void)
{
    return 1;
}
