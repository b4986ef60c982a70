/*
 * A hook library in C for the DHCPv4 server: new leases live as long as the parameter "lifetime" says, in
 * seconds, and packets that have passed more than "hops" relay agents are dropped.
 *
 *     {"lifetime": 120, "hops": 4}
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hooks.h"

static unsigned long lifetime = 0;
static unsigned long hops = 16;

int version(void)
{
    return HOOKS_VERSION;
}

/* The parameters are only read once callouts run, so any number of threads may run them. */
int multi_threading_compatible(void)
{
    return 1;
}

/* The number behind "name" in the parameters; false if there is none. A real library would use a JSON parser. */
static bool number(const char *parameters, const char *name, unsigned long *value)
{
    char quoted[40];
    const char *found;
    char *end;
    snprintf(quoted, sizeof quoted, "\"%s\":", name);
    found = strstr(parameters, quoted);
    if (found == NULL) {
        return false;
    }
    found += strlen(quoted);
    *value = strtoul(found, &end, 10);
    return end != found;
}

int load(hooks_library *library)
{
    const char *parameters = hooks_library_parameters(library);
    if (!number(parameters, "lifetime", &lifetime) || lifetime == 0) {
        hooks_library_log(library, HOOKS_LOG_ERROR, "expected the parameter \"lifetime\", a number of seconds above 0");
        return 1;
    }
    number(parameters, "hops", &hops);
    return 0;
}

/* Named as the hook point: attached by itself. */
int pkt4_receive(hooks_handle *handle)
{
    uint64_t passed;
    if (hooks_get_uint(handle, "query4.hops", &passed) != HOOKS_OK) {
        return 1;
    }
    return passed > hops ? hooks_set_status(handle, HOOKS_DROP) : 0;
}

int lease4_select(hooks_handle *handle)
{
    char address[16], message[80];
    if (hooks_get_string(handle, "lease4.address", address, sizeof address, NULL) != HOOKS_OK
        || hooks_set_uint(handle, "lease4.valid_lifetime", lifetime) != HOOKS_OK) {
        hooks_log(handle, HOOKS_LOG_ERROR, hooks_last_error(handle));
        return 1;
    }
    snprintf(message, sizeof message, "%s is given for %lu seconds", address, lifetime);
    return hooks_log(handle, HOOKS_LOG_INFO, message);
}
