/* Statuses, extra arguments, contexts, tickets, registrations, commands, and lines of the log. */
#include <stdlib.h>

#include "check.h"

static int destroyed = 0;

static void destroy(void *value)
{
    destroyed += *(int *)value;
    free(value);
}

/* Registered by `load` for the hook point `sent`. */
static int second(hooks_handle *handle)
{
    int64_t number;
    CHECK(hooks_get_extra_int(handle, "number", &number) == HOOKS_OK);
    return hooks_set_int(handle, "packet.number", number + 1);
}

static int forget(hooks_handle *handle)
{
    hooks_library *library = hooks_handle_library(handle);
    CHECK(hooks_deregister_callout(library, "sent", second) == HOOKS_OK);
    CHECK(hooks_deregister_callout(library, "sent", second) == HOOKS_ERROR_NOT_FOUND);
    return 0;
}

static int answer(hooks_handle *handle)
{
    char name[40];
    CHECK(hooks_get_string(handle, "command.name", name, sizeof name, NULL) == HOOKS_OK);
    CHECK(strcmp(name, "c-answer") == 0);
    return hooks_set_string(handle, "response.json", "{\"result\":0,\"text\":\"from C\"}");
}

int version(void)
{
    return HOOKS_VERSION;
}

int multi_threading_compatible(void)
{
    return 1;
}

int load(hooks_library *library)
{
    CHECK(hooks_register_callout(library, "sent", second) == HOOKS_OK);
    CHECK(hooks_register_callout(library, "lenient", forget) == HOOKS_OK);
    CHECK(hooks_register_command_callout(library, "c-answer", answer) == HOOKS_OK);
    CHECK(hooks_register_hook(library, "c_hook_of_its_own") == HOOKS_OK);
    CHECK(hooks_register_callout(library, "nowhere", second) == HOOKS_ERROR_REFUSED);
    CHECK(strstr(hooks_library_last_error(library), "no hook point has the name `nowhere`") != NULL);
    CHECK(hooks_register_callout(library, "sent", NULL) == HOOKS_ERROR_INVALID);
    CHECK(hooks_register_hook(library, "$command") == HOOKS_ERROR_REFUSED);
    CHECK(hooks_deregister_all_callouts(library, "nowhere") == HOOKS_ERROR_NOT_FOUND);
    CHECK(hooks_library_log(library, HOOKS_LOG_INFO, "loaded, says C") == HOOKS_OK);
    return 0;
}

/* What another language has put there, and what it finds. */
int received(hooks_handle *handle)
{
    char text[20];
    int64_t number;
    bool flag;
    double ratio;
    CHECK(hooks_get_extra_int(handle, "narrow", &number) == HOOKS_OK && number == 3);
    CHECK(hooks_get_extra_string(handle, "text", text, sizeof text, NULL) == HOOKS_OK && strcmp(text, "Rust") == 0);
    CHECK(hooks_get_extra_bool(handle, "flag", &flag) == HOOKS_OK && flag);
    CHECK(hooks_get_extra_double(handle, "ratio", &ratio) == HOOKS_OK && ratio == 0.5);
    CHECK_ERROR(handle, hooks_get_extra_int(handle, "text", &number), HOOKS_ERROR_TYPE, "not an integer");
    CHECK_ERROR(handle, hooks_get_extra_int(handle, "none", &number), HOOKS_ERROR_NOT_FOUND, "there are: narrow");
    CHECK_ERROR(handle, hooks_set_extra_int(handle, "packet", 1), HOOKS_ERROR_REFUSED, "declares it");
    CHECK(hooks_delete_extra(handle, "flag") == HOOKS_OK);
    CHECK(hooks_delete_extra(handle, "flag") == HOOKS_ERROR_NOT_FOUND);
    CHECK(hooks_set_extra_int(handle, "number", 41) == HOOKS_OK);
    CHECK(hooks_set_extra_string(handle, "text", "C") == HOOKS_OK);
    CHECK(hooks_log(handle, HOOKS_LOG_WARN, "received, says C") == HOOKS_OK);
    return 0;
}

/* A pointer in the context of the request. */
int narrow(hooks_handle *handle)
{
    void *value;
    int *kept;
    if (hooks_get_context(handle, "kept", &value) == HOOKS_OK) {
        int64_t number;
        CHECK(hooks_get_int(handle, "packet.number", &number) == HOOKS_OK);
        *(int *)value += 1;
        return hooks_set_int(handle, "packet.number", number + *(int *)value);
    }
    kept = malloc(sizeof *kept);
    CHECK(kept != NULL);
    *kept = 1;
    return hooks_set_context(handle, "kept", kept, destroy);
}

/* How many pointers have been given back, by the sum of what they pointed to. */
int tolerant(hooks_handle *handle)
{
    return hooks_set_int(handle, "packet.number", destroyed);
}
