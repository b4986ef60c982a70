/* A callout whose symbol is not an ordinary function's: IFUNC, WEAK, THREAD_LOCAL or OLD_VERSION. */
#include "check.h"

#ifdef WEAK
#define KIND __attribute__((weak))
#else
#define KIND
#endif

KIND int version(void)
{
    return HOOKS_VERSION;
}

KIND int multi_threading_compatible(void)
{
    return 1;
}

#ifdef WEAK
/* Nobody defines it. */
extern int nowhere_to_be_found(void) __attribute__((weak));

int load(hooks_library *library)
{
    (void)library;
    return nowhere_to_be_found ? nowhere_to_be_found() : 0;
}
#endif

#ifdef THREAD_LOCAL
__thread int received = 1;
#elif defined(OLD_VERSION)
int old_root(hooks_handle *handle)
{
    return hooks_set_status(handle, HOOKS_DROP);
}
__asm__(".symver old_root,sqrt@OLD");
#elif defined(IFUNC)
static int drop(hooks_handle *handle)
{
    return hooks_set_status(handle, HOOKS_DROP);
}

static int (*choose(void))(hooks_handle *)
{
    return drop;
}

int received(hooks_handle *handle) __attribute__((ifunc("choose")));
#else
KIND int received(hooks_handle *handle)
{
    return hooks_set_status(handle, HOOKS_DROP);
}
#endif
