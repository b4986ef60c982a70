/* Uses the mathematics library's sqrt: that is not a callout of this library. */
#include <math.h>

#include "check.h"

int version(void)
{
    return HOOKS_VERSION;
}

int multi_threading_compatible(void)
{
    return 1;
}

int received(hooks_handle *handle)
{
    uint64_t number;
    CHECK(hooks_get_uint(handle, "packet.number", &number) == HOOKS_OK);
    return hooks_set_uint(handle, "packet.number", (uint64_t)sqrt((double)number));
}
