/* Answers what the packet's number asks for. */
#include <pthread.h>

#include "check.h"

static void *resolve(void *ticket)
{
    hooks_resume((hooks_ticket *)ticket);
    return NULL;
}

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
    int64_t number;
    hooks_ticket *ticket;
    pthread_t thread;
    CHECK(hooks_get_int(handle, "packet.number", &number) == HOOKS_OK);
    switch (number) {
    case 1:
        return hooks_set_status(handle, HOOKS_SKIP);
    case 2:
        CHECK(hooks_set_status(handle, HOOKS_DROP) == HOOKS_OK);
        CHECK(hooks_status(handle) == HOOKS_DROP);
        return hooks_set_status(handle, HOOKS_CONTINUE);
    case 3:
        return -5;
    case 4:
        CHECK(hooks_park(handle, &ticket) == HOOKS_OK);
        CHECK(hooks_set_status(handle, HOOKS_PARK) == HOOKS_OK);
        CHECK(pthread_create(&thread, NULL, resolve, ticket) == 0);
        return pthread_join(thread, NULL);
    case 5:
        CHECK(hooks_park(handle, &ticket) == HOOKS_OK);
        hooks_drop_request(ticket);
        return hooks_set_status(handle, HOOKS_PARK);
    case 6:
        CHECK(hooks_status(handle) == HOOKS_DROP);
        CHECK(hooks_set_status(handle, HOOKS_CONTINUE) == HOOKS_ERROR_REFUSED);
        return hooks_override_failure(handle, HOOKS_CONTINUE);
    default:
        return 0;
    }
}

int sent(hooks_handle *handle)
{
    hooks_ticket *ticket;
    CHECK_ERROR(handle, hooks_park(handle, &ticket), HOOKS_ERROR_REFUSED, "does not honour PARK");
    return 0;
}
