/* Defines a function `sqrt` of its own: a callout. */
#include "check.h"

int version(void)
{
    return HOOKS_VERSION;
}

int multi_threading_compatible(void)
{
    return 1;
}

int sqrt(hooks_handle *handle)
{
    uint64_t count;
    CHECK(hooks_get_uint(handle, "count", &count) == HOOKS_OK);
    return hooks_set_uint(handle, "count", count + 1);
}
