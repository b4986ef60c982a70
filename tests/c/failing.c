/*
 * Fails at `received` if the packet's number is 1, and otherwise says where it was called: in the packet's text, and in the file
 * JOURNAL where there is no packet.
 */
#include <stdlib.h>

#include "check.h"

static int append(hooks_handle *handle, const char *what)
{
    char text[100];
    size_t length;
    CHECK(hooks_get_string(handle, "packet.text", text, sizeof text - 2, &length) == HOOKS_OK);
    strcpy(text + length, what);
    return hooks_set_string(handle, "packet.text", text);
}

int version(void)
{
    return HOOKS_VERSION;
}

int multi_threading_compatible(void)
{
    return 1;
}

int context_create(hooks_handle *handle)
{
    return hooks_set_context(handle, "kept", malloc(64), free);
}

int context_destroy(hooks_handle *handle)
{
    void *kept;
    FILE *file = fopen(JOURNAL, "a");
    CHECK(file != NULL);
    fprintf(file, "destroy %d\n", hooks_get_context(handle, "kept", &kept));
    return fclose(file);
}

int received(hooks_handle *handle)
{
    int64_t number;
    CHECK(hooks_get_int(handle, "packet.number", &number) == HOOKS_OK);
    if (number == 1) {
        return 17;
    }
    return append(handle, "r");
}

int sent(hooks_handle *handle)
{
    return append(handle, "s");
}
